"""One case that the tests read, and copy before they change it."""

import shutil
from pathlib import Path

import pytest

import avdf
from tests.conftest import MakeOnce
from tests.helpers.signing import write_keys

QUESTION = "Is this <b>her</b> voice?\n<script>alert(1)</script> \u202eevil"


@pytest.fixture(scope="session")
def made(run: Path, synthetic_manifest: Path, make_once: MakeOnce) -> Path:
    """A folder with a signed `case` of one clip, made with a copy of it, and its two keys."""

    def fill(folder: Path) -> None:
        private, _ = write_keys(folder)
        # A name that a shell, a terminal and a browser would each take for something else.
        clip = folder / "-x\n<b>é.mp4"
        shutil.copy(synthetic_manifest.parent / "p4_real.mp4", clip)
        options = avdf.CaseOptions(
            ask=QUESTION, examiner="<i>A. Examiner</i>", key=private, copy=True
        )
        loading = avdf.LoadOptions(device="cpu")
        avdf.make_case(clip, run, folder / "case", options, loading)

    return make_once("case", fill)


@pytest.fixture
def case(made: Path, tmp_path: Path) -> Path:
    """A copy of the case that a test may change."""
    copy = tmp_path / "case"
    shutil.copytree(made / "case", copy)
    return copy
