"""What long work reports can be printed as it is."""

import pytest

from avdf.events import Event, Note, Progress, Stage, ignore


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (Progress("prep", 3, 20, "videos"), "prep: 3 of 20 videos"),
        (
            Progress("prep", 3, 20, "videos", "1 failed"),
            "prep: 3 of 20 videos, 1 failed",
        ),
        (Note("b.mp4 is not listed"), "b.mp4 is not listed"),
        (Stage("prepared 20 videos"), "prepared 20 videos"),
    ],
)
def test_an_event_prints_as_one_line(event: Event, text: str) -> None:
    assert str(event) == text


def test_nothing_is_reported_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    ignore(Note("unseen"))
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""
