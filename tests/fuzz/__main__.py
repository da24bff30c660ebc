"""`python -m tests.fuzz --cases 5000 --seed 7`: cases counted by kind; exit code 1 on a fault."""

import argparse
import faulthandler
import sys
import tempfile
import warnings
from pathlib import Path

from tests.fuzz.cases import Counts, run_cases


def main() -> int:
    """Run the cases and print the counts."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--first",
        type=int,
        default=0,
        help="number of the first case, to repeat one",
    )
    wanted = parser.parse_args()
    faulthandler.enable()
    warnings.simplefilter("ignore")
    counts = Counts()
    with tempfile.TemporaryDirectory(prefix="avdf-fuzz-") as folder:
        for outcome in run_cases(Path(folder), wanted.cases, wanted.seed, wanted.first):
            counts.add(outcome)
            if outcome.fault:
                print(
                    f"case {outcome.number} ({outcome.kind}), exit code {outcome.code}:"
                )
                print(outcome.fault[-3000:])
    print(counts.table())
    return 1 if counts.faults else 0


if __name__ == "__main__":
    sys.exit(main())
