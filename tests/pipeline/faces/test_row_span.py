"""Runs of rows, and the rows of a video that show no living face."""

import numpy as np
import pytest

from avdf.pipeline.faces.row_span import RowSpan, runs_of
from avdf.pipeline.faces.unusable_rows import (
    UnusableRows,
    frozen_spans,
    low_contrast_spans,
)
from avdf.pipeline.media.colour import Colour
from avdf.pipeline.media.frame import DecodedFrame
from tests.helpers.tracks import texture


def flags(text: str) -> np.ndarray:
    """'..##.' is False, False, True, True, False."""
    return np.array([letter == "#" for letter in text])


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("", []),
        ("...", []),
        ("###", [(0, 2)]),
        (".##.#", [(1, 2), (4, 4)]),
        ("#..#", [(0, 0), (3, 3)]),
    ],
)
def test_runs_are_the_stretches_that_are_true(
    text: str,
    runs: list[tuple[int, int]],
) -> None:
    assert runs_of(flags(text)) == runs


def test_a_span_counts_both_of_its_ends() -> None:
    assert RowSpan(3, 5).rows == 3


def test_spans_meet_where_they_share_a_row() -> None:
    assert RowSpan(3, 5).meets(RowSpan(5, 9))
    assert not RowSpan(3, 5).meets(RowSpan(6, 9))


def test_a_shifted_span_keeps_its_length() -> None:
    assert RowSpan(3, 5).shifted(10) == (13, 15)


def test_repeats_that_last_are_frozen() -> None:
    repeats = flags(".." + "#" * 60 + ".." + "#" * 10 + ".")
    assert frozen_spans(repeats, least=50) == [(2, 61)]


def test_a_video_of_one_still_frame_is_not_frozen() -> None:
    assert frozen_spans(flags("." + "#" * 99), least=50) == []


def test_rows_without_contrast_are_dim() -> None:
    contrasts = np.full(60, 40.0)
    contrasts[20:30] = 1.0
    assert low_contrast_spans(contrasts, cuts=[], brief=5) == [(20, 29)]


def test_a_brief_loss_of_contrast_is_a_disturbance() -> None:
    contrasts = np.full(60, 40.0)
    contrasts[20:25] = 1.0
    assert low_contrast_spans(contrasts, cuts=[], brief=5) == []


def test_contrast_is_compared_within_a_shot() -> None:
    """A calm shot after a lively one has little contrast throughout: nothing is wrong with it."""
    contrasts = np.concatenate([np.full(30, 60.0), np.full(30, 10.0)])
    assert low_contrast_spans(contrasts, cuts=[30], brief=5) == []
    assert low_contrast_spans(contrasts, cuts=[], brief=5) == [(30, 59)]


def frame(row: int, level: int) -> DecodedFrame:
    plane = (texture(row, 64) // 255 * level).astype(np.uint8)
    return DecodedFrame(row, (plane, plane, plane), Colour())


def test_rows_are_counted_from_the_first_frame_of_the_video() -> None:
    unusable = UnusableRows()
    still = frame(99, 200)
    for row in range(100, 180):
        shown = (
            DecodedFrame(row, still.planes, Colour())
            if 110 < row <= 170
            else frame(row, 200)
        )
        unusable.feed(shown, shown.thumbnail())
    assert unusable.frozen(least=50) == [(112, 170)]


def refined(rows: int, most: int, settled: int) -> UnusableRows:
    """One picture that an encoder changes by up to `most` levels, in the first `settled` rows."""
    unusable = UnusableRows()
    picture = texture(1, 48) // 2 + 60
    for row in range(rows):
        change = most * min(row, settled) // settled
        plane = (picture + change).astype(np.uint8)
        unusable.feed(DecodedFrame(row, (plane, plane, plane), Colour()), plane)
    return unusable


def test_a_picture_that_is_refined_and_then_repeated_is_not_frozen() -> None:
    assert refined(80, most=3, settled=3).frozen(least=50) == []
    # One that changes more is a recording that stops.
    assert refined(80, most=30, settled=3).frozen(least=50) == [(4, 79)]


def test_a_gap_in_a_recording_that_hardly_changes_is_frozen() -> None:
    """A tiny person changes no more than a still picture, but does so in most rows."""
    unusable = UnusableRows()
    picture = texture(1, 48) // 2 + 60
    for row in range(200):
        plane = picture.astype(np.uint8)
        plane[20, 20] += 0 if 80 <= row < 140 else row % 7 + 1
        unusable.feed(DecodedFrame(row, (plane, plane, plane), Colour()), plane)
    assert unusable.frozen(least=50) == [(81, 139)]


def test_the_last_row_of_low_contrast_is_known_at_once() -> None:
    unusable = UnusableRows()
    for row in range(20):
        noise = texture(row, 64)
        plane = np.zeros_like(noise) if row in (7, 8) else noise
        unusable.feed(DecodedFrame(row, (plane, plane, plane), Colour()), plane)
    assert unusable.last_low_contrast == 8
