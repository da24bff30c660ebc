"""The words of a likelihood ratio."""

import math

import pytest

from avdf.model.likelihood.ratio_bounds import RatioBounds
from avdf.model.likelihood.ratio_model import RatioModel
from avdf.model.likelihood.ratio_words import ratio_words, strength_words
from avdf.model.logistic import Logistic


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (1.5, "no support for forged or for genuine"),
        (3, "weak support for forged"),
        (1 / 3, "weak support for genuine"),
        (50, "moderate support for forged"),
        (500, "moderately strong support for forged"),
        (1 / 5000, "strong support for genuine"),
        (50_000, "very strong support for forged"),
        (1e7, "extremely strong support for forged"),
    ],
)
def test_the_strength_is_named_on_the_scale(ratio: float, words: str) -> None:
    assert strength_words(math.log10(ratio)) == words


def test_a_ratio_below_one_is_a_fraction() -> None:
    assert ratio_words(math.log10(34)) == "LR 34: moderate support for forged"
    assert ratio_words(-math.log10(20)) == "LR 1/20: moderate support for genuine"
    assert ratio_words(0.0) == "LR 1: no support for forged or for genuine"


def test_a_ratio_at_its_bound_is_marked() -> None:
    model = RatioModel(Logistic(1.0, 0.0), RatioBounds(-1.2, 1.0), fake=23, real=23)
    most = "(the most that the validation videos support)"
    assert ratio_words(1.0, model) == f"LR 10 {most}: moderate support for forged"
    assert ratio_words(-1.2, model).startswith(f"LR 1/15.8 {most}: ")
    assert most not in ratio_words(0.9, model)
