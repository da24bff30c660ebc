"""What ffmpeg prints is kept, in short, with the row where it began."""

import io
from pathlib import Path

from avdf.pipeline.media.complaints import Complaints, last_line

PATH = Path("/videos/a.mp4")


def heard(printed: bytes) -> Complaints:
    complaints = Complaints()
    rows = iter(range(100, 200))
    complaints.listen(io.BytesIO(printed), lambda: next(rows))
    return complaints


def test_the_first_complaint_has_its_row() -> None:
    complaints = heard(b"one\ntwo\n")
    assert complaints.first_row == 100
    assert complaints.last(PATH) == "two"


def test_no_complaint_has_no_row() -> None:
    complaints = heard(b"")
    assert complaints.first_row is None
    assert complaints.last(PATH) == ""


def test_harmless_lines_are_no_complaints() -> None:
    complaints = heard(
        b"[null] non monotonically increasing dts to muxer in stream 0\n"
    )
    assert complaints.first_row is None


def test_a_flood_of_complaints_takes_little_memory() -> None:
    complaints = heard(
        b"".join(b"x" * 5000 + b"%d\n" % number for number in range(300))
    )
    kept = complaints._lines
    assert len(kept) == 64
    assert max(map(len, kept)) == 1000


def test_prefixes_and_the_path_are_left_out() -> None:
    printed = f"first\n[h264 @ 0x55] [error] file:{PATH.resolve()}: Invalid data\n\n"
    assert last_line(printed, PATH) == "Invalid data"


def test_nothing_printed_is_said_as_that() -> None:
    assert last_line(" \n", PATH) == "no reason given"


def test_a_long_line_is_cut() -> None:
    assert last_line("y" * 500, PATH) == "y" * 200


def test_a_line_that_names_no_cause_is_not_the_last_word() -> None:
    nothing = "[out#0 @ 0x1] Nothing was written into output file, because ...\n"
    assert last_line(f"Invalid data\n{nothing}", Path("a.mp4")) == "Invalid data"
    assert last_line(nothing, Path("a.mp4")) == "no reason given"


def test_a_file_that_is_cut_short_is_the_cause_of_what_follows() -> None:
    """The threads of ffmpeg print in any order."""
    cause = "[in#0/mov @ 0x1] stream 1, offset 0x5: partial file\n"
    effect = "[aac @ 0x2] Input buffer exhausted\n"
    both = {last_line(cause + effect, PATH), last_line(effect + cause, PATH)}
    assert both == {"stream 1, offset 0x5: partial file"}
