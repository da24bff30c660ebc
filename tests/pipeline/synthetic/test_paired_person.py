"""The persons of a dataset of pairs: their splits and their partners."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.pipeline.synthetic.pair_options import PairOptions
from avdf.pipeline.synthetic.paired_person import paired_persons


def test_three_of_five_persons_are_trained_on() -> None:
    persons = paired_persons(PairOptions(persons=90))
    splits = Counter(person.split for person in persons)
    assert splits == {"train": 54, "val": 18, "test": 18}


def test_each_split_has_as_many_women_as_men() -> None:
    persons = paired_persons(PairOptions(persons=90))
    cells = Counter((person.split, person.gender) for person in persons)
    for split in ("train", "val", "test"):
        assert cells[split, "women"] == cells[split, "men"]


def test_one_split_for_all() -> None:
    persons = paired_persons(PairOptions(persons=7, split="test"))
    assert {person.split for person in persons} == {"test"}


@given(persons=st.integers(10, 60), first=st.integers(0, 1000))
def test_a_partner_is_somebody_else_of_the_same_split(persons: int, first: int) -> None:
    found = paired_persons(PairOptions(persons, first_person=first))
    split_of = {person.number: person.split for person in found}
    assert list(split_of) == list(range(first, first + persons))
    for person in found:
        assert person.partner != person.number
        assert split_of[person.partner] == person.split


@given(persons=st.integers(20, 60), first=st.integers(0, 1000))
def test_each_voice_is_heard_with_one_other_face_of_its_gender(
    persons: int, first: int
) -> None:
    found = paired_persons(PairOptions(persons, first_person=first))
    gender_of = {person.number: person.gender for person in found}
    assert sorted(person.partner for person in found) == sorted(gender_of)
    for person in found:
        assert gender_of[person.partner] == person.gender


def test_two_persons_are_partners_whatever_their_gender() -> None:
    first, second = paired_persons(PairOptions(persons=2, split="test"))
    assert first.gender != second.gender
    assert (first.partner, second.partner) == (second.number, first.number)


def test_a_person_keeps_the_split_in_a_later_call() -> None:
    whole = paired_persons(PairOptions(persons=30))
    later = paired_persons(PairOptions(persons=10, first_person=20))
    splits = {person.name: person.split for person in whole}
    assert all(splits[person.name] == person.split for person in later)


def test_a_split_of_one_person_has_no_other_voice() -> None:
    with pytest.raises(ValueError, match="split val has one person, and other_person"):
        paired_persons(PairOptions(persons=5))


def test_a_single_person_is_enough_for_kinds_without_another_voice() -> None:
    kinds = ("genuine", "other_words", "late_5")
    assert len(paired_persons(PairOptions(persons=1, kinds=kinds))) == 1
