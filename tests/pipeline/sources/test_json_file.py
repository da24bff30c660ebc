"""JSON lists are read entry by entry, as `json` reads them whole."""

import json
from pathlib import Path
from typing import Any

import pytest

from avdf.cache.core.errors import SourceError
from avdf.pipeline.sources import json_file
from avdf.pipeline.sources.json_file import json_entries

LISTS: list[list[Any]] = [
    [],
    [1],
    [12345, -1.5e3, True, None, "a, ]b"],
    [{"file": "ä.mp4", "periods": [[0.5, 1.0], []]}] * 3,
    [[[]], {}, ""],
]


@pytest.fixture(params=[1, 7, 1 << 20])
def part(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many characters are read at a time."""
    monkeypatch.setattr(json_file, "_PART", request.param)
    return int(request.param)


@pytest.mark.parametrize("entries", LISTS)
@pytest.mark.parametrize("indent", [None, 2])
def test_entries_are_those_of_the_list(
    entries: list[Any], indent: int | None, part: int, tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    path.write_text(f"\ufeff \n{json.dumps(entries, indent=indent)}\n", "utf-8")
    assert list(json_entries(path)) == entries


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read as JSON"),
        ("{", "cannot be read as JSON"),
        ('{"a": 1}', "not a list of files"),
        ("3", "not a list of files"),
        ("[", "the file ends too early at character 1"),
        ("[1, 2", "expected a comma or the end of the list at character 5"),
        ("[1 2]", "expected a comma or the end of the list at character 3"),
        ("[1,]", "Expecting value at character 3"),
        ('["abc", "de', "Unterminated string starting at at character 8"),
        ("[1] 2", "expected nothing after the list at character 4"),
        ("[" * 200_000, "cannot be read as JSON"),
    ],
)
def test_what_is_no_list_is_refused(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(text, "utf-8")
    with pytest.raises(SourceError, match=message):
        list(json_entries(path))


def test_only_a_part_of_the_file_is_read_before_the_first_entry(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(["x" * 1000] * 3000) + "no JSON", "utf-8")
    assert next(json_entries(path)) == "x" * 1000
