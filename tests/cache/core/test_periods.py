"""Manipulated periods as text in a table."""

import pytest

from avdf.cache import Period
from avdf.cache.core.periods import parse_periods, periods_text


def test_periods_are_read_as_they_were_written() -> None:
    periods = (Period(0.0, 1.25, 1, 0), Period(2.5, 2.5, -1, 1))
    assert parse_periods(periods_text(periods)) == periods


def test_no_periods_are_an_empty_text() -> None:
    assert periods_text(()) == ""
    assert parse_periods("") == ()


@pytest.mark.parametrize(
    "text", ["{", "[1]", "[[1, 2]]", "7", '[["a", 1, 0, 0]]', "[" * 5000]
)
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # JSON and `Period` have messages of their own
        parse_periods(text)


def test_a_period_that_runs_backward_is_refused() -> None:
    with pytest.raises(ValueError, match="does not run forward"):
        parse_periods("[[2, 1, 0, 0]]")
