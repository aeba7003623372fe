"""All benchmarks, or those that are named: ``python -m tests.benchmarks [NAME …] [--json FILE]``.

Each prints its table; FILE gets all rows with the date, the machine and the versions.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PACKAGES = ("streamnb", "openai", "google-genai", "httpx2", "ipykernel", "ipython", "anywidget")


def about() -> dict[str, Any]:
    """Return the date, the machine and the versions that figures belong to."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "versions": {name: version(name) for name in PACKAGES},
    }


def main() -> None:
    """Run them one after the other."""
    names = sorted(file.stem.removeprefix("bench_") for file in HERE.glob("bench_*.py"))
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(names)}; none: all")
    parser.add_argument("--json", metavar="FILE", type=Path, help="where the figures go, too")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(names):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    environment = about()
    print(
        environment["date"],
        environment["machine"],
        *(f"{name} {number}" for name, number in environment["versions"].items()),
    )
    tables: dict[str, Any] = {}
    for name in arguments.names or names:
        print(f"\n== {name}", flush=True)
        began = time.monotonic()
        tables[name] = import_module(f"{__package__}.bench_{name}").main()
        print(f"   {time.monotonic() - began:.0f} s", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(environment | {"figures": tables}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
