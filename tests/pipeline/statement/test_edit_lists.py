"""Edit lists of MP4 files, made by ffmpeg and by hand."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.pipeline.statement.edit_lists import read_edit_lists
from avdf.pipeline.statement.file_statement import EditEntry
from tests.helpers.lavfi import file_input, generated, make


def box(kind: bytes, content: bytes) -> bytes:
    return (len(content) + 8).to_bytes(4, "big") + kind + content


def header(kind: bytes, scale: int) -> bytes:
    """A header box of version 0 that states a time scale."""
    return box(kind, bytes(12) + scale.to_bytes(4, "big"))


def film(edits: bytes, media_scale: int = 1000) -> bytes:
    """A file of one track whose edit list is `edits`; the film counts in units of 1/100 s."""
    track = box(b"edts", box(b"elst", edits))
    track += box(b"mdia", header(b"mdhd", media_scale))
    return box(b"moov", header(b"mvhd", 100) + box(b"trak", track))


def edit(duration: int, start: int, rate: int = 1) -> bytes:
    words = duration.to_bytes(4, "big") + start.to_bytes(4, "big", signed=True)
    return words + rate.to_bytes(2, "big") + bytes(2)


def edit_list(*edits: bytes, count: int | None = None) -> bytes:
    number = len(edits) if count is None else count
    return bytes(4) + number.to_bytes(4, "big") + b"".join(edits)


def write(folder: Path, content: bytes) -> Path:
    path = folder / "a.mp4"
    path.write_bytes(content)
    return path


def test_a_list_is_read_in_seconds(tmp_path: Path) -> None:
    edits = edit_list(edit(50, -1), edit(200, 3500), edit(0, 1000, rate=2))
    (found,) = read_edit_lists(write(tmp_path, film(edits)))
    assert found.track == 1
    assert found.entries == (
        EditEntry(None, 0.5, 1.0),
        EditEntry(3.5, 2.0, 1.0),
        EditEntry(1.0, 0.0, 2.0),
    )


def test_a_list_that_only_skips_the_start_of_an_encoder_is_usual(
    tmp_path: Path,
) -> None:
    assert read_edit_lists(write(tmp_path, film(edit_list(edit(200, 40))))) == ()


def test_a_count_beyond_the_box_reads_no_more_than_the_box(tmp_path: Path) -> None:
    edits = edit_list(edit(50, -1), edit(200, 0), count=0xFFFFFFFF)
    (found,) = read_edit_lists(write(tmp_path, film(edits)))
    assert len(found.entries) == 2


def test_a_list_without_a_time_scale_is_an_error(tmp_path: Path) -> None:
    edits = edit_list(edit(50, -1), edit(200, 0))
    with pytest.raises(ValueError, match="without a time scale"):
        read_edit_lists(write(tmp_path, film(edits, media_scale=0)))


def test_a_clip_whose_start_was_cut_away_without_encoding_shows_it(
    tmp_path: Path,
) -> None:
    video = generated("testsrc=size=64x64:rate=25:duration=4")
    options = "-c:v libx264 -preset ultrafast -g 100"
    source = make(tmp_path / "source.mp4", video, options=options)
    cut = ["-ss", "1.6", *file_input(source)]
    path = make(tmp_path / "cut.mp4", cut, options="-c copy")
    (found,) = read_edit_lists(path)
    # The frames before the cut are still in the file.
    assert found.entries[-1].start == pytest.approx(1.6, abs=0.1)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.mp4"
    for data in (content, film(content), box(b"moov", box(b"trak", content))):
        path.write_bytes(data)
        try:
            read_edit_lists(path)
        except ValueError as error:
            assert str(error)
