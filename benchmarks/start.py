"""How long it takes until nbmlops is there: importing it, and loading its magics.

Run: python benchmarks/start.py

Each figure is the median over new processes; the magics are timed over an IPython shell
that is up already.
"""

import statistics
import subprocess
import sys

TIMES = 15
IMPORT = """
import time
start = time.perf_counter()
import nbmlops
print(time.perf_counter() - start)
"""
EXTENSION = """
import time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
start = time.perf_counter()
shell.run_line_magic("load_ext", "nbmlops")
print(time.perf_counter() - start)
"""


def median_of(code: str) -> float:
    """Run code in new processes, and give the median of what it prints."""
    said = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(TIMES)
    ]
    return statistics.median(map(float, said))


def main() -> None:
    """Print both."""
    print(f"import nbmlops: {median_of(IMPORT) * 1e3:.1f} ms (at most 20)")
    print(f"%load_ext nbmlops: {median_of(EXTENSION) * 1e3:.1f} ms (at most 50)")


if __name__ == "__main__":
    main()
