"""Names from outside: what is spelled out before it is shown or put into a table."""

import os

import pytest

from avdf.cache.core.safe_text import printable, spreadsheet_safe


@pytest.mark.parametrize("text", ["", "a.mp4", "ä ö ü.mp4", "視頻.mp4", "-a (1).mp4"])
def test_an_ordinary_name_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\nb", "a\\x0ab"),
        ("a\u202eb", "a\\u202eb"),
        ("a\ud800b", "a\\ud800b"),
    ],
)
def test_characters_that_act_on_a_terminal_are_spelled_out(
    text: str,
    expected: str,
) -> None:
    assert printable(text) == expected


def test_a_byte_that_is_not_utf_8_is_spelled_as_that_byte() -> None:
    assert printable(os.fsdecode(b"a\xff.mp4")) == "a\\xff.mp4"


def test_characters_to_keep_stay() -> None:
    assert printable("a\nb\x1b", keep="\n") == "a\nb\\x1b"


@pytest.mark.parametrize("text", ["=1+1", "@sum", "+1(2)", "-1|cmd", "-a!b"])
def test_what_a_spreadsheet_would_calculate_gets_an_apostrophe(text: str) -> None:
    assert spreadsheet_safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-0YWf6c.mp4", "+49 30", "a=1", "1-2"])
def test_a_name_that_only_looks_like_a_number_stays(text: str) -> None:
    assert spreadsheet_safe(text) == text


def test_making_a_name_safe_twice_changes_nothing_more() -> None:
    once = spreadsheet_safe("=1\x1b")
    assert spreadsheet_safe(once) == once
