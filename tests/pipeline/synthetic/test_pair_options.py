"""Options of a dataset of pairs: what cannot be generated is refused at once."""

from typing import Any

import pytest

from avdf.pipeline.synthetic.pair_options import PairOptions


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"persons": 0}, "persons is 0, expected at least 1"),
        ({"first_person": -1}, "first_person is -1, expected 0 or more"),
        ({"seconds": 0.0}, r"seconds is 0.0, expected a multiple of 0.04"),
        ({"seconds": -0.4}, r"seconds is -0.4, expected a multiple of 0.04"),
        ({"seconds": 1.01}, r"seconds is 1.01, expected a multiple of 0.04"),
        ({"kinds": ()}, "kinds is .*, expected at least one, and each once"),
        ({"kinds": ("late_5", "late_5")}, "expected at least one, and each once"),
        ({"kinds": ("late_6",)}, "kind 'late_6' is not one of genuine, other_person"),
        ({"split": "dev"}, "split 'dev' is not one of train, val, test or empty"),
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PairOptions(**wrong)


@pytest.mark.parametrize(("seconds", "frames"), [(0.04, 1), (0.64, 16), (3.2, 80)])
def test_the_length_is_a_whole_number_of_frames(seconds: float, frames: int) -> None:
    assert PairOptions(seconds=seconds).frames == frames
