"""Damaged checkpoints and settings: one sentence, exit code 2, never a score of NaN."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch

from avdf.cache.shards.noise_shards import write_noise_shards
from avdf.cache.shards.schema import shard_name
from avdf.cache.stream.index import list_shard_videos
from avdf.cache.stream.windows import scoring_windows
from avdf.model.runs.config_sources import load_config
from avdf.model.runs.loaded import load_run
from avdf.model.scoring.windows import score_windows
from avdf.model.training.start import train
from avdf.model.verdicts import as_columns
from tests.helpers.checkpoints import Header, Tensors, rewrite_checkpoint
from tests.helpers.command import call
from tests.helpers.tiny_run import TINY_SETTINGS

TINY = [
    *TINY_SETTINGS,
    "model.audio_prompt_dim=4",
    "model.fused_dim=4",
    "model.head_dim=4",
]
Change = Callable[[Tensors, Header], object]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shards of ten videos of noise, and a run of one epoch on them."""
    root = tmp_path_factory.mktemp("made")
    write_noise_shards(root / "shards", videos=10, rows=32)
    train(root / "shards", root / "run", load_config(None, TINY))
    return root


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "run", tmp_path / "run"))


def first_trainable(tensors: Tensors) -> str:
    """The name of a trainable tensor."""
    return next(name for name in sorted(tensors) if "/" not in name)


def fill_first(value: float) -> Change:
    """The first value of a trainable tensor is another one."""

    def change(tensors: Tensors, _: Header) -> None:
        tensors[first_trainable(tensors)].reshape(-1)[0] = value

    return change


def cast_first(dtype: torch.dtype) -> Change:
    """A trainable tensor has another type."""

    def change(tensors: Tensors, _: Header) -> None:
        name = first_trainable(tensors)
        tensors[name] = tensors[name].to(dtype)

    return change


def fill(name: str, index: int, value: float) -> Change:
    """One value of a tensor is another one."""

    def change(tensors: Tensors, _: Header) -> None:
        tensors[name][index] = value

    return change


def put_tensor(name: str, value: torch.Tensor) -> Change:
    """A tensor is added, or replaced by another one."""
    return lambda tensors, _: tensors.update({name: value})


def put(location: str, value: Any) -> Change:
    """A value of the header, e.g. at `config.training.seed`, is another one."""

    def change(_: Tensors, header: Header) -> None:
        *parents, leaf = location.split(".")
        for parent in parents:
            header = header[parent]
        header[leaf] = value

    return change


def drop(location: str) -> Change:
    """A value of the header is missing."""

    def change(_: Tensors, header: Header) -> None:
        *parents, leaf = location.split(".")
        for parent in parents:
            header = header[parent]
        del header[leaf]

    return change


def drop_first(tensors: Tensors, _: Header) -> None:
    """A trainable tensor is missing."""
    del tensors[first_trainable(tensors)]


def count_fakes(tensors: Tensors, _: Header) -> None:
    """The scores of validation are whole numbers."""
    tensors["validation/fake"] = tensors["validation/fake"].long()


OTHER_TENSORS = "other names, shapes or types"
LABELS_OF_OTHER_SHAPE = put_tensor(
    "validation/labels", torch.zeros(3, dtype=torch.int64)
)

CHANGES: dict[str, tuple[Change, str]] = {
    "weight NaN": (fill_first(float("nan")), "is not finite"),
    "weight infinite": (fill_first(float("inf")), "is not finite"),
    "weights of float64": (cast_first(torch.float64), OTHER_TENSORS),
    "weights of float16": (cast_first(torch.float16), OTHER_TENSORS),
    "a weight missing": (drop_first, OTHER_TENSORS),
    "a weight more": (put_tensor("more", torch.zeros(2)), OTHER_TENSORS),
    "a threshold missing": (drop("thresholds.visual"), "thresholds.visual is missing"),
    "a threshold NaN": (
        put("thresholds.video", float("nan")),
        "thresholds.video must be a finite",
    ),
    "no data": (put("data", {}), "data.protocol is missing"),
    "data a list": (put("data.datasets", [1]), "data.datasets"),
    "epoch a text": (put("epoch", "one"), "epoch must be a whole number"),
    "step negative": (put("step", -1), "step is too small"),
    "no hash": (drop("tensors_sha256"), "tensors_sha256 or trained is missing"),
    "backbones a text": (put("backbones", "x"), "backbones"),
    "learning rate infinite": (
        put("config.training.learning_rate", float("inf")),
        "training",
    ),
    "version a list": (put("format_version", [4]), "checkpoint version [4]"),
    "labels of other shape": (LABELS_OF_OTHER_SHAPE, "validation scores"),
    "segments of nobody": (
        fill("validation/video", 0, 10**12),
        "videos that have no label",
    ),
    "segments negative": (fill("validation/video", 0, -5), "validation scores"),
    "scores above 1": (fill("validation/fake", 0, 7.0), "a score is not in [0, 1]"),
    "fakes as integers": (count_fakes, "kinds"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_damaged_checkpoint_is_refused(
    name: str,
    run: Path,
    made: Path,
    tmp_path: Path,
) -> None:
    change, message = CHANGES[name]
    rewrite_checkpoint(run / "best.safetensors", change)
    code, text = call(
        "score", run, made / "shards", "--split", "val", "--out", tmp_path / "scores"
    )
    assert code == 2 and message in text and text.count("\n") == 1, text


def test_four_flipped_bytes_are_seen(run: Path, made: Path, tmp_path: Path) -> None:
    path = run / "best.safetensors"
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)
    code, text = call(
        "score", run, made / "shards", "--split", "val", "--out", tmp_path / "scores"
    )
    assert code == 2 and "not those that were saved" in text


def test_the_whole_checkpoint_is_taken(run: Path, made: Path, tmp_path: Path) -> None:
    rewrite_checkpoint(run / "best.safetensors", lambda *_: None)
    code, text = call(
        "score", run, made / "shards", "--split", "val", "--out", tmp_path / "scores"
    )
    assert code == 0 and "2 of 2 videos scored" in text, text


def reshape_moment(tensors: Tensors, _: Header) -> None:
    tensors[f"optimiser/exp_avg/{first_trainable(tensors)}"] = torch.zeros(1, 1, 1)


def spoil_moments(tensors: Tensors, _: Header) -> None:
    for name, value in tensors.items():
        if name.startswith("optimiser/exp_avg/"):
            value.fill_(float("nan"))


OPTIMISER: dict[str, Change] = {
    "an unknown key": put_tensor("optimiser/odd/x", torch.zeros(1)),
    "an unknown tensor": put_tensor("optimiser/exp_avg/x", torch.zeros(1)),
    "another shape": reshape_moment,
    "NaN": spoil_moments,
}


@pytest.mark.parametrize("name", OPTIMISER)
def test_a_damaged_optimiser_is_refused(name: str, run: Path, made: Path) -> None:
    rewrite_checkpoint(run / "last.safetensors", OPTIMISER[name])
    code, text = call("train", made / "shards", "--out", run, "--resume")
    assert code == 2 and "optimiser" in text and text.count("\n") == 1, text


def test_a_run_goes_on_with_its_own_configuration_alone(run: Path, made: Path) -> None:
    config = json.loads((run / "config.json").read_text(encoding="utf-8"))
    config["training"]["alpha"] = 7.0
    (run / "config.json").write_text(json.dumps(config), encoding="utf-8")
    code, text = call("train", made / "shards", "--out", run, "--resume")
    assert (
        code == 2 and "training.alpha is 7.0, but the run was trained with 2.0" in text
    ), text


@pytest.mark.parametrize(
    "content", ["[]", "3", "[" * 100_000, '{"model": 3}', "\xff", '{"a": ' * 50_000]
)
def test_a_damaged_configuration_is_refused(
    content: str,
    run: Path,
    made: Path,
) -> None:
    (run / "config.json").write_text(content, encoding="latin-1")
    code, text = call("train", made / "shards", "--out", run, "--resume")
    assert code == 2 and "config.json" in text and text.count("\n") == 1, text


@pytest.mark.parametrize("line", ["3", "[1]", "{}", '{"step": "x"}', "[" * 100_000])
def test_a_damaged_log_ends_where_it_is_damaged(
    line: str,
    run: Path,
    made: Path,
) -> None:
    with (run / "log.jsonl").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    code, text = call("train", made / "shards", "--out", run, "--resume")
    assert code == 0 and "best checkpoint: epoch 1" in text, text


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("training.learning_rate=inf", "training.learning_rate is inf"),
        ("training.learning_rate=nan", "training.learning_rate is nan"),
        ("training.alpha=nan", "training.alpha is nan"),
        ("training.decay=-1", "training.decay is -1"),
        ("training.seed=-1", "training.seed is -1"),
        ("model.seed=-3", "model.seed is -3"),
        ("data.split_seed=-1", "data.split_seed is -1"),
        (f"training.seed={2**70}", "training.seed is"),
        ("data.batch_size=1000000000", "data.batch_size is 1000000000; the most is"),
        ("data.batch_size=60000", "this machine has"),
        ("model.fused_dim=1000000000", "model.fused_dim is"),
        ("training.device=meta", "device 'meta' cannot compute here"),
        ("training.device=" + "x" * 5000, "is unknown"),
        ("training.checkpoint_steps=-1", "training.checkpoint_steps is -1"),
        ("data.protocol=" + "x" * 5000, "protocol"),
        ("data.protocol=/" + "x" * 5000 + ".csv", "File name too long"),
        ("training.epochs=" + "[" * 20_000, "training.epochs"),
    ],
)
def test_settings_that_make_no_sense_are_refused(
    setting: str,
    message: str,
    made: Path,
    tmp_path: Path,
) -> None:
    words = [word for one in [*TINY[:-1], setting] for word in ("--set", one)]
    code, text = call("train", made / "shards", "--out", tmp_path / "run", *words)
    assert code == 2 and message in text and text.count("\n") == 1, text[:500]


@pytest.mark.parametrize(
    "content",
    ["a = " + "[" * 50_000, "\xff\xfe", "[training]\nepochs = nan", "model = 3"],
)
def test_a_damaged_file_of_settings_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text(content, encoding="latin-1")
    code, text = call(
        "train", tmp_path, "--out", tmp_path / "run", "--config", tmp_path / "c.toml"
    )
    assert code == 2 and "c.toml" in text and text.count("\n") == 1, text[:500]
    code, text = call(
        "train",
        tmp_path,
        "--out",
        tmp_path / "run",
        "--config",
        tmp_path / ("x" * 5000),
    )
    assert code == 2 and "File name too long" in text


def test_a_segment_that_is_not_finite_is_a_row(
    run: Path,
    made: Path,
    tmp_path: Path,
) -> None:
    shards = Path(shutil.copytree(made / "shards", tmp_path / "shards"))
    with h5py.File(shards / shard_name(0), "r+") as file:
        file["segments/log_mel"][16, 5, 5] = np.inf
    code, text = call(
        "score", run, shards, "--split", "val", "--out", tmp_path / "scores"
    )
    assert code == 3 and "1 of 2 videos scored" in text, text
    rows = (tmp_path / "scores" / "videos.csv").read_text(encoding="utf-8")
    assert "log-mel of segment 16 is not finite" in rows and "nan" not in rows.lower()


def test_scores_that_are_not_finite_are_not_scored(
    run: Path,
    made: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Weights may be finite and their products not."""

    def overflow(tensors: Tensors, _: Header) -> None:
        for value in tensors.values():
            if value.dtype == torch.float32:
                value.fill_(3e38)

    rewrite_checkpoint(run / "best.safetensors", overflow)
    for number, way in enumerate(([], ["--timeline"])):
        out = tmp_path / f"scores-{number}"
        code, text = call(
            "score", run, made / "shards", "--split", "val", "--out", out, *way
        )
        assert code == 3 and "0 of 2 videos scored" in text, text
        assert "nan" not in (out / "videos.csv").read_text(encoding="utf-8").lower()


def test_a_smaller_machine_scores_what_a_larger_one_trained(
    run: Path,
    made: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded = load_run(run, device="cpu")
    windows = scoring_windows(list_shard_videos(made / "shards"))[:6]
    whole = score_windows(loaded, windows)
    # Memory for two segments, and as many read ahead; the run was trained in batches of four.
    monkeypatch.setattr(
        "avdf.cache.stream.batch_memory.physical_memory",
        lambda: 2 * 3 * 16 * 224 * 224 * 3,
    )
    part = score_windows(load_run(run, device="cpu"), windows)
    np.testing.assert_allclose(as_columns(part.fake), as_columns(whole.fake), atol=1e-5)
    assert part.video.tolist() == whole.video.tolist()
