"""What ``%%stream`` costs a kernel at full speed, beside a bare loop over the SDK in the same kernel.

The answer comes in pieces of 4 characters from a server in another process, as fast as it is read.  Counted
are the CPU seconds of the kernel, all threads, less those of an empty cell; the two ways take turns, and what
is told is the median of the ratios of all rounds.
"""

from __future__ import annotations

from typing import Any

from .far_end import far_end
from .figures import Row, answer, middle, show
from .kernels import BARE, kernel

SIZES = {20_000: 9, 200_000: 3, 1_000_000: 1}  # characters: rounds
LARGEST_BARE = 200_000  # beyond, a bare loop takes most of a minute
GROWTH = {200_000: 11.0, 1_000_000: 55.0}
LIMITS = {"openai": 0.25, "gemini": 0.2}


def costs(provider: str, size: int, rounds: int) -> tuple[list[float], list[float]]:
    """Return the CPU seconds of both ways in each round after a first; a bare loop too long has none."""
    bare = BARE[provider].format(url="{url}", each="pass")
    ways = {"empty": "answer = ''", "bare": bare, "ours": f"%%stream {provider}:m --base-url {{url}}\nhi"}
    if size > LARGEST_BARE:
        del ways["bare"]
    spent: dict[str, list[float]] = {way: [] for way in ("empty", "bare", "ours")}
    with far_end(text=answer(size), chunk=4) as urls, kernel("%load_ext streamnb") as started:
        for _ in range(rounds + 1):
            for way, code in ways.items():
                seen = started.cost(code.replace("{url}", urls[provider]), page=True)
                assert way == "empty" or int(seen.values["length"]) == size
                spent[way].append(seen.cpu)
    empty = min(spent["empty"])
    bare_s, ours_s = ([cpu - empty for cpu in spent[way][1:]] for way in ("bare", "ours"))
    return bare_s, ours_s


def main() -> list[dict[str, Any]]:
    """Measure both wires, and how the cost grows with the answer."""
    table: list[dict[str, Any]] = []
    for provider in ("openai", "gemini"):
        rows: list[Row] = []
        ours: dict[int, float] = {}
        for size, rounds in SIZES.items():
            bare, streamed = costs(provider, size, rounds)
            ours[size] = middle(streamed)
            if bare:
                what = f"{provider}, {size // 1000:,} KB at full speed: CPU / bare loop"
                ratio = middle(cpu / other for cpu, other in zip(streamed, bare, strict=True))
                rows.append(Row("5", what, ratio, LIMITS[provider], detail=f"bare {middle(bare):.3f} s"))
        for size, limit in GROWTH.items():
            grown = ours[size] / ours[20_000]
            detail = f"{ours[20_000]:.3f} s, {ours[size]:.3f} s"
            rows.append(
                Row("1", f"{provider}, CPU at {size // 1000:,} KB / at 20 KB", grown, limit, detail=detail)
            )
        table += show(rows)
    return table


if __name__ == "__main__":
    main()
