"""Answers of detectors of others are taken as they are, or refused with what is wrong."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from avdf.model.peers.answers import AnswerError, read_answers
from avdf.model.verdicts import VERDICTS, PerVerdict

FINE = PerVerdict(0.1, None, 0.9)


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), min_size=3, max_size=3))
def test_probabilities_and_none_are_kept(values: list[float | None]) -> None:
    (answer,) = read_answers([PerVerdict(*values)], 1, VERDICTS)
    found = [None if math.isnan(p) else p for p in answer.fake]
    assert found == values
    assert answer.not_numbers == ()


def test_nan_counts_as_not_examined_and_is_named() -> None:
    (answer,) = read_answers([PerVerdict(float("nan"), 0.5, None)], 1, VERDICTS)
    assert math.isnan(answer.fake.visual) and answer.not_numbers == ("visual",)


@pytest.mark.parametrize(
    "value", [np.float32(0.5), np.array(0.5), torch.tensor(0.5), torch.tensor([0.5])]
)
def test_numbers_of_libraries_are_numbers(value: Any) -> None:
    (answer,) = read_answers([PerVerdict(None, None, value)], 1, VERDICTS)
    assert answer.fake.video == 0.5


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        (None, "returned a NoneType, expected a list"),
        (0.5, "returned a float"),
        (FINE, "returned a PerVerdict, expected a list"),
        ("ab", "returned a str"),
        ([FINE], "gave 1 answers, expected 2"),
        ([FINE, FINE, FINE], "gave 3 answers"),
        ([FINE, 0.5], "gave a float in its list"),
        ([FINE, (0.1, 0.2, 0.3)], "gave a tuple in its list"),
        ([FINE, PerVerdict(None, None, 1.5)], r"of video is 1.5, expected a number in"),
        ([FINE, PerVerdict(-0.1, None, None)], "of visual is -0.1"),
        ([FINE, PerVerdict(None, None, float("inf"))], "of video is inf"),
        ([FINE, PerVerdict(None, None, True)], "video is True, expected a number"),
        ([FINE, PerVerdict(None, None, "0.5")], "video is '0.5'"),
        ([FINE, PerVerdict(None, None, np.zeros((2, 2)))], "video is array"),
        ([FINE, PerVerdict(None, None, torch.zeros(2))], "video is tensor"),
        ([FINE, PerVerdict(None, 0.5, None)], "audio, which describe"),
    ],
)
def test_what_is_no_answer_is_refused(given_: Any, message: str) -> None:
    with pytest.raises(AnswerError, match=message):
        read_answers(given_, 2, ("visual", "video"))
