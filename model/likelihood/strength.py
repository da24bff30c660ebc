"""The strength of a likelihood ratio in words, on the verbal scale of ENFSI.

Source: ENFSI guideline for evaluative reporting in forensic science, 2015.
"""

import math

# log10(LR) from which on the next word holds.
_SCALE = (
    (math.log10(2), "weak"),
    (1.0, "moderate"),
    (2.0, "moderately strong"),
    (3.0, "strong"),
    (4.0, "very strong"),
    (6.0, "extremely strong"),
)
NO_SUPPORT = "no support for either"


def strength_words(log10_ratio: float, fake: str, real: str) -> str:
    """`moderate support for FAKE`, with the names of the two propositions.

    Args:
        log10_ratio: finite.
    """
    size = abs(log10_ratio)
    words = [word for least, word in _SCALE if size >= least]
    if not words:
        return NO_SUPPORT
    return f"{words[-1]} support for {fake if log10_ratio > 0 else real}"
