"""The curves of a video over time, from timelines and from segments."""

from dataclasses import replace

import numpy as np

from avdf.model.report.time_curves import segment_curves, timeline_curves
from avdf.model.scoring.rows import SegmentRow
from avdf.model.synchrony.synchrony import NOT_COMPARED, Synchrony
from avdf.model.verdicts import PerVerdict
from tests.helpers.timelines import timeline

NAN = float("nan")


def segment(start: float, sync: float | None) -> SegmentRow:
    return SegmentRow(
        id="a",
        start=start,
        end=start + 0.64,
        probability=PerVerdict(0.5, None, 0.25),
        distance=0.75,
        sync=NOT_COMPARED if sync is None else Synchrony(sync=sync),
    )


def test_without_timelines_there_are_no_curves_of_frames() -> None:
    assert timeline_curves(()) is None


def test_face_tracks_follow_each_other_with_a_gap() -> None:
    first = replace(timeline([0.1, 0.2]), sync=np.array([-0.5, NAN]))
    second = replace(timeline([0.3], start=2.0), sync=np.array([-0.25]))
    curves = timeline_curves([first, second])
    assert curves is not None
    np.testing.assert_array_equal(curves.sync.times, [0.0, 0.04, NAN, 2.0])
    np.testing.assert_array_equal(curves.sync.values, [-0.5, NAN, NAN, -0.25])
    np.testing.assert_array_equal(curves.distance.values, [0.1, 0.2, NAN, 0.3])


def test_a_segment_is_a_step() -> None:
    rows = [segment(0.0, -0.5), segment(0.64, None), segment(1.28, 0.25)]
    curves = segment_curves(rows, None)
    wanted = [-0.5, -0.5, NAN, NAN, 0.25, 0.25]
    np.testing.assert_array_equal(curves.sync.values, wanted)
    np.testing.assert_array_equal(curves.probability.video.values, [0.25] * 6)
    assert curves.probability.audio.is_empty


def test_a_missing_segment_breaks_the_line() -> None:
    curves = segment_curves([segment(0.0, -0.5), segment(3.2, 0.25)], None)
    wanted = [-0.5, -0.5, NAN, 0.25, 0.25]
    np.testing.assert_array_equal(curves.sync.values, wanted)
