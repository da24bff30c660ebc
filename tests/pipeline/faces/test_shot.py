"""Sudden changes: cuts stay, disturbances pass, and a shaking camera makes neither."""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np

from avdf.pipeline.faces.shot import ShotFrame, ShotWatcher
from avdf.pipeline.media.colour import Colour
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.resample import Plane
from avdf.pipeline.settings import FaceSettings

GREY = np.full((60, 80), 128, np.uint8)
DARK = [50] * 20
BRIGHT = [120] * 20
FLASH = 250


def watched_frames(frames: Iterable[DecodedFrame]) -> list[ShotFrame]:
    """What becomes of the frames, those included that wait for the end."""
    watcher = ShotWatcher(FaceSettings())
    found: list[ShotFrame] = []
    for frame in frames:
        found += watcher.feed(frame)
    found += watcher.finish()
    return found


def flat_frame(row: int, level: int) -> DecodedFrame:
    # Even and odd rows differ a little: a frame that repeats is another matter.
    luma = np.full((120, 160), level + row % 2, np.uint8)
    return DecodedFrame(row, (luma, GREY, GREY), Colour())


def watched(levels: Sequence[int], first_row: int = 0) -> list[ShotFrame]:
    """What becomes of flat frames with these levels of luma."""
    frames = [
        flat_frame(row, level)
        for row, level in enumerate(
            levels,
            start=first_row,
        )
    ]
    return watched_frames(frames)


def boundaries(found: Sequence[ShotFrame]) -> list[int]:
    return [one.frame.row for one in found if one.boundary]


def disturbed(found: Sequence[ShotFrame]) -> list[int]:
    return [one.frame.row for one in found if one.disturbed]


def test_every_row_comes_once_and_in_order() -> None:
    levels = [50] * 10 + [200] + [50] * 10 + [120] * 3
    found = watched(levels)
    assert [one.frame.row for one in found] == list(range(24))


def test_a_cut_is_a_boundary_at_its_first_row() -> None:
    found = watched(DARK + BRIGHT)
    assert boundaries(found) == [20]
    assert disturbed(found) == []


def test_a_cut_knows_the_last_row_before_it() -> None:
    cut = watched(DARK + BRIGHT)[20]
    assert cut.last_before == 19


def test_a_cut_is_a_large_change() -> None:
    cut = watched(DARK + BRIGHT)[20]
    assert cut.large is True


def test_a_flash_disturbs_its_rows_alone() -> None:
    found = watched([*DARK, FLASH, FLASH, *DARK])
    assert disturbed(found) == [20, 21]


def test_after_a_flash_the_shot_goes_on_from_the_row_before_it() -> None:
    found = watched([*DARK, FLASH, FLASH, *DARK])
    assert boundaries(found) == [22]
    assert found[22].last_before == 19


def test_a_change_that_motion_may_cause_is_not_large() -> None:
    slightly_brighter = [65] * 20
    found = watched(DARK + slightly_brighter)
    assert boundaries(found) == [20]
    assert not found[20].large


def test_a_change_over_a_few_rows_begins_where_it_settles() -> None:
    steps = [90, 130]
    found = watched(DARK + steps + [170] * 20)
    assert disturbed(found) == [20, 21]
    assert boundaries(found) == [22]


def test_a_flash_before_a_cut_hides_no_cut() -> None:
    found = watched([*DARK, FLASH, *BRIGHT])
    assert boundaries(found) == [21]


def test_a_cut_in_the_last_rows_is_found_at_the_end() -> None:
    found = watched(DARK + BRIGHT[:2])
    assert boundaries(found) == [20]


def test_rows_need_not_begin_at_0() -> None:
    found = watched(DARK + BRIGHT, first_row=300)
    assert boundaries(found) == [320]


def soft_room() -> Plane:
    """A wide view with soft shapes."""
    generator = np.random.default_rng(2)
    coarse = generator.integers(60, 200, (34, 34), dtype=np.uint8)
    wide = cv2.resize(coarse, (544, 544), interpolation=cv2.INTER_CUBIC)
    return np.asarray(wide, np.uint8)


def shaken(wide: Plane, row: int) -> DecodedFrame:
    """What a camera in an unsteady hand sees of the room: 400 of its 544 pixels."""
    x = round(72 + 50 * np.sin(row / 2))
    y = round(72 + 40 * np.sin(row / 3))
    luma = wide[y : y + 400, x : x + 400]
    return DecodedFrame(row, (luma, luma, luma), Colour())


def test_with_a_shaking_camera_large_changes_are_usual() -> None:
    """Every row differs much from the one before, from the first on: few are boundaries."""
    room = soft_room()
    found = watched_frames(shaken(room, row) for row in range(60))
    assert len(boundaries(found)) <= 3
