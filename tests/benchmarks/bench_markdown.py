"""What live Markdown costs, as ratios to one render of the whole text.

Run it with ``python -m tests.benchmarks.bench_markdown``; ``--repair`` measures with the repair of the tail.
A frame brings 28 characters (7 chunks of 4), and nothing is skipped: every frame is rendered.  Ratios are CPU
seconds of the whole stream by CPU seconds of one render, so they hardly depend on the machine; patches are
measured in bytes of their JSON by bytes of the final HTML.

The nasty texts are given in CPU seconds: fed and closed as one piece, and then as 30 pieces a second through
the painter's own ``Pacer``, whose clock is moved on by what each frame costs.  Of that: the share of the time
that frames took, the worst frame, the longest time without one, and what was left to do at the end.

The growing texts come last, always with the repair, as a page shows them: each kind at several sizes, with
what twice the text costs, what it costs beside a mixed answer of its length, the characters of its patches by
those of its HTML, and the work for each of its characters, as the engine counts it.  What only a stranger
or somebody who wants it slow would try ends at 32 KB.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from streamnb.core.events import TextDelta
from streamnb.markdown import LiveMarkdown, Patch
from streamnb.markdown.parser import new_parser
from streamnb.markdown.work_counter import WorkCounter
from streamnb.views.pacing import Pacer
from tests.markdown.growing import ANSWER, HOSTILE_KINDS, KINDS, STRANGE_KINDS, growing, pieces

__all__ = ["main"]

SIZE = 100_000
PER_SECOND = 30
GROWTH_KB = (8, 16, 32, 64, 128)
STRANGE_KB = (8, 16, 32)
JOINED = ("recorded answers, joined",) if "STREAMNB_SHARED" in os.environ else ()
_WORDS = "words and **bold** and more `words` in a [paragraph](https://example.org) that goes on"
_CODE = "def f(x, y):\n    return x < y and x & 3  # a comment\n\n"


def texts() -> Iterator[tuple[str, str, float]]:
    """Yield name, text and the highest ratio that is wanted."""
    answer = ANSWER.read_text("utf-8")
    yield "answer, 20 KB", (answer * 20)[:20_000], 10
    yield "answer, 100 KB", (answer * 80)[:SIZE], 10
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


def growth() -> list[dict[str, Any]]:
    """Measure what twice the text costs, beside an answer of its length, and what its patches weigh."""
    print(
        f"\n{'growing text':36}{'KB':>4}{'live':>10}{'growth':>9}{'/ answer':>10}{'patches':>9}{'work':>8}",
        end="",
    )
    print("   wanted: 2.2, 4, 4")
    rows: list[dict[str, Any]] = []
    answers: dict[int, float] = {}
    for name in (*KINDS, *JOINED, *STRANGE_KINDS, *HOSTILE_KINDS):
        before = 0.0
        for size in STRANGE_KB if name in STRANGE_KINDS | HOSTILE_KINDS else GROWTH_KB:
            row = _grown(name, _joined(size * 1024) if name in JOINED else growing(name, size * 1024))
            spent = row["live"]
            answers.setdefault(size, spent)
            row |= {
                "kilobytes": size,
                "growth": spent / before if before else None,
                "by_answer": spent / answers[size],
            }
            grown = f"{row['growth']:9.2f}" if before else " " * 9
            print(f"{name:36}{size:4}{spent:8.2f} s{grown}", end="")
            print(f"{row['by_answer']:10.1f}{row['patches']:9.1f}{row['work']:8.1f}", flush=True)
            rows.append(row)
            before = spent
    return rows


def _grown(name: str, text: str) -> dict[str, Any]:
    live, sent = LiveMarkdown(), 0
    start = time.process_time()
    for piece in pieces(text):
        patch = live.feed(piece)
        sent += len(patch.tail) + sum(map(len, patch.seal)) + sum(map(len, patch.fix.values()))
    patch = live.close()
    spent = time.process_time() - start
    sent += len(patch.tail) + sum(map(len, patch.seal)) + sum(map(len, patch.fix.values()))
    work = WorkCounter()
    counting = LiveMarkdown(work=work)
    for piece in pieces(text):
        counting.feed(piece)
    counting.close()
    patches = sent / (len(live.html) or len(text))  # definitions have no HTML
    return {"name": name, "live": spent, "patches": patches, "work": work.total / len(text)}


def _joined(characters: int) -> str:
    """Return recorded answers, one below the other."""
    file = Path(os.environ["STREAMNB_SHARED"]) / "answers" / "answers.jsonl"
    texts = (json.loads(line)["text"] for line in file.read_text("utf-8").splitlines())
    return "\n\n".join(texts)[:characters]


def main(repair: bool = False) -> list[dict[str, Any]]:
    """Measure everything, print a table, return its rows."""
    heads = f"{'text':24}{'one render':>12}{'live':>12}{'ratio':>9}{'wanted':>9}{'worst frame':>14}"
    print(f"{heads}{'patches':>10}")
    rows = [_ratio(name, text, limit, repair) for name, text, limit in texts()]
    print(f"\n{'nasty text':24}{'one render':>12}{'one piece':>12}{'paced':>12}{'worst frame':>14}", end="")
    print(f"{'pause':>12}{'last':>12}")
    rows += [_seconds(name, text, repair) for name, text in nasty()]
    return rows + growth()


def _ratio(name: str, text: str, limit: float, repair: bool) -> dict[str, Any]:
    html, once = _once(text)
    live = LiveMarkdown(repair=repair)
    start = time.process_time()
    for piece in pieces(text):
        live.feed(piece)
    live.close()
    spent = time.process_time() - start
    assert live.html == html
    sent, worst = _frames(pieces(text), repair)
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


def _frames(frames: list[str], repair: bool) -> tuple[list[Patch], float]:
    """Return the patches of a stream and the CPU seconds of its worst frame."""
    live, sent, worst = LiveMarkdown(repair=repair), list[Patch](), 0.0
    for piece in frames:
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
    events = [TextDelta(piece) for piece in pieces(text)]
    pacer, now, come, painted = Pacer(PER_SECOND, 0.0), 0.0, 0, 0.0
    costs, pauses = [0.0], [0.0]
    while come < len(events):
        arrived = min(int(now * PER_SECOND) + 1, len(events))
        pacer.feed(events[come:arrived], now)
        come = arrived
        if pacer.is_due(now):
            costs.append(_timed(lambda: _feed(live, pacer)))
            pauses.append(now - painted)
            painted, now = now, now + costs[-1]
            pacer.note_painted(painted, now)
        else:
            now = max(come / PER_SECOND, now) + 1e-6
    last = _timed(lambda: _feed(live, pacer)) + _timed(live.close)
    return {"share": sum(costs) / now, "worst_frame": max(costs), "pause": max(pauses), "last": last}


def _feed(live: LiveMarkdown, pacer: Pacer) -> None:
    live.feed("".join(event.text for event in pacer.take_frame() if isinstance(event, TextDelta)))


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
