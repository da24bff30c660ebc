"""Parts of a file that no verdict rests on."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from avdf.model.report.evidence import Evidence, FaceAppearance
from avdf.model.report.unscored_parts import times_in_no_segment, times_without_face
from avdf.model.scoring.probabilities import NOT_SCORED
from avdf.model.scoring.rows import SegmentRow

FRAME, SEGMENT = 0.04, 16
LENGTH = 100  # frames of the file


def evidence(runs: list[tuple[int, int, int]]) -> Evidence:
    """Runs of faces: first frame, frames, and the number of the person."""
    faces = [
        FaceAppearance(
            first * FRAME, (first + count) * FRAME, 1.0, (0, 0, 1, 1), number
        )
        for first, count, number in runs
    ]
    nothing = np.empty((0, 1, 1, 3), np.uint8)
    mel = np.empty((80, 0), np.float32)
    return Evidence(0.0, LENGTH * FRAME, (), nothing, mel, tuple(faces))


def segments(runs: list[tuple[int, int, int]]) -> list[SegmentRow]:
    """The whole segments of each run."""
    return [
        SegmentRow(
            "a", at * FRAME, (at + SEGMENT) * FRAME, NOT_SCORED, None, face=number
        )
        for first, count, number in runs
        for at in range(first, first + count - SEGMENT + 1, SEGMENT)
    ]


def frames_of(spans: list[tuple[float, float]]) -> set[int]:
    """The frames whose middle lies in a span."""
    return {
        frame
        for frame in range(LENGTH)
        if any(start < (frame + 0.5) * FRAME < end for start, end in spans)
    }


RUNS = st.lists(
    st.tuples(st.integers(0, 80), st.integers(2, 20), st.sampled_from([1, 2])),
    max_size=4,
)


@given(RUNS)
def test_every_frame_is_scored_or_left_or_without_a_face(
    runs: list[tuple[int, int, int]],
) -> None:
    shown, scored = evidence(runs), segments(runs)
    followed = {
        frame for first, count, _ in runs for frame in range(first, first + count)
    }
    in_segments = frames_of([(one.start, one.end) for one in scored])
    left = frames_of(times_in_no_segment(shown, scored)) if runs else set()
    # Single frames are not worth a line.
    expected = followed - in_segments
    assert left <= expected
    assert all(
        frame - 1 not in expected or frame + 1 not in expected
        for frame in expected - left
    )
    if runs:
        assert not frames_of(times_without_face(shown)) & followed


def test_of_one_person_segments_name_no_face() -> None:
    shown = evidence([(0, 45, 1)])
    scored = [
        SegmentRow("a", 0.0, 0.64, NOT_SCORED, None),
        SegmentRow("a", 0.64, 1.28, NOT_SCORED, None),
    ]
    assert times_in_no_segment(shown, scored) == [(1.28, 1.8)]


def test_sound_alone_has_no_faces_and_may_have_a_rest() -> None:
    shown = evidence([])
    assert times_without_face(shown) == []
    assert times_in_no_segment(shown, segments([(0, 100, 0)])) == [(3.84, 4.0)]
