"""What a stream costs at 200 chunks a second, and when its first text shows.

CPU is that of the kernel, all threads, in points of one core above a bare loop of the same run.  Messages and
bytes are what the front end gets: once a page with widgets that has shown an answer before, once a runner of
notebooks.  The first text is timed at the message that brings it, beside a bare loop that prints it at once;
the two take turns.
"""

from __future__ import annotations

from typing import Any

from streamnb.core.reply import Reply
from streamnb.render.snapshot import bundle

from .far_end import far_end
from .figures import Row, answer, middle, show
from .kernels import BARE, Kernel, kernel

SIZE = 8_000  # characters, 4 a chunk: ten seconds
DELAY = 0.005
TRIES = 11
# A page gets what is new; an output without a widget is replaced as a whole, four times a second.
MAX_SIZE_RATIO = {"page": 5, "runner": 20}
WORD = answer(4)


def steady(provider: str) -> list[Row]:
    """Measure a stream of 200 chunks a second in both kinds of front end."""
    rows = []
    with far_end(text=answer(SIZE), chunk=4, delay=DELAY) as urls, kernel() as started:
        url = urls[provider]
        bare_code = BARE[provider].format(url=url, each="pass")
        ours_code = f"%%stream {provider}:m --base-url {url}\nhi"
        started.run("%%stream demo:haiku\nhi", page=True)  # with the code that a page gets once
        bare = started.cost(bare_code)
        final = len(bundle(Reply(answer(SIZE))).data["text/html"].encode())
        for where, page in (("page", True), ("runner", False)):
            seen = started.cost(ours_code, page=page)
            points = 100 * (seen.cpu / seen.seconds - bare.cpu / bare.seconds)
            detail = f"bare {100 * bare.cpu / bare.seconds:.0f} points"
            name = f"{provider}, 200 chunks/s, {where}"
            rows += [
                Row("2", f"{name}: points of a core above the bare loop", points, 5, detail=detail),
                Row("2", f"{name}: messages a second", seen.messages / seen.seconds, 35),
                Row(
                    "2",
                    f"{name}: bytes to the front end / final HTML",
                    seen.size / final,
                    MAX_SIZE_RATIO[where],
                ),
            ]
    return rows


def first_text(provider: str) -> list[Row]:
    """Measure how much later than a bare loop the first text is there, in milliseconds."""
    with far_end(text=answer(400), chunk=4, delay=0.002, first_delay=0.1) as urls, kernel() as started:
        url = urls[provider]
        printed = "print(parts[0], flush=True) if len(parts) == 1 else None"
        ways: dict[str, tuple[str, bool]] = {
            "bare": (BARE[provider].format(url=url, each=printed), False),
            "page": (f"%%stream {provider}:m --base-url {url}\nhi", True),
            "runner": (f"%%stream {provider}:m --base-url {url}\nhi", False),
        }
        times: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(TRIES + 2):
            for name, (code, page) in ways.items():
                times[name].append(_first(started, code, page))
    late = {name: 1000 * (middle(times[name][2:]) - middle(times["bare"][2:])) for name in ("page", "runner")}
    return [
        Row("3", f"{provider}, first text after the bare loop's, {where}", ms, 10, "ms")
        for where, ms in late.items()
    ]


def _first(started: Kernel, code: str, page: bool) -> float:
    seen = started.run(code, word=WORD, page=page)
    assert seen.first is not None
    return seen.first


def main() -> list[dict[str, Any]]:
    """Measure both wires."""
    rows: list[dict[str, Any]] = []
    for provider in ("openai", "gemini"):
        rows += show(steady(provider)) + show(first_text(provider))
    return rows


if __name__ == "__main__":
    main()
