"""Figures of curves against NumPy's own functions, one curve at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.model.synchrony import offset_curves
from avdf.model.synchrony.curve_figures import join_figures, read_figures
from avdf.model.synchrony.offset_curves import OFFSETS, OffsetCurves

NAN = np.nan
# Values in steps of 1/8: sums and means of them are exact.
VALUES = st.integers(0, 16).map(lambda number: number / 8)


@given(st.lists(st.tuples(VALUES, st.booleans()), min_size=7, max_size=7))
def test_figures_of_a_curve_with_gaps(points: list[tuple[float, bool]]) -> None:
    curve = np.array([value if there else NAN for value, there in points])
    curve[3] = 0.5  # the middle is always there

    found = read_figures(curve[None], np.array([True]))

    assert found.here[0] == 0.5
    assert found.median[0] == np.nanmedian(curve)
    assert found.least[0] == np.nanmin(curve)
    assert found.best[0] == np.nanargmin(curve)


def test_a_curve_that_is_not_known_has_no_figures() -> None:
    curves = np.array([[1.0, 2.0, 0.0], [NAN, NAN, NAN], [3.0, 1.0, 2.0]])

    found = read_figures(curves, np.array([True, False, True]))

    np.testing.assert_array_equal(found.here, [2.0, NAN, 1.0])
    np.testing.assert_array_equal(found.median, [1.0, NAN, 2.0])
    np.testing.assert_array_equal(found.least, [0.0, NAN, 1.0])
    np.testing.assert_array_equal(found.best, [2.0, NAN, 1.0])
    twice = join_figures([found, found])
    np.testing.assert_array_equal(twice.best, [2.0, NAN, 1.0] * 2)
    np.testing.assert_array_equal(twice.known, [True, False, True] * 2)


def test_curves_are_the_same_read_some_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    generator = np.random.default_rng(0)
    pairs = generator.integers(0, 17, (11, len(OFFSETS))).astype(np.int32)
    pairs[::2] = 16
    sums = generator.random(pairs.shape, np.float32) * pairs

    at_once = OffsetCurves(sums, pairs)
    assert at_once.is_known.any()
    wanted = np.array([at_once.sync, at_once.depth, at_once.offset_ms])
    monkeypatch.setattr(offset_curves, "_CURVES_AT_ONCE", 4)
    some = OffsetCurves(sums, pairs)

    found = np.array([some.sync, some.depth, some.offset_ms])
    np.testing.assert_array_equal(found, wanted)


def test_no_curves_have_no_figures() -> None:
    assert OffsetCurves.unknown(0).sync.shape == (0,)
