"""Pieces of footage that is forged piece by piece."""

from hypothesis import given
from hypothesis import strategies as st

from avdf.model.forging.pieces import pieces

WINDOW = 16


@given(st.integers(1, 2000), st.data())
def test_every_window_has_a_whole_piece(rows: int, data: st.DataObject) -> None:
    found = pieces(rows)
    # They follow each other, and none is empty.
    assert [number for first, stop in found for number in range(first, stop)] == list(
        range(rows)
    )
    assert all(first < stop for first, stop in found)
    begin = data.draw(st.integers(0, max(0, rows - WINDOW)))
    end = min(rows, begin + WINDOW)
    assert any(begin <= first and stop <= end for first, stop in found)


def test_a_window_is_one_piece() -> None:
    assert pieces(WINDOW) == [(0, WINDOW)]
    assert pieces(WINDOW + 1) == [(0, 5), (5, 11), (11, 17)]
