"""What lies behind the end of a film is told; what belongs to a film is not."""

from pathlib import Path

import pytest

from avdf.pipeline.media.probe import probe
from avdf.pipeline.media.trailing_bytes import trailing_note
from avdf.pipeline.settings import Limits
from tests.helpers.media import ffmpeg

_VARIANTS = {
    "plain": (),
    "fast": ("-movflags", "+faststart"),
    "fragmented": ("-movflags", "frag_keyframe+empty_moov"),
    "dash": ("-movflags", "dash+frag_keyframe"),
}


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """One film of a second, in several arrangements of boxes."""
    folder = tmp_path_factory.mktemp("films")
    source = (
        "-f",
        "lavfi",
        "-i",
        "testsrc=size=64x64:rate=25:duration=1",
        "-f",
        "lavfi",
        "-i",
        "sine=d=1",
    )
    first = folder / "plain.mp4"
    ffmpeg(*source, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", str(first))
    for name, options in _VARIANTS.items():
        if name != "plain":
            ffmpeg("-i", str(first), "-c", "copy", *options, str(folder / f"{name}.mp4"))
    return {name: (folder / f"{name}.mp4").read_bytes() for name in _VARIANTS}


@pytest.mark.parametrize("name", ["plain", "fast"])
def test_a_second_film_behind_the_first_is_told(
    name: str, films: dict[str, bytes], tmp_path: Path
) -> None:
    path = tmp_path / "two.mp4"
    path.write_bytes(films[name] + films["plain"])
    (note,) = probe(path, Limits()).notes
    assert note == (
        f"{len(films['plain'])} bytes after the end of the video are not read "
        f"(another video begins at byte {len(films[name])})"
    )


def test_bytes_that_are_no_box_are_told(films: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "more.mp4"
    for more in (b"\xff" * 1000, b"plain text " * 100):
        path.write_bytes(films["plain"] + more)
        assert trailing_note(path) == f"{len(more)} bytes after the end of the video are not read"
    path.write_bytes(films["plain"] + b"\xff" * 100)
    assert not trailing_note(path)


@pytest.mark.parametrize("name", list(_VARIANTS))
def test_what_belongs_to_a_film_is_not_told(
    name: str, films: dict[str, bytes], tmp_path: Path
) -> None:
    path, film = tmp_path / "a.mp4", films[name]
    boxes = b"".join(
        (size + 8).to_bytes(4, "big") + kind + bytes(size)
        for size, kind in ((900, b"free"), (700, b"uuid"))
    )
    large = b"\0\0\0\1free" + (1016).to_bytes(8, "big") + bytes(1000)
    to_the_end = b"\0\0\0\0free" + bytes(2000)
    for content in (
        film,
        film + boxes,
        film + large,
        film + to_the_end,
        film[:-200],
        film[: len(film) // 2],
    ):
        path.write_bytes(content)
        assert not trailing_note(path)


def test_fragments_go_on_behind_another_beginning(films: dict[str, bytes], tmp_path: Path) -> None:
    """Of fragmented files put together all is read, so that nothing is to be told."""
    path = tmp_path / "two.mp4"
    path.write_bytes(films["fragmented"] * 2)
    assert not trailing_note(path)


def test_strange_files_end_the_walk(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    for content in (b"", b"\0", b"\0\0\0\1free", b"\0\0\0\1free" + bytes(8), b"\0\0\0\4moov" * 9):
        path.write_bytes(content)
        assert not trailing_note(path)


def test_no_real_file_has_more_than_its_film(media: Path) -> None:
    files = [
        path
        for path in sorted(media.glob("[co][ld]*/*"))
        if path.suffix.lower() in (".mp4", ".mov", ".m4a")
    ]
    assert files and not [path for path in files if trailing_note(path)]
