"""Bytes after the end of a video are reported; what belongs to a video is not."""

from pathlib import Path

import pytest

from avdf.pipeline.media.probe import probe
from avdf.pipeline.media.trailing_bytes import trailing_note
from avdf.pipeline.settings import Limits
from tests.helpers.lavfi import file_input, generated, make

VARIANTS = {
    "plain": "",
    "fast": "-movflags +faststart",
    "fragmented": "-movflags frag_keyframe+empty_moov",
    "dash": "-movflags dash+frag_keyframe",
}


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """One video of a second, in several arrangements of boxes."""
    folder = tmp_path_factory.mktemp("videos")
    inputs = generated("testsrc=size=64x64:rate=25:duration=1"), generated("sine=d=1")
    codecs = "-c:v libx264 -preset ultrafast -c:a aac"
    source = file_input(make(folder / "source.mp4", *inputs, options=codecs))
    found = {}
    for name, options in VARIANTS.items():
        path = make(folder / f"{name}.mp4", source, options=f"-c copy {options}")
        found[name] = path.read_bytes()
    return found


def note_on(content: bytes, folder: Path) -> str:
    path = folder / "a.mp4"
    path.write_bytes(content)
    return trailing_note(path)


def box(kind: bytes, size: int) -> bytes:
    return (size + 8).to_bytes(4, "big") + kind + bytes(size)


@pytest.mark.parametrize("name", ["plain", "fast"])
def test_a_second_video_after_the_first_is_reported(
    name: str,
    videos: dict[str, bytes],
    tmp_path: Path,
) -> None:
    path = tmp_path / "two.mp4"
    path.write_bytes(videos[name] + videos["plain"])
    (note,) = probe(path, Limits()).notes
    assert note == (
        f"{len(videos['plain'])} bytes after the end of the video are not read "
        f"(another video begins at byte {len(videos[name])})"
    )


@pytest.mark.parametrize("trailing", [b"\xff" * 1000, b"plain text " * 100])
def test_bytes_that_are_no_box_are_reported(
    trailing: bytes,
    videos: dict[str, bytes],
    tmp_path: Path,
) -> None:
    note = note_on(videos["plain"] + trailing, tmp_path)
    assert note == f"{len(trailing)} bytes after the end of the video are not read"


def test_a_few_bytes_are_not_worth_a_note(
    videos: dict[str, bytes],
    tmp_path: Path,
) -> None:
    assert not note_on(videos["plain"] + b"\xff" * 100, tmp_path)


@pytest.mark.parametrize("name", list(VARIANTS))
def test_a_whole_video_has_no_note(
    name: str,
    videos: dict[str, bytes],
    tmp_path: Path,
) -> None:
    assert not note_on(videos[name], tmp_path)


@pytest.mark.parametrize("name", list(VARIANTS))
def test_a_download_that_was_cut_has_no_note(
    name: str,
    videos: dict[str, bytes],
    tmp_path: Path,
) -> None:
    assert not note_on(videos[name][:-200], tmp_path)
    assert not note_on(videos[name][: len(videos[name]) // 2], tmp_path)


LARGE_SIZE = b"\0\0\0\1free" + (1016).to_bytes(8, "big") + bytes(1000)
TO_THE_END = b"\0\0\0\0free" + bytes(2000)


@pytest.mark.parametrize(
    "boxes",
    [box(b"free", 900) + box(b"uuid", 700), LARGE_SIZE, TO_THE_END],
    ids=["two boxes", "size of 64 bits", "box to the end of the file"],
)
def test_ordinary_boxes_after_the_end_have_no_note(
    boxes: bytes,
    videos: dict[str, bytes],
    tmp_path: Path,
) -> None:
    assert not note_on(videos["plain"] + boxes, tmp_path)


def test_fragments_after_another_beginning_are_read(
    videos: dict[str, bytes],
    tmp_path: Path,
) -> None:
    assert not note_on(videos["fragmented"] * 2, tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"", b"\0", b"\0\0\0\1free", b"\0\0\0\1free" + bytes(8), b"\0\0\0\4moov" * 9],
)
def test_a_strange_file_has_no_note(content: bytes, tmp_path: Path) -> None:
    assert not note_on(content, tmp_path)


def test_no_real_file_has_more_than_its_video(media: Path) -> None:
    paths = sorted(media.glob("[co][ld]*/*"))
    files = [path for path in paths if path.suffix.lower() in (".mp4", ".mov", ".m4a")]
    assert files
    assert not [path for path in files if trailing_note(path)]
