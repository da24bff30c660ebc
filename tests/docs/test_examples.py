"""The Python examples of the README and of docs/api.md run, and print what the pages show."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.pages import ROOT, read_page

PAGES = [name for name in ("README.md", "docs/api.md") if (ROOT / name).exists()]

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e-?\d+)?")
_VERDICT = re.compile(r"\b(?:real|fake|unsure)\b *")

# A video of the demo's dataset that the README scores.
DEMO_CLIP = Path("demo/dataset/RealVideo-FakeAudio/Caucasian (European)/men/id00024/00169_fake.mp4")


@pytest.fixture
def reader_folder(
    run: Path, shards: Path, synthetic_manifest: Path, tmp_path: Path, monkeypatch: Any
) -> Path:
    """A folder as a reader has it after the demo; the test works in it.

    It holds `run`, `shards` and `clip.mp4`, a folder `clips` with a `manifest.csv`, and `demo`
    with a run, shards and one video.
    """
    clip = synthetic_manifest.parent / "p4_faceswap.mp4"
    (tmp_path / DEMO_CLIP).parent.mkdir(parents=True)
    for name in (tmp_path / "clip.mp4", tmp_path / DEMO_CLIP):
        shutil.copy(clip, name)
    for parent in (tmp_path, tmp_path / "demo"):
        (parent / "run").symlink_to(run)
        (parent / "shards").symlink_to(shards)
    (tmp_path / "clips").symlink_to(synthetic_manifest.parent)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shape(output: str) -> str:
    """An output without what depends on the trained run: numbers, verdicts and spacing."""
    masked = _VERDICT.sub("VERDICT ", _NUMBER.sub("0", output))
    return "\n".join(" ".join(line.split()) for line in masked.strip().splitlines())


@pytest.mark.parametrize("name", PAGES)
def test_the_examples_of_a_page_run_and_print_what_it_shows(
    name: str, reader_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Path.cwd() == reader_folder
    page = read_page(name)
    names: dict[str, Any] = {}
    for block, shown in page.examples():
        # Padding keeps the line numbers of the page in a traceback.
        source = "\n" * (block.line - 1) + block.text
        exec(compile(source, page.name, "exec"), names)
        printed = capsys.readouterr().out
        if shown:
            assert shape(printed) == shape(shown), f"{page.name}, line {block.line}"
