"""Likelihood ratios in words, on the verbal scale of ENFSI.

Source: ENFSI guideline for evaluative reporting in forensic science, 2015.
"""

import math

from avdf.model.likelihood.ratio_model import FEWEST, RatioModel

PROPOSITIONS = (
    "likelihood ratio: P(this score | forged as the fake validation videos are) divided by "
    "P(this score | genuine as the real validation videos are)"
)
_TOO_FEW = (
    f"no likelihood ratio: it takes {FEWEST} fake and {FEWEST} real validation videos, and a "
    "higher score among the fakes"
)

# log10(LR) from which on the next word holds.
_SCALE = (
    (math.log10(2), "weak"),
    (1.0, "moderate"),
    (2.0, "moderately strong"),
    (3.0, "strong"),
    (4.0, "very strong"),
    (6.0, "extremely strong"),
)
_NO_SUPPORT = "no support for forged or for genuine"


def ratio_words(log10_ratio: float, model: RatioModel | None = None) -> str:
    """`LR 34: moderate support for forged`; below 1 as a fraction, `LR 1/20`.

    Args:
        log10_ratio: finite.
        model: that gave it; a ratio at one of its bounds is marked.
    """
    size = 10 ** abs(log10_ratio)
    ratio = f"LR {size:.3g}" if log10_ratio >= 0 else f"LR 1/{size:.3g}"
    if model is not None and log10_ratio in (model.bounds.lower, model.bounds.upper):
        ratio += " (the most that the validation videos support)"
    return f"{ratio}: {strength_words(log10_ratio)}"


def frequency_words(log10_ratio: float) -> str:
    """`By the validation videos, a score like this is about 34 times as frequent among ...`."""
    size = 10 ** abs(log10_ratio)
    times = f"{size:.0f}" if size >= 10 else f"{size:.2g}"
    first, second = ("fake", "genuine") if log10_ratio >= 0 else ("genuine", "fake")
    if abs(log10_ratio) < _SCALE[0][0]:
        return (
            "By the validation videos, a score like this is about as frequent among genuine videos "
            "as among fake ones."
        )
    return (
        f"By the validation videos, a score like this is about {times} times as frequent among "
        f"{first} videos as among {second} ones."
    )


def strength_words(log10_ratio: float) -> str:
    """`moderate support for forged`."""
    words = [word for least, word in _SCALE if abs(log10_ratio) >= least]
    if not words:
        return _NO_SUPPORT
    return f"{words[-1]} support for {'forged' if log10_ratio > 0 else 'genuine'}"


def support_words(model: RatioModel | None) -> str:
    """What the ratios of a verdict rest on, or why there are none."""
    if model is None:
        return _TOO_FEW
    least, most = 10**-model.bounds.lower, 10**model.bounds.upper
    return (
        f"from {model.fake} fake and {model.real} real validation videos, which support ratios "
        f"from 1/{least:.3g} to {most:.3g}"
    )
