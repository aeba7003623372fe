"""What ``%%stream`` costs a kernel at full speed, beside a bare loop over the SDK in the same kernel.

The answer comes in pieces of 4 characters from a server in another process, as fast as it is read.  Counted
are the CPU seconds of the kernel, all threads; the two ways take turns, and the best of each counts.
"""

from __future__ import annotations

from typing import Any

from .far_end import far_end
from .figures import Row, answer, show
from .kernels import BARE, kernel

RUNS = 5
SIZES = (20_000, 200_000, 1_000_000)
GROWTH = {200_000: 11.0, 1_000_000: 55.0}
LIMIT = 0.5


def bare_and_ours(provider: str, size: int, runs: int) -> tuple[float, float]:
    """Return the CPU seconds of both ways, the best of some runs after one to warm up."""
    costs: dict[str, list[float]] = {"bare": [], "ours": []}
    with far_end(text=answer(size), chunk=4) as urls, kernel("%load_ext streamnb") as started:
        url = urls[provider]
        for _ in range(runs + 1):
            for name, code, page in (
                ("bare", BARE[provider].format(url=url, each=""), False),
                ("ours", f"%%stream {provider}:m --base-url {url}\nhi", True),
            ):
                seen = started.cost(code, page=page)
                assert int(seen.values["length"]) == size
                costs[name].append(seen.cpu)
    return min(costs["bare"][1:]), min(costs["ours"][1:])


def main() -> list[dict[str, Any]]:
    """Measure both wires, and how the cost grows with the answer."""
    rows: list[Row] = []
    for provider in ("openai", "gemini"):
        costs: dict[int, float] = {}
        for size in SIZES:
            bare, costs[size] = bare_and_ours(provider, size, RUNS if size < SIZES[-1] else 2)
            what = f"{provider}, {size // 1000:,} KB at full speed: CPU / bare loop"
            rows.append(Row("1", what, costs[size] / bare, LIMIT, detail=f"{bare:.3f} s bare"))
        for size, limit in GROWTH.items():
            grown = costs[size] / costs[SIZES[0]]
            rows.append(Row("1", f"{provider}, CPU at {size // 1000:,} KB / at 20 KB", grown, limit))
    return show(rows)


if __name__ == "__main__":
    main()
