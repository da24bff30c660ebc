"""Words and figures as the report prints them."""

import pytest

from avdf.model.report.number_text import (
    interval,
    number,
    percent,
    percents,
    some_spans,
)
from avdf.model.report.words import VERDICT_TITLES, spelled_out


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("RVFA", "real video, fake audio"),
        ("FVFA-GAN", "fake video, fake audio, face by FSGAN"),
        ("FVRA-WL", "fake video, real audio, lips by Wav2Lip"),
        ("FVFA-", "fake video, fake audio"),
        ("FVFA-XX", ""),
        ("real", ""),
        ("audio-driven", ""),
        ("", ""),
    ],
)
def test_categories_of_fakeavceleb_are_spelled_out(name: str, words: str) -> None:
    assert spelled_out(name) == words


def test_each_verdict_has_a_title() -> None:
    assert len(set(VERDICT_TITLES)) == 3


def test_shares_are_per_cent_with_one_digit() -> None:
    assert percent(0.9346) == "93.5 %"
    assert percents((0.848, 1.0)) == "84.8 – 100.0 %"


def test_other_figures_have_three_digits() -> None:
    assert number(0.98349) == "0.983"
    assert interval((0.9461, 1.0)) == "0.946 – 1.000"


def test_a_missing_figure_is_a_dash() -> None:
    assert percent(None) == number(None) == "–"


def test_a_missing_confidence_interval_is_left_out() -> None:
    assert percents(None) == interval(None) == ""


def test_only_some_spans_are_named() -> None:
    spans = [(0.0, 0.8), (1.2, 1.6), (2.0, 2.5)]
    assert some_spans(spans, 3) == "0.00–0.80 s, 1.20–1.60 s, 2.00–2.50 s"
    assert some_spans(spans, 2) == "0.00–0.80 s, 1.20–1.60 s and 1 more"
