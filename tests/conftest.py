"""Shared fixtures: synthetic clips, shards of them, a trained run; real recordings, if there are.

The tests run in several processes (pytest-xdist). What is slow to make is made once, by the first
process that asks, and only read by all of them: a test that changes files works on a copy.
"""

import fcntl
import os
import signal

# One thread each: the processes share the cores, and sums come out alike in all of them.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from avdf.model.runs.config import RunConfig
from avdf.model.runs.config_sources import load_config
from avdf.model.training.start import train
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.job.run import run_prep
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import Listing, list_videos
from tests.helpers.fakeavceleb_trees import write_fakeavceleb_table
from tests.helpers.in_process import run_tasks_here
from tests.helpers.synthetic_clips import CLIPS, write_synthetic_clips
from tests.helpers.tiny_run import TINY_SETTINGS

# A shell lets what it starts in the background ignore Ctrl-C, and so would the programs that the
# tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

# No deadline: timings belong into benchmarks.
hypothesis_settings.register_profile("avdf", deadline=None)
hypothesis_settings.load_profile("avdf")

MakeOnce = Callable[[str, Callable[[Path], None]], Path]
"""Takes a name and what fills the folder of that name; returns the folder."""


@pytest.fixture(scope="session")
def make_once(tmp_path_factory: pytest.TempPathFactory) -> MakeOnce:
    """Gives a folder that all test processes share, filled once."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def made(name: str, fill: Callable[[Path], None]) -> Path:
        folder, mark = shared / name, shared / f"{name}.made"
        with (shared / f"{name}.lock").open("w") as lock:
            # The others wait here until the first one is done.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not mark.exists():
                folder.mkdir()
                fill(folder)
                mark.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def synthetic_manifest(make_once: MakeOnce) -> Path:
    """A manifest of 18 synthetic clips: six persons, each real and with two forgeries."""
    return make_once("synthetic", write_synthetic_clips) / "manifest.csv"


@pytest.fixture(scope="session")
def shards(synthetic_manifest: Path, make_once: MakeOnce) -> Path:
    """The synthetic clips as shards."""

    def fill(folder: Path) -> None:
        settings = PrepSettings(videos_per_shard=5)
        result = run_prep(
            list_videos([synthetic_manifest]),
            folder,
            settings,
            workers=2,
        )
        assert result.statuses == {"ok": CLIPS}, [row.reason for row in result.failed]

    return make_once("shards", fill)


@pytest.fixture(scope="session")
def tiny_config() -> RunConfig:
    """A run of seconds: the demo's backbones, two epochs of batches of four."""
    changes = ("training.epochs=2", "training.learning_rate=1e-3")
    return load_config(None, [*TINY_SETTINGS, *changes])


@pytest.fixture(scope="session")
def run(shards: Path, tiny_config: RunConfig, make_once: MakeOnce) -> Path:
    """A finished run on the synthetic shards."""

    def fill(folder: Path) -> None:
        train(shards, folder / "run", tiny_config)

    return make_once("runs", fill) / "run"


@pytest.fixture(scope="session")
def detector() -> FaceDetector:
    """MTCNN on the CPU."""
    return FaceDetector(PrepSettings().face)


@pytest.fixture(scope="session")
def media() -> Path:
    """Real recordings and awkward files: `clips` and `odd` in the folder of AVDF_TEST_MEDIA."""
    folder = Path(os.environ.get("AVDF_TEST_MEDIA", ""))
    if not (folder / "clips").is_dir():
        pytest.skip(
            "no real recordings: AVDF_TEST_MEDIA does not name a folder with clips and odd"
        )
    return folder


@pytest.fixture(scope="session")
def celebs_root(media: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """FakeAVCeleb's table without its files: real identities, and real counts in each cell."""
    folder = tmp_path_factory.mktemp("FakeAVCeleb_v1.2")
    write_fakeavceleb_table(folder, media / "lists")
    return folder


@pytest.fixture(scope="session")
def celebs_listing(celebs_root: Path) -> Listing:
    """What is listed of that table."""
    return list_videos([celebs_root])


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Preparation without its pool, for tests of what is prepared."""
    monkeypatch.setattr("avdf.pipeline.job.run.run_tasks", run_tasks_here)
