"""Numbers, names and spellings of labels."""

import pytest

from avdf.cache.core.labels import FAKE, REAL, UNKNOWN, label_name, parse_label


@pytest.mark.parametrize(
    ("label", "name"),
    [
        (REAL, "real"),
        (FAKE, "fake"),
        (UNKNOWN, "unknown"),
        (7, "unknown"),
    ],
)
def test_a_label_has_a_name(label: int, name: str) -> None:
    assert label_name(label) == name


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("0", REAL),
        ("real", REAL),
        (" REAL ", REAL),
        ("1", FAKE),
        ("Fake", FAKE),
        ("-1", UNKNOWN),
        ("unknown", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_tables_may_spell_a_label_in_several_ways(text: str, label: int) -> None:
    assert parse_label(text) == label


def test_the_name_of_a_label_is_one_of_its_spellings() -> None:
    for label in (REAL, FAKE, UNKNOWN):
        assert parse_label(label_name(label)) == label


def test_another_spelling_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        ValueError,
        match="'maybe', which is no label; use 0 or real, 1 or fake",
    ):
        parse_label("maybe")


def test_a_long_text_is_shortened_in_the_message() -> None:
    with pytest.raises(ValueError, match="no label") as caught:
        parse_label("x" * 1000)
    assert len(str(caught.value)) < 200
