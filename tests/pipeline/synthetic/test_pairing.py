"""The kinds of video of a dataset of pairs, and what each is labelled."""

import pytest

from avdf.pipeline.synthetic.pairing import KINDS, PAIRINGS, Pairing


def test_the_kinds_are_those_of_the_list() -> None:
    unshifted = "genuine other_person other_words"
    shifted = "late_5 early_5 late_10 early_10 late_20 early_20"
    assert " ".join(KINDS) == f"{unshifted} {shifted}"


def test_only_genuine_is_real() -> None:
    real = [name for name, pairing in PAIRINGS.items() if pairing.label == 0]
    assert real == ["genuine"]


@pytest.mark.parametrize("name", KINDS[3:])
def test_a_shifted_kind_is_named_after_its_shift(name: str) -> None:
    direction, frames = name.split("_")
    sign = {"late": 1, "early": -1}[direction]
    assert PAIRINGS[name].late == sign * int(frames)
    assert PAIRINGS[name].sound == "own"


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("genuine", "genuine"),
        ("other_person", "other_sound"),
        ("other_words", "other_sound"),
        ("late_5", "shifted_sound"),
        ("early_20", "shifted_sound"),
    ],
)
def test_kinds_are_in_three_categories(name: str, category: str) -> None:
    assert PAIRINGS[name].category == category


def test_an_unknown_sound_is_refused() -> None:
    with pytest.raises(ValueError, match="sound 'thunder' is not one of own, other_w"):
        Pairing("storm", "thunder")


@pytest.mark.parametrize("late", [21, -21])
def test_a_shift_beyond_what_a_take_holds_is_refused(late: int) -> None:
    with pytest.raises(ValueError, match=f"late is {late} frames, expected -20 to 20"):
        Pairing("too_far", late=late)
