"""A bounded part of the fuzzing that `python -m tests.fuzz` does, at every run of the tests."""

from pathlib import Path

from avdf.cli.exits import DONE, WRONG_USE
from tests.fuzz.cases import KINDS, Counts, run_cases

CASES = 200


def test_whatever_is_damaged_is_one_sentence_or_a_right_answer(tmp_path: Path) -> None:
    counts = Counts()
    for outcome in run_cases(tmp_path, CASES, seed=1):
        counts.add(outcome)
    assert not counts.faults, counts.faults[:3]
    assert sum(counts.codes.values()) == CASES
    for kind in KINDS:  # each kind of damage is met, and refused at least once
        assert counts.codes[kind, WRONG_USE], counts.table()
    assert sum(counts.codes[kind, DONE] for kind in KINDS) > 5, counts.table()
