"""The demo's pairs: who and what is in them."""

import csv
from pathlib import Path

import numpy as np
import pytest

from avdf import demo_pairs
from avdf.events import Event, Progress, Stage
from avdf.pipeline.synthetic.pairing import PAIRINGS


@pytest.fixture
def two_persons(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the persons only two, whose videos are made in this process."""
    monkeypatch.setattr(demo_pairs, "PERSONS", 2)


def test_all_pairs_are_in_the_test_split_and_every_kind_is_there(
    two_persons: None,
    tmp_path: Path,
) -> None:
    events: list[Event] = []
    demo_pairs.generate_demo_pairs(tmp_path, 3, 1, events.append)
    manifest = demo_pairs.pairs_manifest(tmp_path)
    with manifest.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["split"] for row in rows} == {"test"}
    assert {row["method"] for row in rows} == set(demo_pairs.KINDS)
    assert all((tmp_path / row["path"]).is_file() for row in rows)
    # Two genuine videos of each person, and one of each kind that does not belong together.
    assert [row["label"] for row in rows].count("0") == 4
    assert [row["label"] for row in rows].count("1") == 6

    *progress, stage = events
    assert progress[-1] == Progress("generate pairs", 2, 2, "persons")
    assert isinstance(stage, Stage) and stage.text.startswith("generated 10 videos ")


def test_no_kind_needs_the_voice_of_another_person() -> None:
    assert {PAIRINGS[kind].sound for kind in demo_pairs.KINDS} == {"own", "other_words"}
    assert {PAIRINGS[kind].label for kind in demo_pairs.KINDS} == {0, 1}


def test_the_random_numbers_of_the_persons_are_those_of_nobody_in_the_dataset() -> None:
    # A person of the dataset has the stream [seed, number], one of the pairs [seed, 81, number].
    seed = 5
    dataset = {np.random.default_rng([seed, n]).random() for n in range(2000)}
    first = demo_pairs.FIRST_PERSON
    for number in range(first, first + demo_pairs.PERSONS):
        assert np.random.default_rng([seed, 81, number]).random() not in dataset
    # Person 0 would be somebody of the dataset.
    assert np.random.default_rng([seed, 81, 0]).random() in dataset
