"""What callers hand over is checked where it is handed over."""

import dataclasses
import pickle
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import avdf
from avdf.arguments import as_sources
from avdf.cache.core.errors import AvdfError, SettingsError

ALL_OPTIONS = (
    avdf.BenchOptions,
    avdf.BenchPrepOptions,
    avdf.DemoOptions,
    avdf.EvaluateOptions,
    avdf.LoadOptions,
    avdf.PrepareOptions,
    avdf.ReproduceOptions,
    avdf.ScoreOptions,
    avdf.TrainOptions,
)


def test_one_place_becomes_a_tuple() -> None:
    assert as_sources("a.mp4", "sources") == ("a.mp4",)
    assert as_sources(Path("a.mp4"), "sources") == (Path("a.mp4"),)


def test_several_places_become_a_tuple() -> None:
    assert as_sources(["a.mp4", "b.mp4"], "sources") == ("a.mp4", "b.mp4")
    assert as_sources((name for name in ("a.mp4", "b.mp4")), "sources") == (
        "a.mp4",
        "b.mp4",
    )


@pytest.mark.parametrize("sources", ["", " ", ["a.mp4", ""]])
def test_an_empty_path_is_not_the_working_folder(sources: Any) -> None:
    with pytest.raises(SettingsError, match="sources is empty"):
        as_sources(sources, "sources")


@pytest.mark.parametrize("sources", [5, None, [5], object()])
def test_what_is_no_path_is_refused(sources: Any) -> None:
    with pytest.raises(SettingsError, match="sources: give a path"):
        as_sources(sources, "sources")


def test_every_function_refuses_an_empty_path(run: Path, tmp_path: Path) -> None:
    calls: list[Any] = [
        lambda: avdf.examine(""),
        lambda: avdf.prepare("", tmp_path / "out"),
        lambda: avdf.prepare(tmp_path, ""),
        lambda: avdf.train("", tmp_path / "out"),
        lambda: avdf.train(tmp_path, ""),
        lambda: avdf.load(""),
        lambda: avdf.score(run, ""),
        lambda: avdf.score("", tmp_path),
        lambda: avdf.score(run, tmp_path, out=""),
        lambda: avdf.evaluate(""),
        lambda: avdf.describe(""),
        lambda: avdf.verify(""),
        lambda: avdf.run_demo(""),
        lambda: avdf.reproduce("table1", ""),
    ]
    for call in calls:
        with pytest.raises(SettingsError, match="is empty; is a variable not set"):
            call()


@pytest.mark.parametrize("given", [None, {"split": "test"}, avdf.BenchPrepOptions()])
def test_options_of_another_class_are_refused(
    run: Path,
    tmp_path: Path,
    given: Any,
) -> None:
    calls: list[Any] = [
        lambda: avdf.prepare(tmp_path, tmp_path / "out", given),
        lambda: avdf.train(tmp_path, tmp_path / "out", given),
        lambda: avdf.load(run, given),
        lambda: avdf.score(run, tmp_path, given),
        lambda: avdf.score(run, tmp_path, load_options=given),
        lambda: avdf.evaluate(tmp_path / "scores.csv", given),
        lambda: avdf.run_demo(tmp_path / "out", given),
        lambda: avdf.reproduce("table1", tmp_path / "out", given),
        lambda: avdf.bench_train(options=given),
    ]
    for call in calls:
        with pytest.raises(SettingsError, match=r"options: give avdf\."):
            call()


def test_a_listener_that_cannot_be_called_is_refused(tmp_path: Path) -> None:
    listener: Any = 3
    with pytest.raises(SettingsError, match="on_event: give a function"):
        avdf.examine(tmp_path, on_event=listener)


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        (avdf.ScoreOptions, {"split": "tset"}, "split 'tset' is unknown; use train"),
        (avdf.ScoreOptions, {"split": None}, "split None is unknown"),
        (avdf.ScoreOptions, {"aggregate": "median"}, "use mean, logit, top or lse"),
        (avdf.ScoreOptions, {"abstain": -1}, "abstain is -1; it must be from 0 to 1"),
        (
            avdf.ScoreOptions,
            {"abstain": float("nan")},
            "abstain is nan; it must be from",
        ),
        (avdf.ScoreOptions, {"abstain": "0.1"}, "it must be a number"),
        (avdf.ScoreOptions, {"calibrate": "yes"}, "it must be true or false"),
        (avdf.ScoreOptions, {"exports": "csv"}, "'csv' is unknown; use av-deepfake1m"),
        (avdf.ScoreOptions, {"protocol": None}, "it must be text"),
        (avdf.ScoreOptions, {"workers": -1}, "workers -1: use 0"),
        (avdf.ScoreOptions, {"stride": True}, "it must be a whole number"),
        (avdf.ScoreOptions, {"max_seconds": "9"}, "it must be a number"),
        (avdf.LoadOptions, {"precision": None}, "precision None is unknown"),
        (avdf.LoadOptions, {"checkpoint": 3}, "it must be text"),
        (avdf.LoadOptions, {"device": "gpu"}, "device 'gpu' is unknown"),
        (avdf.LoadOptions, {"checkpoint": "../run/best"}, "use best, last or epoch-NN"),
        (avdf.PrepareOptions, {"faces": "some"}, "use main or all"),
        (avdf.PrepareOptions, {"workers": 1.5}, "it must be a whole number"),
        (avdf.PrepareOptions, {"quality": "95"}, "it must be a whole number"),
        (avdf.PrepareOptions, {"device": "gpu"}, "device 'gpu' is unknown"),
        (avdf.PrepareOptions, {"dataset": "fakeavcelb"}, "'fakeavcelb' is unknown"),
        (avdf.EvaluateOptions, {"scale": "log"}, "use probability or logit"),
        (avdf.BenchOptions, {"steps": 0}, "steps is 0; it must be 1 or more"),
        (avdf.BenchPrepOptions, {"laps": 0}, "laps is 0"),
        (avdf.DemoOptions, {"identities": 0}, "identities is 0"),
        (avdf.DemoOptions, {"seconds": "1.8"}, "it must be a number"),
        (avdf.ReproduceOptions, {"identities": 0}, "identities is 0"),
        (avdf.TrainOptions, {"settings": [1]}, "settings[0] is 1; it must be text"),
        (avdf.ScoreOptions, {"abstain": 2}, "abstain is 2; it must be from 0 to 1"),
        (avdf.ScoreOptions, {"abstain": Decimal("0.1")}, "convert it with float()"),
        (avdf.ScoreOptions, {"abstain": np.bool_(1)}, "a number of Python"),
        (avdf.ScoreOptions, {"max_seconds": Decimal(9)}, "convert it with float()"),
        (avdf.ScoreOptions, {"max_seconds": Fraction(9)}, "convert it with float()"),
        (avdf.ScoreOptions, {"max_seconds": 0}, "max_seconds is 0; it must be above 0"),
        (avdf.ScoreOptions, {"stride": 3}, "stride is 3; it must be one of 1, 2, 4"),
        (avdf.ScoreOptions, {"smallest_face": 1}, "from 12 to 4096, or 0 for the"),
        (avdf.ScoreOptions, {"perturb": None}, "a text, or several in a list"),
        (avdf.ScoreOptions, {"perturb": b"jpeg"}, "perturb is b'jpeg'; it must be"),
        (avdf.ScoreOptions, {"perturb": np.array("jpeg")}, "a text, or several"),
        (avdf.ScoreOptions, {"perturb": {"jpeg"}}, "a text, or several"),
        (avdf.ScoreOptions, {"exports": ["csv"]}, "exports[0] 'csv' is unknown"),
        (avdf.PrepareOptions, {"quality": 0}, "quality is 0; it must be from 1 to"),
        (avdf.PrepareOptions, {"videos_per_shard": -1}, "it must be 0 or more"),
        (avdf.DemoOptions, {"seconds": 0.1}, "seconds is 0.1; it must be from 0.7"),
        (avdf.DemoOptions, {"seconds": 3600}, "it must be from 0.7 to 600.0"),
        (avdf.DemoOptions, {"seed": -1}, "seed is -1; it must be from 0 to"),
        (avdf.TrainOptions, {"config": 3}, "config is 3; it must be a path"),
        (avdf.TrainOptions, {"config": ""}, "config is empty"),
        (avdf.EvaluateOptions, {"labels": " "}, "labels is empty"),
        (avdf.BenchOptions, {"settings": ("a",)}, "write section.key=value"),
        (avdf.ReproduceOptions, {"settings": ("a",)}, "write section.key=value"),
        (avdf.ReproduceOptions, {"config": "missing.toml"}, "give a TOML file"),
        (avdf.ReproduceOptions, {"runs": [("full", "x")]}, "it must be a dictionary"),
        (avdf.ReproduceOptions, {"runs": {"full": 3}}, "runs['full'] is 3; it must"),
        (avdf.ReproduceOptions, {"runs": {"full": ""}}, "runs['full'] is empty"),
        (avdf.ReproduceOptions, {"runs": {"nope": "x"}}, "no table has a run 'nope'"),
        (avdf.TrainOptions, {"backbones": "demos"}, "use demo or paper"),
    ],
)
def test_a_wrong_value_is_refused_when_options_are_built(
    kind: Any,
    values: dict[str, Any],
    words: str,
) -> None:
    with pytest.raises(AvdfError) as error:
        kind(**values)
    assert words in str(error.value)


def test_a_single_text_is_one_item() -> None:
    perturb: Any = "jpeg:2"
    settings: Any = "training.epochs=1"
    assert avdf.ScoreOptions(perturb=perturb).perturb == ("jpeg:2",)
    assert avdf.TrainOptions(settings=settings).settings == ("training.epochs=1",)


def test_a_number_of_numpy_that_is_one_of_python_is_accepted() -> None:
    assert avdf.ScoreOptions(abstain=np.float64(0.5)).abstain == 0.5


def test_runs_are_copied() -> None:
    """What a caller adds later is not in the options that were checked."""
    runs = {"full": "run"}
    options = avdf.ReproduceOptions(runs=runs)
    runs["other"] = "x"
    assert options.runs == {"full": "run"}


def test_every_message_names_the_argument(run: Path, tmp_path: Path) -> None:
    nothing: Any = None
    calls: dict[str, Any] = {
        "folder": lambda: avdf.load(nothing),
        "run": lambda: avdf.score(nothing, tmp_path),
        "sources": lambda: avdf.score(run, nothing),
        "out": lambda: avdf.prepare(tmp_path, nothing),
        "shards": lambda: avdf.train(nothing, tmp_path / "out"),
        "source": lambda: avdf.describe(nothing),
        "table": lambda: avdf.evaluate(nothing),
        "tables": lambda: avdf.reproduce(nothing, tmp_path / "out"),
        "protocol": lambda: avdf.split_videos(nothing, tmp_path),
        "files": lambda: avdf.bench_prep(nothing),
        "training": lambda: avdf.diagnose(training=nothing),
    }
    for name, call in calls.items():
        with pytest.raises(SettingsError, match=f"^{name}: give "):
            call()


def test_at_least_one_table_is_reproduced(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="tables: give at least one"):
        avdf.reproduce([], tmp_path / "out")


def test_a_path_with_a_zero_byte_is_refused(run: Path) -> None:
    with pytest.raises(SettingsError, match=r"sources: .* has a zero byte"):
        avdf.score(run, "a\0b")


def test_bytes_are_no_paths(run: Path) -> None:
    name: Any = b"a.mp4"
    with pytest.raises(SettingsError, match=r"sources: give a path .* not bytes"):
        avdf.score(run, name)


def test_a_list_is_kept_as_a_tuple() -> None:
    perturb: Any = ["jpeg:2"]
    assert avdf.ScoreOptions(perturb=perturb) == avdf.ScoreOptions(perturb=("jpeg:2",))


def test_settings_may_be_a_mapping() -> None:
    settings: Any = {"training.epochs": 1, "training.visual_loss": False}
    wanted = ("training.epochs=1", "training.visual_loss=false")
    assert avdf.TrainOptions(settings=settings).settings == wanted


@pytest.mark.parametrize("kind", ALL_OPTIONS)
def test_options_hash_and_pickle_and_are_built_from_their_fields(kind: Any) -> None:
    options = kind()
    assert hash(options) == hash(kind())
    assert pickle.loads(pickle.dumps(options)) == options
    assert kind(**dataclasses.asdict(options)) == options


def test_options_with_perturbations_pickle() -> None:
    options = avdf.ScoreOptions(perturb=("jpeg",))
    assert pickle.loads(pickle.dumps(options)) == options
