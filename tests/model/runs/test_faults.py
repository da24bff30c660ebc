"""What is wrong with a value, in plain words."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from avdf.model.runs.faults import first_fault
from avdf.model.runs.header import check_header


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (int, "x", "must be a whole number"),
        (float, "x", "must be a number"),
        (bool, "x", "must be true or false"),
        (str, 3, "must be text"),
        (Literal["a", "b"], "c", "must be one of 'a' or 'b'"),
        (Annotated[float, Field(ge=0)], -1, "is too small"),
        (Annotated[float, Field(le=1)], 2, "is too large"),
        (
            Annotated[float, Field(allow_inf_nan=False)],
            float("nan"),
            "must be a finite number",
        ),
        (dict[str, int], [1], "has a value of the wrong kind"),
    ],
)
def test_a_fault_is_told_in_plain_words(kind: Any, value: Any, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    assert first_fault(caught.value)[1] == words


def test_a_fault_names_its_location_and_value() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(dict[str, dict[str, int]]).validate_python(
            {"training": {"epochs": "x"}}
        )
    location, _, value = first_fault(caught.value)
    assert (location, value) == ("training.epochs", "x")


def test_a_header_that_is_not_complete_is_refused() -> None:
    with pytest.raises(ValueError, match="epoch is missing"):
        check_header({})
