"""Sudden changes: cuts stay, disturbances pass, and a shaking camera makes neither."""

from collections.abc import Sequence

import cv2
import numpy as np

from avdf.pipeline.faces.shot import ShotFrame, ShotWatcher
from avdf.pipeline.media.colour import Colour
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.settings import FaceSettings

GREY = np.full((60, 80), 128, np.uint8)


def watched(levels: Sequence[int], first_row: int = 0) -> list[ShotFrame]:
    """What becomes of flat frames with these levels of luma."""
    watcher = ShotWatcher(FaceSettings())
    found: list[ShotFrame] = []
    for row, level in enumerate(levels, start=first_row):
        luma = np.full((120, 160), level + row % 2, np.uint8)
        found += watcher.feed(DecodedFrame(row, (luma, GREY, GREY), Colour()))
    found += watcher.finish()
    return found


def boundaries(found: Sequence[ShotFrame]) -> list[int]:
    return [one.frame.row for one in found if one.boundary]


def disturbed(found: Sequence[ShotFrame]) -> list[int]:
    return [one.frame.row for one in found if one.disturbed]


def test_every_row_comes_once_and_in_order() -> None:
    found = watched([50] * 10 + [200] + [50] * 10 + [120] * 3)
    assert [one.frame.row for one in found] == list(range(24))


def test_a_cut_is_a_boundary_at_its_first_row() -> None:
    found = watched([50] * 20 + [120] * 20)
    assert (boundaries(found), disturbed(found)) == ([20], [])
    cut = found[20]
    assert (cut.last_before, cut.large) == (19, True)


def test_a_flash_disturbs_its_rows_alone() -> None:
    found = watched([50] * 20 + [250, 250] + [50] * 20)
    assert disturbed(found) == [20, 21]
    assert boundaries(found) == [22]
    assert found[22].last_before == 19


def test_a_change_that_motion_may_cause_is_not_large() -> None:
    found = watched([50] * 20 + [65] * 20)
    assert boundaries(found) == [20]
    assert not found[20].large


def test_a_change_over_a_few_rows_begins_where_it_settles() -> None:
    found = watched([50] * 20 + [90, 130] + [170] * 20)
    assert (disturbed(found), boundaries(found)) == ([20, 21], [22])


def test_a_flash_before_a_cut_hides_no_cut() -> None:
    assert boundaries(watched([50] * 20 + [250] + [120] * 20)) == [21]


def test_a_cut_in_the_last_rows_is_found_at_the_end() -> None:
    assert boundaries(watched([50] * 20 + [120] * 2)) == [20]


def test_rows_need_not_begin_at_0() -> None:
    assert boundaries(watched([50] * 20 + [120] * 20, first_row=300)) == [320]


def test_with_a_shaking_camera_large_changes_are_usual() -> None:
    """Every row differs much from the one before, from the first on: few are boundaries."""
    room = np.random.default_rng(2).integers(60, 200, (34, 34), dtype=np.uint8)
    wide = np.asarray(
        cv2.resize(room, (544, 544), interpolation=cv2.INTER_CUBIC), np.uint8
    )
    watcher = ShotWatcher(FaceSettings())
    found: list[ShotFrame] = []
    for row in range(60):
        x = round(72 + 50 * np.sin(row / 2))
        y = round(72 + 40 * np.sin(row / 3))
        luma = wide[y : y + 400, x : x + 400]
        found += watcher.feed(DecodedFrame(row, (luma, luma, luma), Colour()))
    assert len(boundaries(found)) <= 3
