"""Pairs that do not belong together: made of other persons' sound, or of sound that is moved."""

from collections import Counter

import pytest
import torch

from avdf.model.synchrony.aligned_run import AlignedRun
from avdf.model.synchrony.made_pairs import Subject, SyncPairs, sync_pairs, whole_curve
from avdf.model.synchrony.offset_curves import OffsetCurves

ROWS = 96
SHIFTS_MS = (200, -200, 400, -400, 800, -800)


def features(rows: int, seed: int) -> torch.Tensor:
    """Random features, of which no two rows are alike."""
    return torch.randn(rows, 32, generator=torch.Generator().manual_seed(seed))


def subject(seed: int, person: str = "", rows: int = ROWS, label: int = 0) -> Subject:
    """Somebody whose sound fits the picture at offset 0, and nobody else's picture."""
    own = features(rows, seed)
    return Subject(person or f"p{seed}", label, AlignedRun(seed, own, own.clone()))


def of_kind(pairs: SyncPairs, kind: str) -> OffsetCurves:
    return pairs.curves.chosen(pairs.kind == kind)


def test_each_genuine_subject_gives_moved_and_exchanged_pairs() -> None:
    pairs = sync_pairs([subject(1), subject(2)])

    assert Counter(pairs.kind.tolist()) == {
        "genuine": 2,
        "moved sound": 12,
        "other sound": 2,
    }
    assert (pairs.label == 0).sum() == 2
    assert (pairs.label == (pairs.kind != "genuine")).all()


def test_the_sound_is_moved_by_what_its_curve_says() -> None:
    pairs = sync_pairs([subject(1)])

    moved = of_kind(pairs, "moved sound")

    assert sorted(moved.offset_ms.tolist()) == sorted(SHIFTS_MS)
    assert (moved.depth > 0.5).all()
    assert of_kind(pairs, "genuine").offset_ms.tolist() == [0]


def test_moving_takes_away_as_many_rows_as_the_sound_is_moved() -> None:
    moved = of_kind(sync_pairs([subject(1)]), "moved sound")

    here = moved.pairs[:, 25]  # at offset 0 every row has its sound
    wanted = [ROWS - abs(offset) / 40 for offset in moved.offset_ms]
    assert here.tolist() == wanted


def test_the_other_sound_is_that_of_another_person() -> None:
    # Every video of a person has the features of that person: its sound would fit at 0.
    subjects = [subject(1, "x"), subject(1, "x"), subject(2, "y"), subject(1, "x")]

    pairs = sync_pairs(subjects)

    other = of_kind(pairs, "other sound")
    assert len(other.sums) == 4
    assert other.sync == pytest.approx(0, abs=0.2)
    assert (of_kind(pairs, "genuine").sync < -0.5).all()


def test_the_other_sound_is_taken_whole_and_at_its_time() -> None:
    one, two = subject(1, rows=96), subject(2, rows=64)

    other = of_kind(sync_pairs([one, two]), "other sound")

    pictures, sounds = (one.run.visual, two.run.visual), (two.run.audio, one.run.audio)
    for number, (picture, sound) in enumerate(zip(pictures, sounds, strict=True)):
        cosine = torch.nn.functional.cosine_similarity(picture[:64], sound[:64])
        wanted = 1 - float(cosine.mean())
        assert other.distance[number, 25] == pytest.approx(wanted, abs=1e-5)
        assert other.pairs[number, 25] == 64


def test_one_person_alone_has_nobody_elses_sound() -> None:
    pairs = sync_pairs([subject(1, "x"), subject(2, "x")])

    assert set(pairs.kind.tolist()) == {"genuine", "moved sound"}


@pytest.mark.parametrize(("rows", "count"), [(16, 0), (31, 0), (32, 5), (36, 7)])
def test_a_short_run_is_moved_as_far_as_a_segment_is_left(
    rows: int, count: int
) -> None:
    pairs = sync_pairs([subject(1, rows=rows)])

    # 32 rows moved by 20 would leave 12, fewer than a segment; 36 leave 16.
    assert len(pairs.kind) == count
    assert (pairs.curves.pairs[:, 25] >= 16).all()


def test_known_pairs_are_kept_as_they_are() -> None:
    known = subject(3, label=1)

    pairs = sync_pairs([subject(1), known, subject(2)])

    assert (pairs.kind == "known").sum() == 1
    assert pairs.label[pairs.kind == "known"].tolist() == [1]
    (sums,) = of_kind(pairs, "known").sums
    assert (sums == whole_curve(known.run).sums[0]).all()
    # Nothing is made of it, and nobody is given its sound.
    assert pairs.source.tolist().count("p3") == 1
    assert of_kind(pairs, "other sound").sync == pytest.approx(0, abs=0.2)


def test_pairs_belong_to_the_person_in_the_picture() -> None:
    pairs = sync_pairs([subject(1, "x"), subject(2, "y")])

    assert Counter(pairs.source.tolist()) == {"x": 8, "y": 8}


def test_without_subjects_there_are_no_pairs() -> None:
    pairs = sync_pairs([])

    assert not len(pairs.kind) and not len(pairs.label)
    assert not len(pairs.curves.sums)


def test_the_runs_themselves_are_not_changed() -> None:
    one = subject(1)
    before = one.run.audio.clone()

    sync_pairs([one, subject(2)])

    assert torch.equal(one.run.audio, before)
