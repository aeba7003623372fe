"""What live Markdown costs, as ratios to one render of the whole text.

Run it with ``python -m tests.benchmarks.bench_markdown``; ``--repair`` measures with the repair of the tail.
A frame brings 28 characters (7 chunks of 4), and nothing is skipped: every frame is rendered.  Ratios are CPU
seconds of the whole stream by CPU seconds of one render, so they hardly depend on the machine; patches are
measured in bytes of their JSON by bytes of the final HTML.

The nasty texts are given in CPU seconds: fed and closed as one piece, and then as 30 pieces a second through
the painter's own ``Pacer``, whose clock is moved on by what each frame costs.  Of that: the share of the time
that frames took, the worst frame, the longest time without one, and what was left to do at the end.

The growing texts come last: each kind at several sizes, with what twice the text costs, what it costs beside
a mixed answer of its length, and the characters of its patches by those of its HTML.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from streamnb.core.events import TextDelta
from streamnb.markdown import LiveMarkdown, Patch
from streamnb.markdown.parser import new_parser
from streamnb.views.pacing import Pacer

__all__ = ["main"]

FRAME = 28
SIZE = 100_000
PER_SECOND = 30
GROWTH_KB = (8, 16, 32)
ANSWER = Path(__file__).parents[1] / "markdown" / "fixtures" / "live" / "answer.md"
_WORDS = "words and **bold** and more `words` in a [paragraph](https://example.org) that goes on"
_CODE = "def f(x, y):\n    return x < y and x & 3  # a comment\n\n"


def texts() -> Iterator[tuple[str, str, float]]:
    """Yield name, text and the highest ratio that is wanted."""
    answer = ANSWER.read_text("utf-8")
    yield "answer, 20 KB", (answer * 20)[:20_000], 15
    yield "answer, 100 KB", (answer * 80)[:SIZE], 15
    for name, head, line, limit in (
        ("open fence", "```\n", _CODE, 4),
        ("open fence, python", "```python\n", _CODE, 4),
        ("list", "", f"- item with {_WORDS}\n", 30),
        ("list, loose", "", f"1. item with {_WORDS}\n\n", 30),
        ("list, nested", "", f"- {_WORDS}\n  - {_WORDS}\n", 30),
        ("list in a list", "1. a\n", f"   - {_WORDS}\n", 30),
        ("one item", "- a\n\n", f"  {_WORDS}\n\n", 30),
        ("fences in a list", "", "- step\n\n  ```python\n  x = 1\n  y = f(x)\n  ```\n\n", 30),
        ("formulas in a list", "", f"- {_WORDS}\n\n  $$\n  x^2 + y^2\n  $$\n\n", 30),
        ("table", "| a | b | c |\n|---|---|---|\n", "| cell one | cell **two** | cell `three` |\n", 30),
        ("paragraph", "", f"{_WORDS}\n", 30),
        ("paragraph, one line", "", f"{_WORDS} ", 30),
        ("quote", "", f"> {_WORDS}\n", 30),
        ("quote, paragraphs", "", f"> {_WORDS}\n>\n", 30),
        ("list in a quote", "", f"> - {_WORDS}\n", 30),
        ("definitions", "x\n\n", "[label]: https://example.org/a/page\n", 30),
    ):
        yield name, (head + line * (SIZE // len(line)))[:SIZE], limit


def growing() -> Iterator[tuple[str, str, str]]:
    """Yield name, head and what is repeated behind it; the first is what the others are compared with."""
    yield "answer", "", ANSWER.read_text("utf-8")
    yield "paragraph", "", f"{_WORDS}\n"
    yield "paragraph without blanks", "", "这是一个没有空格的长段落，里面有**加粗**的字和`代码`，一直写下去。"
    yield "list", "", f"- item with {_WORDS}\n"
    yield "list, nested", "", f"- {_WORDS}\n  - {_WORDS}\n    - {_WORDS}\n"
    yield "fence", "```python\n", _CODE
    yield "fence in an item", "- step\n\n  ```python\n", "  x = f(y)  # a comment\n"
    yield "table", "| a | b | c |\n|---|---|---|\n", "| cell one | cell **two** | cell `three` |\n"
    yield "quote", "", f"> {_WORDS}\n"
    yield "list with footnotes", "[^1]: a note\n\n", "- a point with some words and a note[^1]\n"
    yield "emphasis over a block", "**", "words that go on and on in a row, and more of them "
    yield "heading", "# ", "words that go on and on in a row, and **more** of them "
    yield "formulas", "", "The value $x^2 + y_1$ is $\\frac{a}{b}$.\n\n$$\n\\int_0^1 f(x) dx\n$$\n\n"
    yield "[", "", "["
    yield "![", "", "!["
    yield "quotes", "", ">"


def nasty() -> Iterator[tuple[str, str]]:
    """Yield name and text."""
    yield "50,000 [", "[" * 50_000
    yield "20,000 ![", "![" * 20_000
    yield "5,000 quotes", ">" * 5_000 + " x"
    yield "5,000 list markers", "- " * 5_000 + "x"
    yield "table, 300 by 300", "|" + "a|" * 300 + "\n|" + "-|" * 300 + "\n" + "|\n" * 300
    yield "20,000 [^ and a note", "[^1]: a note\n\n" + "[^" * 20_000
    yield "10,000 [a](", "[a](" * 10_000
    yield "20,000 *a", "*a " * 20_000
    yield "list, 300 deep", "".join(" " * 2 * depth + "- a\n" for depth in range(300))


def growth(repair: bool) -> list[dict[str, Any]]:
    """Measure what twice the text costs, beside an answer of its length, and what its patches weigh."""
    print(f"\n{'growing text':28}{'KB':>4}{'live':>10}{'growth':>9}{'/ answer':>10}{'patches':>9}", end="")
    print("   wanted: 2.2, 4, 4")
    rows: list[dict[str, Any]] = []
    answers: dict[int, float] = {}
    for name, head, unit in growing():
        before = 0.0
        for size in GROWTH_KB:
            text = (head + unit * (size * 1024 // len(unit) + 1))[: size * 1024]
            live, sent = LiveMarkdown(repair=repair), 0
            start = time.process_time()
            for position in range(0, len(text), FRAME):
                patch = live.feed(text[position : position + FRAME])
                sent += len(patch.tail) + sum(map(len, patch.seal)) + sum(map(len, patch.fix.values()))
            live.close()
            spent = time.process_time() - start
            answers.setdefault(size, spent)
            row = {
                "name": name,
                "kilobytes": size,
                "live": spent,
                "growth": spent / before if before else None,
                "by_answer": spent / answers[size],
                "patches": sent / len(live.html),
            }
            grown = f"{row['growth']:9.2f}" if before else " " * 9
            print(f"{name:28}{size:4}{spent:8.2f} s{grown}", end="")
            print(f"{row['by_answer']:10.1f}{row['patches']:9.1f}", flush=True)
            rows.append(row)
            before = spent
    return rows


def main(repair: bool = False) -> list[dict[str, Any]]:
    """Measure everything, print a table, return its rows."""
    heads = f"{'text':24}{'one render':>12}{'live':>12}{'ratio':>9}{'wanted':>9}{'worst frame':>14}"
    print(f"{heads}{'patches':>10}")
    rows = [_ratio(name, text, limit, repair) for name, text, limit in texts()]
    print(f"\n{'nasty text':24}{'one render':>12}{'one piece':>12}{'paced':>12}{'worst frame':>14}", end="")
    print(f"{'pause':>12}{'last':>12}")
    rows += [_seconds(name, text, repair) for name, text in nasty()]
    return rows + growth(repair)


def _ratio(name: str, text: str, limit: float, repair: bool) -> dict[str, Any]:
    html, once = _once(text)
    pieces = [text[position : position + FRAME] for position in range(0, len(text), FRAME)]
    live = LiveMarkdown(repair=repair)
    start = time.process_time()
    for piece in pieces:
        live.feed(piece)
    live.close()
    spent = time.process_time() - start
    assert live.html == html
    sent, worst = _frames(pieces, repair)
    size = sum(len(json.dumps(patch.to_json(), ensure_ascii=False).encode()) for patch in sent)
    row = {
        "name": name,
        "one_render": once,
        "live": spent,
        "ratio": spent / once,
        "wanted": limit,
        "worst_frame": worst,
        "patches": size / max(len(html.encode()), len(text.encode())),  # definitions have no HTML
    }
    print(
        f"{name:24}{once * 1000:9.1f} ms{spent * 1000:9.1f} ms{row['ratio']:9.1f}{limit:9.0f}"
        f"{worst * 1000:11.1f} ms{row['patches']:10.2f}",
        flush=True,
    )
    return row


def _frames(pieces: list[str], repair: bool) -> tuple[list[Patch], float]:
    """Return the patches of a stream and the CPU seconds of its worst frame."""
    live, sent, worst = LiveMarkdown(repair=repair), list[Patch](), 0.0
    for piece in pieces:
        start = time.process_time()
        sent.append(live.feed(piece))
        worst = max(worst, time.process_time() - start)
    return [*sent, live.close()], worst


def _seconds(name: str, text: str, repair: bool) -> dict[str, Any]:
    html, once = _once(text, times=1)
    live = LiveMarkdown(repair=repair)
    whole = _timed(lambda: live.feed(text)) + _timed(live.close)
    assert live.html == html
    paced = _paced(text, LiveMarkdown(repair=repair))
    share, worst, pause, last = paced.values()
    print(
        f"{name:24}{once:10.2f} s{whole:10.2f} s{share:12.1%}{worst:12.2f} s{pause:10.1f} s{last:10.2f} s",
        flush=True,
    )
    return {"name": name, "one_render": once, "whole": whole, **paced}


def _paced(text: str, live: LiveMarkdown) -> dict[str, float]:
    """Show a text that comes in pieces at a steady rate, on a clock of our own."""
    pieces = [TextDelta(text[position : position + FRAME]) for position in range(0, len(text), FRAME)]
    pacer, now, come, painted = Pacer(PER_SECOND, 0.0), 0.0, 0, 0.0
    costs, pauses = [0.0], [0.0]
    while come < len(pieces):
        arrived = min(int(now * PER_SECOND) + 1, len(pieces))
        pacer.feed(pieces[come:arrived], now)
        come = arrived
        if pacer.due(now):
            costs.append(_timed(lambda: _feed(live, pacer)))
            pauses.append(now - painted)
            painted, now = now, now + costs[-1]
            pacer.painted(painted, now)
        else:
            now = max(come / PER_SECOND, now) + 1e-6
    last = _timed(lambda: _feed(live, pacer)) + _timed(live.close)
    return {"share": sum(costs) / now, "worst_frame": max(costs), "pause": max(pauses), "last": last}


def _feed(live: LiveMarkdown, pacer: Pacer) -> None:
    live.feed("".join(event.text for event in pacer.take() if isinstance(event, TextDelta)))


def _timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _once(text: str, times: int = 3) -> tuple[str, float]:
    """Return the HTML of a text and the CPU seconds of one render, the best of some."""
    parser, best, html = new_parser(), float("inf"), ""
    for _ in range(times):
        start = time.process_time()
        html = parser.render(text)
        best = min(best, time.process_time() - start)
    return html, best


if __name__ == "__main__":
    main("--repair" in sys.argv[1:])
