"""A checkpoint is read back as it was written, with the optimiser and the validation scores."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from avdf.cache.core.errors import RunError, WeightsError
from avdf.cache.core.video import VideoInfo
from avdf.model.detector import Detector
from avdf.model.inference.segments import SegmentScores
from avdf.model.inference.validation import Validation
from avdf.model.likelihood.reference_videos import MeasureRange, ReferenceVideos
from avdf.model.runs.checkpoint import CheckpointInfo, tensors_sha256
from avdf.model.runs.checkpoint_reader import load_trainable, read_checkpoint_info
from avdf.model.runs.checkpoint_writer import save_checkpoint
from avdf.model.runs.config import RunConfig
from avdf.model.runs.optimiser_state import optimiser_tensors
from avdf.model.runs.stored_validation import load_validation
from avdf.model.synchrony.calibration import SyncCalibration
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import PerVerdict
from tests.helpers.checkpoints import Header, rewrite_checkpoint


@pytest.fixture(scope="module")
def small_detector(tiny_config: RunConfig) -> Detector:
    return Detector(tiny_config.model)


@pytest.fixture
def info(small_detector: Detector, tiny_config: RunConfig) -> CheckpointInfo:
    return CheckpointInfo(
        epoch=2,
        step=6,
        config=tiny_config,
        backbones=small_detector.backbones,
        thresholds=Thresholds(visual=0.4, audio=0.5, video=0.6),
        validation={"auc_video": 0.9, "auc_audio": None},
        data={"protocol": {"sha256": "x"}, "datasets": {"own": 9}},
        notes=("a note",),
    )


def trained_optimiser(detector: Detector) -> torch.optim.Optimizer:
    """Adam after one step with gradients of 1."""
    parameters = list(detector.trainable_state().values())
    optimiser = torch.optim.Adam(parameters, lr=0.0)
    for parameter in parameters:
        parameter.grad = torch.ones_like(parameter)
    optimiser.step()
    return optimiser


def some_validation() -> Validation:
    """Scores of three segments of two videos."""
    scores = SegmentScores(
        video=np.array([0, 0, 1]),
        fake=PerVerdict.of(lambda _: np.array([0.1, 0.2, 0.9])),
        distances=np.full((3, 16), 0.5),
    )
    videos = [
        VideoInfo(id="a", path="a", label=0, label_visual=0, label_audio=0),
        VideoInfo(id="b", path="b", label=1, label_visual=1, label_audio=-1),
    ]
    return Validation.of_videos(scores, videos)


def test_the_header_is_read_as_it_was_written(
    small_detector: Detector,
    info: CheckpointInfo,
    tmp_path: Path,
) -> None:
    save_checkpoint(tmp_path / "best", small_detector, info)
    found = read_checkpoint_info(tmp_path / "best")
    assert replace(found, tensors_sha256="") == info
    assert len(found.tensors_sha256) == 64


def test_the_json_beside_it_says_the_same(
    small_detector: Detector,
    info: CheckpointInfo,
    tmp_path: Path,
) -> None:
    save_checkpoint(tmp_path / "best", small_detector, info)
    beside = json.loads((tmp_path / "best.json").read_text(encoding="utf-8"))
    assert beside["format_version"] == 4
    assert beside["thresholds"]["video"] == 0.6
    assert (
        beside["tensors_sha256"]
        == read_checkpoint_info(tmp_path / "best").tensors_sha256
    )


def test_trainable_tensors_are_put_into_another_detector(
    small_detector: Detector,
    info: CheckpointInfo,
    tmp_path: Path,
    tiny_config: RunConfig,
) -> None:
    save_checkpoint(tmp_path / "best", small_detector, info)
    other = Detector(replace(tiny_config.model, seed=9))
    load_trainable(tmp_path / "best", other, read_checkpoint_info(tmp_path / "best"))
    wanted, found = small_detector.trainable_state(), other.trainable_state()
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)


def test_the_optimiser_goes_on_where_it_was(
    small_detector: Detector,
    info: CheckpointInfo,
    tmp_path: Path,
) -> None:
    before = trained_optimiser(small_detector)
    save_checkpoint(tmp_path / "last", small_detector, info, before)
    parameters = small_detector.trainable_state()
    after = torch.optim.Adam(parameters.values(), lr=0.0)
    load_trainable(tmp_path / "last", small_detector, info, after)
    wanted, found = (optimiser_tensors(one, parameters) for one in (before, after))
    assert wanted.keys() == found.keys()
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)


def test_a_checkpoint_without_an_optimisers_state_leaves_a_new_one(
    small_detector: Detector,
    info: CheckpointInfo,
    tmp_path: Path,
) -> None:
    save_checkpoint(tmp_path / "best", small_detector, info)
    parameters = small_detector.trainable_state()
    optimiser = torch.optim.Adam(parameters.values())
    load_trainable(tmp_path / "best", small_detector, info, optimiser)
    assert optimiser_tensors(optimiser, parameters) == {}


def test_validation_scores_are_read_as_they_were_written(
    small_detector: Detector,
    info: CheckpointInfo,
    tmp_path: Path,
) -> None:
    validation = some_validation()
    save_checkpoint(tmp_path / "best", small_detector, info, validation=validation)
    found = load_validation(tmp_path / "best")
    assert found is not None
    assert found.scores.video.tolist() == [0, 0, 1]
    assert found.scores.fake.audio.tolist() == [0.1, 0.2, 0.9]
    assert found.labels.map(lambda labels: labels.tolist()) == PerVerdict(
        visual=[0, 1],
        audio=[0, -1],
        video=[0, 1],
    )


def test_a_checkpoint_may_have_no_validation_scores(
    small_detector: Detector,
    info: CheckpointInfo,
    tmp_path: Path,
) -> None:
    save_checkpoint(tmp_path / "best", small_detector, info)
    assert load_validation(tmp_path / "best") is None


def test_other_backbones_are_refused(
    small_detector: Detector,
    info: CheckpointInfo,
    tmp_path: Path,
) -> None:
    clip = replace(info.backbones["clip"], sha256="0" * 64)
    other = replace(info, backbones={**info.backbones, "clip": clip})
    save_checkpoint(tmp_path / "best", small_detector, other)
    with pytest.raises(
        WeightsError,
        match=r"trained on clip demo/demo .* give the same weights",
    ):
        load_trainable(tmp_path / "best", small_detector, other)


def test_a_checkpoint_that_vanished_is_named(
    small_detector: Detector,
    info: CheckpointInfo,
    tmp_path: Path,
) -> None:
    with pytest.raises(RunError, match="no checkpoint here"):
        read_checkpoint_info(tmp_path / "best")
    with pytest.raises(RunError, match=r"best\.safetensors: missing"):
        load_trainable(tmp_path / "best", small_detector, info)


# What validation says of synchrony

SYNC = SyncCalibration(
    slope=8.123456789012345,
    intercept=-1.0,
    threshold=1 / 3,
    depth=0.25,
    genuine=20,
    apart=140,
    auc=0.9512,
    interval=(0.9, 0.98),
    by_kind={"moved sound": 0.97, "other sound": 0.94},
    genuine_depth=0.5,
    segment_depth=0.6,
)


@pytest.mark.parametrize("sync", [None, SYNC, replace(SYNC, interval=None, auc=None)])
def test_the_calibration_of_synchrony_is_read_as_it_was_written(
    sync: SyncCalibration | None,
    small_detector: Detector,
    info: CheckpointInfo,
    tmp_path: Path,
) -> None:
    save_checkpoint(tmp_path / "best", small_detector, replace(info, sync=sync))
    assert read_checkpoint_info(tmp_path / "best").sync == sync


def test_an_older_checkpoint_says_nothing_of_synchrony(
    small_detector: Detector, info: CheckpointInfo, tmp_path: Path
) -> None:
    save_checkpoint(tmp_path / "best", small_detector, replace(info, sync=SYNC))
    file = tmp_path / "best.safetensors"
    rewrite_checkpoint(file, lambda _, header: header.pop("sync"))
    found = read_checkpoint_info(tmp_path / "best")
    assert found.sync is None and found.thresholds == info.thresholds


# What the validation videos look and sound like

REFERENCE = ReferenceVideos(
    30, {"face_side": MeasureRange(28, (96.5, 100.0, 150.1, 200.0, 1 / 3 + 210))}
)


@pytest.mark.parametrize("reference", [None, REFERENCE])
def test_the_reference_videos_are_read_as_they_were_written(
    reference: ReferenceVideos | None,
    small_detector: Detector,
    info: CheckpointInfo,
    tmp_path: Path,
) -> None:
    save_checkpoint(
        tmp_path / "best", small_detector, replace(info, reference=reference)
    )
    assert read_checkpoint_info(tmp_path / "best").reference == reference


def test_an_older_checkpoint_says_nothing_of_the_reference_videos(
    small_detector: Detector, info: CheckpointInfo, tmp_path: Path
) -> None:
    save_checkpoint(
        tmp_path / "best", small_detector, replace(info, reference=REFERENCE)
    )
    file = tmp_path / "best.safetensors"
    rewrite_checkpoint(file, lambda _, header: header.pop("reference"))
    found = read_checkpoint_info(tmp_path / "best")
    assert found.reference is None and found.thresholds == info.thresholds


@pytest.mark.parametrize(
    ("quantiles", "words"),
    [
        ([1.0, 2.0], "quantiles"),
        ([5.0, 4.0, 3.0, 2.0, 1.0], "do not rise"),
        ([1.0, 2.0, 3.0, 4.0, float("nan")], "must be a finite"),
        ("wide", "reference.ranges.face_side.quantiles"),
    ],
)
def test_damaged_reference_videos_are_refused(
    quantiles: object,
    words: str,
    small_detector: Detector,
    info: CheckpointInfo,
    tmp_path: Path,
) -> None:
    def change(_: object, header: Header) -> None:
        header["reference"]["ranges"]["face_side"]["quantiles"] = quantiles

    save_checkpoint(
        tmp_path / "best", small_detector, replace(info, reference=REFERENCE)
    )
    rewrite_checkpoint(tmp_path / "best.safetensors", change)
    with pytest.raises(RunError, match=words):
        read_checkpoint_info(tmp_path / "best")


def put_sync(name: str, value: object) -> Callable[[Header], object]:
    return lambda header: header["sync"].update({name: value})


DAMAGED: dict[str, tuple[Callable[[Header], object], str]] = {
    "no slope": (lambda header: header["sync"].pop("slope"), "sync.slope is missing"),
    "no kinds": (lambda header: header["sync"].pop("by_kind"), "sync.by_kind is"),
    "a text": (lambda header: header.update(sync="x"), "sync"),
    "slope a text": (put_sync("slope", "steep"), "sync.slope must be"),
    "slope NaN": (put_sync("slope", float("nan")), "sync.slope must be a finite"),
    "threshold above 1": (put_sync("threshold", 1.5), "sync.threshold"),
    "depth infinite": (put_sync("depth", float("inf")), "sync.depth must be a finite"),
    "a negative count": (put_sync("genuine", -1), "sync.genuine is too small"),
    "half an interval": (put_sync("interval", [0.5]), "sync.interval"),
    "a kind above 1": (put_sync("by_kind", {"moved sound": 2}), "sync.by_kind"),
    "a field more": (put_sync("colour", "red"), "colour"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_calibration_is_refused(
    name: str, small_detector: Detector, info: CheckpointInfo, tmp_path: Path
) -> None:
    change, words = DAMAGED[name]
    save_checkpoint(tmp_path / "best", small_detector, replace(info, sync=SYNC))
    file = tmp_path / "best.safetensors"
    rewrite_checkpoint(file, lambda _, header: change(header))
    with pytest.raises(RunError) as caught:
        read_checkpoint_info(tmp_path / "best")
    assert words in str(caught.value) and str(file) in str(caught.value)


def test_the_hash_of_tensors_depends_on_names_types_shapes_and_bytes() -> None:
    tensor = torch.zeros(4)
    variants = (
        {"a": tensor},
        {"b": tensor},
        {"a": tensor.double()},
        {"a": tensor.reshape(2, 2)},
        {"a": tensor + 1},
    )
    assert len({tensors_sha256(one) for one in variants}) == len(variants)


def test_the_hash_of_tensors_does_not_depend_on_their_order() -> None:
    a, b = torch.zeros(2), torch.ones(2)
    assert tensors_sha256({"a": a, "b": b}) == tensors_sha256({"b": b, "a": a})
