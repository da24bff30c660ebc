"""Dissolves and wipes are found in thumbnails; motion and cuts are not taken for them."""

from collections.abc import Iterable

import numpy as np
import pytest

from avdf.pipeline.faces.row_span import RowSpan
from avdf.pipeline.faces.transitions import Transitions
from avdf.pipeline.media.resample import Plane
from tests.helpers.tracks import texture

OLD, NEW = texture(1, 48), texture(2, 48)
LENGTH = 24


def found(thumbnails: Iterable[Plane]) -> list[RowSpan]:
    transitions = Transitions()
    for row, thumbnail in enumerate(thumbnails):
        transitions.feed(row, thumbnail)
    assert transitions.last_row() == (
        transitions.spans()[-1].last if transitions.spans() else -1
    )
    return transitions.spans()


def mixed(step: int, kind: str) -> Plane:
    share = (step + 1) / (LENGTH + 1)
    if kind == "dissolve":
        return np.asarray(OLD * (1 - share) + NEW * share, np.uint8)
    wiped = OLD.copy()
    wiped[:, : round(48 * share)] = NEW[:, : round(48 * share)]
    return wiped


@pytest.mark.parametrize("kind", ["dissolve", "wipe"])
def test_a_transition_is_found_where_it_is(kind: str) -> None:
    between = [mixed(step, kind) for step in range(LENGTH)]
    (span,) = found([OLD] * 60 + between + [NEW] * 60)
    assert abs(span.first - 60) <= 3
    assert abs(span.last - 83) <= 3


def test_a_cut_is_no_transition() -> None:
    assert found([OLD] * 60 + [NEW] * 60) == []


def test_a_still_video_has_none() -> None:
    assert found([OLD] * 120) == []


def test_motion_is_no_transition() -> None:
    assert found(np.roll(OLD, 2 * row, axis=1) for row in range(120)) == []
