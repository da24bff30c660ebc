"""One value for each verdict: its order, its columns, and the labels of a video."""

import numpy as np
import pytest

from avdf.cache.core.video import VideoInfo
from avdf.model.verdicts import (
    REPORT_ORDER,
    VERDICTS,
    PerVerdict,
    as_columns,
    from_columns,
    labels_of,
    sync_label_of,
)

LETTERS = PerVerdict(visual="v", audio="a", video="f")


def test_values_come_in_the_order_of_columns() -> None:
    assert list(LETTERS) == ["v", "a", "f"]
    assert list(LETTERS.items()) == [("visual", "v"), ("audio", "a"), ("video", "f")]


def test_a_value_is_found_by_its_verdict() -> None:
    assert [LETTERS[verdict] for verdict in REPORT_ORDER] == ["f", "v", "a"]


def test_another_name_has_no_value() -> None:
    with pytest.raises(KeyError):
        LETTERS["matching"]  # type: ignore[index]


def test_values_are_made_by_a_function_of_the_verdict() -> None:
    asked: list[str] = []

    def length(verdict: str) -> int:
        asked.append(verdict)
        return len(verdict)

    assert PerVerdict.of(length) == PerVerdict(visual=6, audio=5, video=5)
    assert tuple(asked) == VERDICTS


def test_the_same_value_for_each() -> None:
    assert PerVerdict.same(0.5) == PerVerdict(0.5, 0.5, 0.5)


def test_each_value_is_changed() -> None:
    assert LETTERS.map(str.upper) == PerVerdict("V", "A", "F")


def test_columns_are_the_values_side_by_side() -> None:
    values = PerVerdict(
        np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.array([5.0, 6.0])
    )
    assert as_columns(values).tolist() == [[1, 3, 5], [2, 4, 6]]


def test_columns_and_back_give_the_same() -> None:
    table = np.random.default_rng(0).random((7, 3))
    assert (as_columns(from_columns(table)) == table).all()


@pytest.mark.parametrize(
    "shape",
    [
        (3,),
        (4, 2),
        (4, 3, 1),
    ],
)
def test_a_table_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"expected \(n, 3\)"):
        from_columns(np.zeros(shape))


def test_each_verdict_is_compared_with_its_own_label() -> None:
    info = VideoInfo(id="a", path="a", label=1, label_visual=0, label_audio=-1)
    assert labels_of(info) == PerVerdict(visual=0, audio=-1, video=1)


@pytest.mark.parametrize(
    ("labels", "wanted"),
    [
        ((0, 0, 0), 0),
        ((0, -1, -1), 0),
        ((1, 0, 0), 1),
        ((1, 1, 0), -1),
        ((1, 0, 1), -1),
        ((1, 1, 1), -1),
        ((1, -1, 0), -1),
        ((1, 0, -1), -1),
        ((-1, 0, 0), -1),
        ((-1, -1, -1), -1),
    ],
)
def test_synchrony_is_known_where_neither_modality_is_forged(
    labels: tuple[int, int, int], wanted: int
) -> None:
    label, visual, audio = labels
    video = VideoInfo(
        id="a", path="", label=label, label_visual=visual, label_audio=audio
    )
    assert sync_label_of(video) == wanted
