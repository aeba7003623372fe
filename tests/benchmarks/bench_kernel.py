"""What ``%%stream`` costs a kernel at full speed, beside a bare loop over the SDK in the same kernel.

The answer comes in pieces of 4 characters from a server in another process, as fast as it is read.  Counted
are the CPU seconds of the kernel, all threads; the two ways take turns, and the best of each counts.
"""

from __future__ import annotations

from typing import Any

from .far_end import far_end
from .figures import Row, answer, show
from .kernels import BARE, kernel

SIZES = {20_000: 5, 200_000: 2, 1_000_000: 1}  # characters: runs
LARGEST_BARE = 200_000  # beyond, a bare loop takes most of a minute
GROWTH = {200_000: 11.0, 1_000_000: 55.0}
LIMIT = 0.5


def costs(provider: str, size: int, runs: int) -> tuple[float, float]:
    """Return the CPU seconds of both ways, the best of some runs after one to warm up."""
    bare = BARE[provider]
    loops: list[float] = []
    ours: list[float] = []
    with far_end(text=answer(size), chunk=4) as urls, kernel("%load_ext streamnb") as started:
        url = urls[provider]
        for _ in range(runs + 1):
            for code, spent in (
                (bare.format(url=url, each="pass"), loops),
                (f"%%stream {provider}:m --base-url {url}\nhi", ours),
            ):
                if size <= LARGEST_BARE or spent is ours:
                    seen = started.cost(code, page=True)
                    assert int(seen.values["length"]) == size
                    spent.append(seen.cpu)
    return min(loops[1:], default=0.0), min(ours[1:])


def main() -> list[dict[str, Any]]:
    """Measure both wires, and how the cost grows with the answer."""
    table: list[dict[str, Any]] = []
    for provider in ("openai", "gemini"):
        rows: list[Row] = []
        ours: dict[int, float] = {}
        for size, runs in SIZES.items():
            bare, ours[size] = costs(provider, size, runs)
            if bare:
                what = f"{provider}, {size // 1000:,} KB at full speed: CPU / bare loop"
                rows.append(Row("1", what, ours[size] / bare, LIMIT, detail=f"bare {bare:.3f} s"))
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
