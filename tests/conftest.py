"""What several tests share: synthetic clips, shards made of them, a trained run, and real recordings if there are any.

The tests run in several processes (pytest-xdist). What is slow to make is made once, by the first process that asks,
and only read by all of them: a test that changes files works on a copy.
"""

import fcntl
import os

# One thread each: the processes share the cores, and sums come out alike in all of them.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings as hypothesis_settings

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.runs.config import RunConfig
from avdf.model.runs.config_sources import load_config
from avdf.model.training.trainer import train
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.job.run import run_prep
from avdf.pipeline.job.task import PrepTask, VideoRow
from avdf.pipeline.job.worker import Preparer
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import Listing, list_videos
from avdf.pipeline.synthetic.clip import draw_speaker, film, write_clip
from tests.helpers.fakeavceleb_trees import write_fakeavceleb_table

hypothesis_settings.register_profile("avdf", deadline=None)  # timings belong into benchmarks
hypothesis_settings.load_profile("avdf")

SECONDS = 1.6
IDENTITIES = 6

MakeOnce = Callable[
    [str, Callable[[Path], None]], Path
]  # a name, and what fills the folder of that name


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
    """A manifest of 18 synthetic clips: six people, each real, with a cloned voice, and with a swapped face."""
    return make_once("synthetic", _write_synthetic_clips) / "manifest.csv"


def _write_synthetic_clips(root: Path) -> None:
    rows = ["path,label,label_visual,label_audio,split,category,method,identity"]
    for person in range(IDENTITIES):
        speaker, other = (
            draw_speaker(np.random.default_rng([11, person, who]), "women") for who in range(2)
        )
        split = ("train", "train", "train", "val", "test", "test")[person]
        for method, visual, audio, category in (
            ("real", REAL, REAL, "RVRA"),
            ("rtvc", REAL, FAKE, "RVFA"),
            ("faceswap", FAKE, REAL, "FVRA-FS"),
        ):
            name = f"p{person}_{method}.mp4"
            clip = film(
                speaker,
                other,
                method,
                audio == FAKE,
                SECONDS,
                np.random.default_rng([11, person, 9]),
            )
            write_clip(root / name, clip)
            rows.append(
                f"{name},{max(visual, audio)},{visual},{audio},{split},{category},{method},p{person}"
            )
    (root / "manifest.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


@pytest.fixture(scope="session")
def shards(synthetic_manifest: Path, make_once: MakeOnce) -> Path:
    """The synthetic clips as shards."""

    def fill(folder: Path) -> None:
        result = run_prep(
            list_videos([synthetic_manifest]), folder, PrepSettings(videos_per_shard=5), workers=2
        )
        assert result.statuses == {"ok": 3 * IDENTITIES}, [row.reason for row in result.failed]

    return make_once("shards", fill)


@pytest.fixture(scope="session")
def tiny_config() -> RunConfig:
    """A run of seconds: the demo's backbones, two epochs of batches of four."""
    return load_config(
        None,
        [
            "model.clip=demo", "model.clip_weights=demo", "model.whisper=demo", "model.whisper_weights=demo",
            "model.audio_prompt_dim=8", "model.fused_dim=8", "model.head_dim=8",
            "data.batch_size=4", "training.epochs=2", "training.learning_rate=1e-3", "training.device=cpu",
        ],
    )  # fmt: skip


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
    """Real recordings and awkward files: a folder with `clips` and `odd`, named by AVDF_TEST_MEDIA."""
    folder = Path(os.environ.get("AVDF_TEST_MEDIA", ""))
    if not (folder / "clips").is_dir():
        pytest.skip("no real recordings: AVDF_TEST_MEDIA does not name a folder with clips and odd")
    return folder


@pytest.fixture(scope="session")
def celebs_root(media: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """FakeAVCeleb's table without its files: the real identities and the real count of videos in each cell."""
    folder = tmp_path_factory.mktemp("FakeAVCeleb_v1.2")
    write_fakeavceleb_table(folder, media / "lists")
    return folder


@pytest.fixture(scope="session")
def celebs_listing(celebs_root: Path) -> Listing:
    """What is listed of that table."""
    return list_videos([celebs_root])


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Preparation without its pool, for tests of what is prepared: a worker takes seconds to start."""
    monkeypatch.setattr("avdf.pipeline.job.run.run_tasks", _run_tasks)


def _run_tasks(
    tasks: Sequence[PrepTask], workers: int, on_video: Callable[[str], None] = lambda _: None
) -> Iterator[tuple[PrepTask, tuple[VideoRow, ...]]]:
    del workers
    for task in tasks:
        message = _preparer().attempt(task, on_video)
        assert message.kind == "done", message.reason
        yield task, message.rows


@cache
def _preparer() -> Preparer:
    return Preparer()
