"""What a command shows while it works."""

import pytest

from avdf.cli.listener import Listener
from avdf.events import Note, Progress, Stage


def test_progress_is_shown_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with Listener() as listener:
        listener(Progress("prep", 1, 2, "videos"))
        listener(Progress("prep", 2, 2, "videos"))
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "prep: 2 of 2 videos\n")


def test_a_new_task_ends_the_one_before(capsys: pytest.CaptureFixture[str]) -> None:
    with Listener() as listener:
        listener(Progress("prep", 2, 2, "videos"))
        listener(Progress("train", 1, 9, "steps"))
    assert capsys.readouterr().err.splitlines() == [
        "prep: 2 of 2 videos",
        "train: 1 of 9 steps",
    ]


def test_a_finished_stage_is_shown_on_stdout(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Listener() as listener:
        listener(Progress("prep", 2, 2, "videos"))
        listener(Stage("prepared 2 of 2 videos"))
        captured = capsys.readouterr()
    assert captured.out == "prepared 2 of 2 videos\n"
    assert captured.err == "prep: 2 of 2 videos\n"


def test_notes_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    Listener()(Note("a.txt is not listed"))
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "a.txt is not listed\n")


def test_notes_go_to_stdout_where_they_are_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Listener(notes_on_stdout=True)(Note("a.txt is not listed"))
    assert capsys.readouterr().out == "a.txt is not listed\n"


def test_an_error_shows_how_far_the_task_came(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(KeyboardInterrupt), Listener() as listener:
        listener(Progress("train", 3, 9, "steps", "loss 0.693"))
        raise KeyboardInterrupt
    assert capsys.readouterr().err == "train: 3 of 9 steps, loss 0.693\n"
