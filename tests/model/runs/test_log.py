"""Logs of a run: written line by line, read up to the first damaged line."""

from pathlib import Path

import pytest

from avdf.model.runs.log import LogWriter, read_log


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.jsonl"
    writer = LogWriter(path)
    writer.write({"step": 1, "loss": 0.5})
    writer.write({"step": 2, "loss": None})
    writer.close()
    return path


def test_lines_are_read_as_they_were_written(log: Path) -> None:
    assert read_log(log) == [{"step": 1, "loss": 0.5}, {"step": 2, "loss": None}]


def test_a_second_writer_goes_on_after_the_first(log: Path) -> None:
    writer = LogWriter(log)
    writer.write({"step": 3})
    writer.close()
    assert [line["step"] for line in read_log(log)] == [1, 2, 3]


def test_a_line_is_readable_before_the_writer_is_closed(log: Path) -> None:
    writer = LogWriter(log)
    writer.write({"step": 3})
    assert len(read_log(log)) == 3
    writer.close()


def test_a_missing_log_has_no_lines(tmp_path: Path) -> None:
    assert read_log(tmp_path / "none.jsonl") == []


@pytest.mark.parametrize(
    "damaged", ['{"ste', "3", "[1]", "{}", '{"step": "x"}', "[" * 100_000]
)
def test_a_log_ends_before_its_first_damaged_line(log: Path, damaged: str) -> None:
    with log.open("a", encoding="utf-8") as file:
        file.write(f'{damaged}\n{{"step": 4}}\n')
    assert [line["step"] for line in read_log(log)] == [1, 2]
