"""The Python examples of the README and of docs/api.md run, and print what the pages show."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.pages import ROOT, read_page

PAGES = [name for name in ("README.md", "docs/api.md") if (ROOT / name).exists()]

_HASH = re.compile(r"\b[0-9a-f]{16,64}\b")
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e-?\d+)?")
_VERDICT = re.compile(r"\b(?:real|fake|unsure|not judged)\b *")
_REST = "\n..."  # a page ends an output with it where the rest is left out

# A video of the demo's dataset that the README scores.
DEMO_CLIP = Path(
    "demo/dataset/RealVideo-FakeAudio/Caucasian (European)/men/id00025/00176_fake.mp4"
)


@pytest.fixture
def reader_folder(
    run: Path,
    shards: Path,
    synthetic_manifest: Path,
    tmp_path: Path,
    monkeypatch: Any,
) -> Path:
    """A folder as a reader has it after the demo; the test works in it.

    It holds `run`, `shards` and `clip.mp4`, a folder `clips` with two videos and a `manifest.csv`,
    and `demo` with a run, shards and one video.
    """
    clip = synthetic_manifest.parent / "p4_faceswap.mp4"
    (tmp_path / "clips").mkdir()
    (tmp_path / DEMO_CLIP).parent.mkdir(parents=True)
    for name in ("clip.mp4", "clips/v1.mp4", "clips/v2.mp4", DEMO_CLIP):
        shutil.copy(clip, tmp_path / name)
    manifest = tmp_path / "clips" / "manifest.csv"
    manifest.write_text("path,label\nv1.mp4,fake\nv2.mp4,fake\n", encoding="utf-8")
    for parent in (tmp_path, tmp_path / "demo"):
        (parent / "run").symlink_to(run)
        (parent / "shards").symlink_to(shards)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shape(output: str) -> str:
    """An output without what depends on the trained run: hashes, numbers, verdicts and spacing."""
    numbers_masked = _NUMBER.sub("0", _HASH.sub("0", output))
    masked = _VERDICT.sub("VERDICT ", numbers_masked)
    return "\n".join(" ".join(line.split()) for line in masked.strip().splitlines())


@pytest.mark.parametrize("name", PAGES)
def test_the_examples_of_a_page_run_and_print_what_it_shows(
    name: str,
    reader_folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert Path.cwd() == reader_folder
    page = read_page(name)
    names: dict[str, Any] = {}
    for block, shown in page.examples():
        # Padding keeps the line numbers of the page in a traceback.
        source = "\n" * (block.line - 1) + block.text
        exec(compile(source, page.name, "exec"), names)
        printed = capsys.readouterr().out
        start, rest, _ = shape(shown).partition(_REST)
        where = f"{page.name}, line {block.line}"
        if rest:
            assert shape(printed).startswith(start), where
        elif shown:
            assert shape(printed) == start, where
