"""Pairs made of prepared rows: what is seen and heard at each row, folds, and training batches."""

from collections import Counter
from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.cache.core.clock import SAMPLES_PER_FRAME, SEGMENT_FRAMES
from tests.benchmarks.recorded_pairs import (
    Clip,
    Fold,
    Pair,
    draw_batch,
    pairs_to_test,
    speaker_folds,
)

ROWS = 60


def clip_of(number: int, speaker: str, rows: int = ROWS) -> Clip:
    """A clip whose crop and samples at row r are the number r, so that a row can be recognised."""
    values = np.arange(rows)
    crops = np.empty((rows, 1, 1, 3), np.uint8)
    crops[:] = values[:, None, None, None]
    pcm = np.repeat(values, SAMPLES_PER_FRAME).astype(np.int16)
    return Clip(f"{speaker}-{number}", speaker, crops, pcm)


CLIPS = [clip_of(number, speaker) for number, speaker in enumerate("aaabbc")]


def made(kind: str, tested: list[int], sounds: list[int] | None = None) -> list[Pair]:
    fold = Fold(tested, sounds or [])
    return [pair for pair in pairs_to_test(CLIPS, fold) if pair.kind == kind]


def test_picture_and_sound_of_a_clip_have_the_same_length() -> None:
    clip = CLIPS[0]
    with pytest.raises(ValueError, match="60 rows"):
        Clip("x", "a", clip.crops, clip.pcm[:-1])


def test_what_is_heard_in_a_shifted_pair_was_seen_so_many_rows_before() -> None:
    pairs = made("shifted", [0, 3])
    found = Counter(pair.shift for pair in pairs)
    assert found == dict.fromkeys((-20, -10, -5, 5, 10, 20), 2)
    for pair in pairs:
        seen = CLIPS[pair.picture].crops[pair.seen : pair.seen + pair.rows, 0, 0, 0]
        first = pair.heard * SAMPLES_PER_FRAME
        samples = CLIPS[pair.sound].pcm[first : first + pair.rows * SAMPLES_PER_FRAME]
        heard = samples[::SAMPLES_PER_FRAME].tolist()
        assert len(seen) == len(heard) == ROWS - abs(pair.shift)
        assert heard == [row - pair.shift for row in seen.tolist()]


def test_other_sounds_come_from_held_out_clips_of_the_right_speaker() -> None:
    held_out = [0, 1, 2, 3]
    for pair in made("other_speaker", held_out):
        assert CLIPS[pair.sound].speaker != CLIPS[pair.picture].speaker
        assert pair.sound in held_out
    own = made("own_other", held_out)
    assert {(pair.picture, pair.sound) for pair in own} == {
        (picture, sound)
        for picture in (0, 1, 2)
        for sound in (0, 1, 2)
        if picture != sound
    }


def test_sound_of_a_second_speaker_comes_with_frames_of_the_tested_one() -> None:
    found = {(pair.picture, pair.sound) for pair in made("other_speaker", [5], [0, 1])}
    assert found == {(5, 0), (5, 1)}
    # The second speaker is not tested.
    for kind in ("genuine", "shifted"):
        assert {pair.picture for pair in made(kind, [5], [0, 1])} == {5}


def test_with_a_fold_for_each_speaker_the_next_one_is_left_out_too() -> None:
    folds = speaker_folds(CLIPS, 3)
    assert [fold.tested for fold in folds] == [[0, 1, 2], [3, 4], [5]]
    assert [fold.sounds for fold in folds] == [[3, 4], [5], [0, 1, 2]]
    assert folds[1].left_out == [3, 4, 5]


def test_each_speaker_is_in_one_fold() -> None:
    folds = [fold.tested for fold in speaker_folds(CLIPS, 2)]
    assert sorted(chain(*folds)) == list(range(len(CLIPS)))
    speakers = [{CLIPS[number].speaker for number in fold} for fold in folds]
    assert all(not one & other for one, other in combinations(speakers, 2))


def test_speakers_spread_over_folds_of_like_size() -> None:
    folds = speaker_folds(CLIPS, 2)
    assert sorted(len(fold.tested) for fold in folds) == [3, 3]
    assert not any(fold.sounds for fold in folds)


def test_fewer_speakers_than_folds_are_refused() -> None:
    with pytest.raises(ValueError, match="3 speakers cannot be 4 folds"):
        speaker_folds(CLIPS, 4)


@given(
    seed=st.integers(0, 1000),
    fakes=st.integers(0, 8),
    per_clip=st.integers(1, 4),
    rows=st.lists(st.integers(48, 90), min_size=6, max_size=9),
)
def test_windows_of_a_batch(
    seed: int, fakes: int, per_clip: int, rows: list[int]
) -> None:
    of_clip = dict(enumerate(rows))
    draw = draw_batch(of_clip, 16, fakes, per_clip, np.random.default_rng(seed))
    assert draw.labels.tolist() == [[0, 0, 0]] * (16 - fakes) + [[1, 0, 0]] * fakes
    for clip, row in (*draw.seen.tolist(), *draw.heard.tolist()):
        assert 0 <= row <= of_clip[clip] - SEGMENT_FRAMES
    # No frame is seen twice.
    for (clip, row), (other, place) in combinations(draw.seen.tolist(), 2):
        assert clip != other or abs(row - place) >= SEGMENT_FRAMES
    for number, (seen, heard) in enumerate(zip(draw.seen, draw.heard, strict=True)):
        is_own = seen.tolist() == heard.tolist()
        assert is_own == (number < 16 - fakes)
        if seen[0] == heard[0] and not is_own:
            assert 5 <= abs(seen[1] - heard[1]) <= 20


def test_so_many_windows_of_a_clip_come_before_the_next() -> None:
    rows = dict.fromkeys(range(10), 70)
    generator = np.random.default_rng(0)
    one = draw_batch(rows, 8, 0, 1, generator)
    four = draw_batch(rows, 8, 0, 4, generator)
    assert set(Counter(one.seen[:, 0].tolist()).values()) == {1}
    assert set(Counter(four.seen[:, 0].tolist()).values()) == {4}
