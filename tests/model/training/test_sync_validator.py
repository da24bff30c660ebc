"""Validation of synchrony: what it reads, what it finds, and that training does not notice it."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from avdf.cache.core.video import VideoInfo
from avdf.cache.shards.noise_shards import write_noise_shards
from avdf.cache.stream.batches import SegmentBatch
from avdf.cache.stream.index import SegmentRef, TrackRef, VideoRef
from avdf.cache.stream.windows import Window
from avdf.model.runs.checkpoint_reader import read_checkpoint_info
from avdf.model.runs.config import RunConfig
from avdf.model.runs.config_sources import load_config
from avdf.model.runs.log import read_log
from avdf.model.synchrony.calibration import SyncCalibration
from avdf.model.training.batch_reader import BatchReader
from avdf.model.training.distributed import Ranks
from avdf.model.training.learner import Learner
from avdf.model.training.start import train
from avdf.model.training.sync_validator import SyncValidator
from avdf.model.training.training_set import TrainingSet, load_training_set
from tests.helpers.tiny_run import TINY_SETTINGS

CONFIG = load_config(None, [*TINY_SETTINGS, "training.epochs=2", "data.threads=1"])
SHARD = Path("shard")


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 videos of noise; two of the four of validation are genuine."""
    folder = tmp_path_factory.mktemp("noise") / "shards"
    write_noise_shards(folder, videos=20, rows=48)
    return folder


@pytest.fixture(scope="module")
def data(shards: Path) -> TrainingSet:
    return load_training_set(shards, CONFIG)


@pytest.fixture(scope="module")
def learner(data: TrainingSet) -> Learner:
    return Learner(CONFIG, data, Ranks())


@pytest.fixture
def reader() -> Iterator[BatchReader]:
    found = BatchReader(CONFIG.data, torch.device("cpu"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def run(shards: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two epochs."""
    folder = tmp_path_factory.mktemp("with") / "run"
    train(shards, folder, CONFIG)
    return folder


def test_training_does_not_notice_it(
    run: Path, shards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SyncValidator, "calibrate", lambda *_: None)
    train(shards, tmp_path / "run", CONFIG)

    of_both = [read_log(folder / "log.jsonl") for folder in (run, tmp_path / "run")]
    times = {"seconds", "segments_per_second"}
    with_it, without = [
        [{name: v for name, v in line.items() if name not in times} for line in lines]
        for lines in of_both
    ]
    assert with_it == without and len(with_it) > 4
    tensors, others = (
        load_file(folder / "last.safetensors") for folder in (run, tmp_path / "run")
    )
    assert tensors.keys() == others.keys()
    assert all(torch.equal(tensors[name], others[name]) for name in tensors)
    assert read_checkpoint_info(tmp_path / "run" / "last").sync is None


def test_the_checkpoint_keeps_what_was_found(run: Path) -> None:
    lines = read_log(run / "epochs.jsonl")
    found = read_checkpoint_info(run / "last").sync

    assert found is not None
    # Two genuine videos, of two persons. 48 rows are long enough for all six shifts.
    assert found.genuine == 2
    assert found.apart == 2 * (6 + 1)
    assert lines[-1]["auc_sync"] == found.auc


def test_random_numbers_and_mode_stay_as_they_are(
    data: TrainingSet, learner: Learner, reader: BatchReader
) -> None:
    learner.detector.eval()  # as the validation before it leaves it
    before = _states()
    weights = {
        name: value.detach().clone()
        for name, value in learner.detector.trainable_state().items()
    }

    assert SyncValidator(data.val, CONFIG, learner, Ranks()).calibrate(reader)

    assert _states() == before
    assert not learner.detector.training
    for name, value in learner.detector.trainable_state().items():
        assert torch.equal(value, weights[name]) and value.grad is None


def _states() -> list[object]:
    """The states of all generators of random numbers."""
    kind, keys, *rest = np.random.get_state()  # noqa: NPY002  # nobody may touch it
    numpy_state = [kind, np.asarray(keys).tolist(), *rest]
    return [torch.get_rng_state().tolist(), numpy_state, random.getstate()]


@dataclass(frozen=True)
class _OneOfTwo(Ranks):
    """A rank of two, whose exchange gives what the test has in `shares`."""

    shares: list[Any] = field(default_factory=list)

    def collect(self, value: Any) -> list[Any]:
        self.shares.append(value)
        return list(self.shares)


def test_two_ranks_find_what_one_finds(
    data: TrainingSet, learner: Learner, reader: BatchReader
) -> None:
    videos = [replace_identity(video, n) for n, video in enumerate(data.val)]
    single = SyncValidator(videos, CONFIG, learner, Ranks()).calibrate(reader)

    shares: list[Any] = []
    for rank in (0, 1):
        ranks = _OneOfTwo(rank, 2, shares=shares)
        together = SyncValidator(videos, CONFIG, learner, ranks).calibrate(reader)

    # The first rank had nobody to hear from; the second one knows all.
    assert [len(share) for share in shares] == [1, 1]
    assert {number for share in shares for number, *_ in share} == {0, 1}
    assert single is not None and together is not None
    assert_close(together, single)


def replace_identity(video: VideoRef, number: int) -> VideoRef:
    return replace(video, info=replace(video.info, identity=f"p{number}"))


def assert_close(one: SyncCalibration, other: SyncCalibration) -> None:
    """The same but for rounding: batches of other sizes are summed in another order."""
    a, b = one.as_dict(), other.as_dict()
    assert a.pop("by_kind") == pytest.approx(b.pop("by_kind"), abs=1e-3)
    assert a.pop("interval") == pytest.approx(b.pop("interval"), abs=1e-3)
    # Slopes of noise are steep, and as uncertain as the noise is small.
    assert a == pytest.approx(b, rel=1e-2, abs=1e-3)


# What is read


@dataclass
class _Reader:
    """Notes the windows that are asked for, and reads none."""

    windows: list[Window] = field(default_factory=list)

    def read(
        self, batches: Iterable[Sequence[Window]], _: object
    ) -> list[SegmentBatch]:
        self.windows = [window for batch in batches for window in batch]
        return []


def stub_learner(trained: tuple[str, ...] = ("visual", "audio", "video")) -> Learner:
    detector = SimpleNamespace(eval=lambda: None, mel_bins=80)
    parts = {"detector": detector, "device": torch.device("cpu"), "trained": trained}
    return cast(Learner, SimpleNamespace(**parts))


def video_of(
    number: int, *rows: int, label: int = 0, has_audio: bool = True, **known: Any
) -> VideoRef:
    """A video with tracks of so many rows; its rows of the shard are its own."""
    info = VideoInfo(id=f"v{number}", path="", label=label, **known)
    tracks, segments = [], []
    row = 10_000 * number
    for own in rows:
        tracks.append(TrackRef(row, own, 0.0, has_audio))
        first_rows = range(row, row + own - 15, 16)
        segments += [SegmentRef(0, first, 0.0) for first in first_rows]
        row += own
    return VideoRef(info, SHARD, tuple(tracks), tuple(segments))


def asked_for(
    videos: Sequence[VideoRef],
    config: RunConfig = CONFIG,
    learner: Learner | None = None,
) -> list[Window]:
    """The windows that are read of some validation videos; nothing can be found in none."""
    reader = _Reader()
    validator = SyncValidator(videos, config, learner or stub_learner(), Ranks())
    assert validator.calibrate(cast(BatchReader, reader)) is None
    return reader.windows


def test_at_most_64_videos_and_6_segments_of_each_are_read() -> None:
    windows = asked_for([video_of(n, 320) for n in range(200)])

    videos = [window.row // 10_000 for window in windows]
    assert set(Counter(videos).values()) == {6}
    chosen = sorted(set(videos))
    assert len(chosen) == 64
    # Spread over the whole list.
    assert (chosen[0], chosen[-1]) == (0, 199)
    assert max(np.diff(chosen)) <= 4
    firsts = [window.row % 10_000 for window in windows[:6]]
    assert firsts == [0, 16, 32, 48, 64, 80]


def test_known_mismatches_are_read_beside_genuine_videos() -> None:
    mismatched: dict[str, Any] = {"label": 1, "label_visual": 0, "label_audio": 0}
    videos = [video_of(n, 32) for n in range(3)]
    videos += [video_of(n, 32, **mismatched) for n in range(3, 80)]

    windows = asked_for(videos)

    read = {window.row // 10_000 for window in windows}
    assert len(read) == 3 + 64
    assert {0, 1, 2} <= read


LEFT_OUT = {
    "a forged picture": video_of(1, 64, label=1, label_visual=1, label_audio=0),
    "a forged sound": video_of(1, 64, label=1, label_visual=0, label_audio=1),
    "an unknown forgery": video_of(1, 64, label=1),
    "unknown": video_of(1, 64, label=-1),
    "silent": video_of(1, 64, has_audio=False),
    "short": video_of(1, 31),
    "short tracks": video_of(1, 31, 31),
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_videos_that_say_nothing_are_not_read(name: str) -> None:
    windows = asked_for([LEFT_OUT[name], video_of(2, 32)])

    assert {window.row // 10_000 for window in windows} == {2}
    assert asked_for([LEFT_OUT[name]]) == []


def test_only_the_longest_track_is_read() -> None:
    windows = asked_for([video_of(0, 32, 64, 48)])

    assert [window.row for window in windows] == [32, 48, 64, 80]
    assert {window.track for window in windows} == {1}


@pytest.mark.parametrize("branches", ["visual", "audio"])
def test_a_single_branch_reads_nothing(branches: str) -> None:
    model = replace(CONFIG.model, branches=branches)  # type: ignore[arg-type]

    assert asked_for([video_of(0, 64)], replace(CONFIG, model=model)) == []


def test_a_run_that_aligns_nothing_reads_nothing() -> None:
    learner = stub_learner(("visual", "audio"))

    assert asked_for([video_of(0, 64)], learner=learner) == []


def test_without_videos_nothing_is_read() -> None:
    assert asked_for([]) == []
