"""What a detector of others answers, checked: as many answers as asked for, each P in [0, 1]."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from avdf.model.verdicts import PerVerdict, Verdict

_MOST_SHOWN = 60  # characters of a wrong value


class AnswerError(ValueError):
    """A detector did not answer as the protocol demands."""


@dataclass(frozen=True)
class Answer:
    """P(fake) of each verdict; NaN where it was not examined.

    not_numbers  the verdicts for which the detector gave NaN where it should have given None
    """

    fake: PerVerdict[float]
    not_numbers: tuple[Verdict, ...] = ()


def read_answers(given: Any, count: int, judges: Sequence[Verdict]) -> list[Answer]:
    """The answers on `count` windows or videos.

    Args:
        given: what `score` returned.
        judges: the verdicts that the detector gives.

    Raises:
        AnswerError: another number of answers, something that is no PerVerdict, a value that is no
            number in [0, 1], or a verdict that the detector does not give.
    """
    # A PerVerdict can be gone through too: alone, it would be taken for three answers.
    if isinstance(given, PerVerdict | str | bytes) or not hasattr(given, "__len__"):
        raise AnswerError(
            f"score() returned a {type(given).__name__}, expected a list of PerVerdict"
        )
    answers = list(given)
    if len(answers) != count:
        raise AnswerError(f"score() gave {len(answers)} answers, expected {count}")
    return [_answer(one, judges) for one in answers]


def _answer(given: Any, judges: Sequence[Verdict]) -> Answer:
    if not isinstance(given, PerVerdict):
        raise AnswerError(
            f"score() gave a {type(given).__name__} in its list, expected a PerVerdict"
        )
    fake = PerVerdict.of(lambda name: _number(name, given[name], judges))
    odd = [
        name
        for name, value in fake.items()
        if given[name] is not None and math.isnan(value)
    ]
    return Answer(fake, tuple(odd))


def _number(name: Verdict, value: Any, judges: Sequence[Verdict]) -> float:
    """P(fake) as a number; NaN for None."""
    if value is None:
        return math.nan
    if name not in judges:
        raise AnswerError(
            f"score() gave a value of {name}, which describe() does not list in judges"
        )
    # True and "0.5" can be turned into numbers, and are none.
    number = None
    if not isinstance(value, bool | str | bytes):
        try:
            number = float(value)
        except (TypeError, ValueError, RuntimeError):
            number = None
    if number is None:
        shown = " ".join(repr(value).split())[:_MOST_SHOWN]
        raise AnswerError(f"{name} is {shown}, expected a number or None")
    if not math.isnan(number) and not 0 <= number <= 1:
        raise AnswerError(
            f"P(fake) of {name} is {number:g}, expected a number in [0, 1]"
        )
    return number
