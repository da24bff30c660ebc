"""The figure of an offset curve: every value at its place, and nothing to read from a bad curve."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.model.report.offset_figure import draw_offsets
from avdf.model.report.style import SYNC_COLOUR, UNKNOWN_COLOUR
from avdf.model.synchrony.synchrony import NOT_COMPARED, Synchrony

# Where -1000 ms and 1000 ms lie, and the upper and the lower end of the curve, in pixels.
LEFT, RIGHT, UPPER, LOWER = 54, 324, 18, 114
COUNT = 51

# Like a video whose sound is 320 ms late: 0.8 everywhere, and 0.3 at the 33rd offset.
LATE_CURVE = (*[0.8] * 33, 0.3, *[0.8] * 17)
LATE = Synchrony(
    sync=0.0,
    depth=0.5,
    offset_ms=320,
    probability=0.93,
    verdict="out of sync",
    curve=LATE_CURVE,
)


def parsed(found: Synchrony) -> ElementTree.Element:
    return ElementTree.fromstring(draw_offsets(found))


def lines_of(figure: ElementTree.Element) -> list[list[tuple[float, float]]]:
    """The points of each line of the curve."""
    found = []
    for line in figure.iter("polyline"):
        pairs = [pair.split(",") for pair in line.attrib["points"].split()]
        found.append([(float(x), float(y)) for x, y in pairs])
    return found


def words_of(figure: ElementTree.Element) -> list[str]:
    return [str(element.text) for element in figure.iter("text")]


def test_the_curve_has_a_point_for_each_offset() -> None:
    (points,) = lines_of(parsed(LATE))
    wanted = np.linspace(LEFT, RIGHT, COUNT)
    assert [x for x, _ in points] == pytest.approx(wanted.tolist(), abs=0.051)


def test_the_heights_of_the_curve_are_its_distances() -> None:
    """The curve has a margin of 8 % of its range above and below."""
    (points,) = lines_of(parsed(LATE))
    high = UPPER + (LOWER - UPPER) * 0.08 / 1.16
    low = LOWER - (LOWER - UPPER) * 0.08 / 1.16
    assert points[33][1] == pytest.approx(low, abs=0.051)
    others = [y for number, (_, y) in enumerate(points) if number != 33]
    assert others == pytest.approx([high] * 50, abs=0.051)


def test_the_least_distance_is_marked_and_named() -> None:
    figure = parsed(LATE)
    (mark,) = figure.iter("circle")
    (points,) = lines_of(figure)
    assert (float(mark.attrib["cx"]), float(mark.attrib["cy"])) == points[33]
    # 320 ms of 1000 ms to the right of the middle.
    assert float(mark.attrib["cx"]) == pytest.approx(189 + 0.32 * 135, abs=0.051)
    assert "best: 320 ms late" in words_of(figure)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (24, "best: 40 ms early"),
        (25, "best: as it is"),
        (0, "best: 1000 ms early"),
    ],
)
def test_the_mark_says_late_or_early(place: int, words: str) -> None:
    curve = [0.8] * COUNT
    curve[place] = 0.3
    found = replace(LATE, curve=tuple(curve), offset_ms=(place - 25) * 40)
    assert words in words_of(parsed(found))


def test_dashed_lines_are_at_0_ms_and_at_the_median() -> None:
    curve = np.linspace(0.2, 1.2, COUNT)
    figure = parsed(replace(LATE, curve=tuple(curve.tolist()), offset_ms=-1000))
    upright, level = figure.iter("line")
    assert upright.attrib["x1"] == upright.attrib["x2"] == "189.0"
    # A straight line has its median in the middle of the figure.
    middle = (UPPER + LOWER) / 2
    assert float(level.attrib["y1"]) == pytest.approx(middle, abs=0.051)
    assert level.attrib["y1"] == level.attrib["y2"]


def test_the_axis_is_named_in_plain_words() -> None:
    words = words_of(parsed(LATE))
    assert {"← sound early", "sound late →", "median", "distance"} <= set(words)
    # The ends of the axis of distances: 0.3 and 0.8, and the margin of 8 %.
    assert {"0.84", "0.26"} <= set(words)


def test_noise_stays_small() -> None:
    """A curve between 0.50 and 0.51 covers a twentieth of at least 0.2, not the whole height."""
    curve = [0.5 + 0.01 * (number % 2) for number in range(COUNT)]
    figure = parsed(replace(LATE, curve=tuple(curve), offset_ms=None))
    (points,) = lines_of(figure)
    heights = [y for _, y in points]
    wanted = (LOWER - UPPER) * 0.01 / (0.2 * 1.16)
    assert max(heights) - min(heights) == pytest.approx(wanted, abs=0.11)


def test_a_curve_without_a_best_offset_has_no_mark() -> None:
    figure = parsed(replace(LATE, curve=(0.7,) * COUNT, offset_ms=None))
    assert not list(figure.iter("circle"))
    assert not any("best" in words for words in words_of(figure))


def test_a_curve_is_broken_where_nothing_was_compared() -> None:
    curve = (None, *LATE_CURVE[1:10], None, None, *LATE_CURVE[12:50], None)
    lines = lines_of(parsed(replace(LATE, curve=curve)))
    assert [len(points) for points in lines] == [9, 38]
    # The second line begins at offset number 12.
    assert lines[1][0][0] == pytest.approx(LEFT + 12 * 270 / 50, abs=0.051)


def test_a_curve_whose_verdict_is_withheld_is_grey_and_not_marked() -> None:
    figure = draw_offsets(replace(LATE, verdict=""))
    assert UNKNOWN_COLOUR in figure and SYNC_COLOUR not in figure
    assert "<circle" not in figure and "best" not in figure


@pytest.mark.parametrize(
    "found",
    [
        NOT_COMPARED,
        Synchrony(sync=-0.1, depth=0.2, note="not learned", curve=LATE_CURVE),
        replace(LATE, curve=()),
        replace(LATE, curve=(None,) * COUNT),
    ],
)
def test_where_nothing_was_examined_there_is_no_figure(found: Synchrony) -> None:
    assert draw_offsets(found) == ""


@given(
    st.lists(
        st.one_of(st.none(), st.floats(0, 2)),
        min_size=COUNT,
        max_size=COUNT,
    )
)
def test_every_curve_stays_within_its_figure(curve: list[float | None]) -> None:
    found = replace(LATE, curve=tuple(curve), offset_ms=None)
    known = [value for value in curve if value is not None]
    figure = draw_offsets(found)
    assert bool(figure) == bool(known)
    places = re.findall(r'points="([^"]+)"', figure)
    pairs = [pair.split(",") for line in places for pair in line.split()]
    assert len(pairs) == len(known)
    for x, y in pairs:
        assert LEFT <= float(x) <= RIGHT and UPPER <= float(y) <= LOWER
