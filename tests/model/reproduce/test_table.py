"""`avdf reproduce`: the plan, the published figures, and a small run of every table."""

import json
import shutil
from pathlib import Path

import pytest

from avdf.cache.core.errors import SettingsError
from avdf.demo import DEMO_SETTINGS
from avdf.model.reproduce.ablations import TABLE_4, TABLE_5
from avdf.model.reproduce.experiments import list_experiments, settings_of
from avdf.model.reproduce.published import OURS, TABLES
from avdf.model.runs.config_sources import load_config
from avdf.pipeline.sources import list_videos
from avdf.pipeline.synthetic import generate_kodf
from tests.helpers.command import call

SMALL = ("--identities", 1, "--set", "training.epochs=1", "--set", "data.batch_size=4")


def test_our_rows_are_the_ablations_and_change_what_they_say() -> None:
    assert set(TABLES["table4"].run_of.values()) == {row.name for row in TABLE_4}
    assert set(TABLES["table5"].run_of.values()) == {row.name for row in TABLE_5}
    config = load_config(None, settings_of("segment-level"))
    assert (config.training.level, config.data.protocol) == (
        "segment",
        "fakeavceleb-ethnic",
    )
    held = load_config(None, settings_of("without-RVFA"))
    assert (
        held.data.protocol == "fakeavceleb-leave-one-out/RVFA"
        and held.training == load_config(None).training
    )


def test_published_figures_add_up() -> None:
    """AVG-FV is the mean of four categories; rows that repeat between tables agree."""
    for method, figures in TABLES["table2"].rows.items():
        for name in ("AP", "AUC"):
            values = [
                figures[f"{category} {name}"]
                for category in ("FVRA-WL", "FVFA-FS", "FVFA-GAN", "FVFA-WL")
            ]
            assert figures[f"AVG-FV {name}"] == pytest.approx(
                sum(values) / 4,
                abs=0.1,
            ), (
                method,
                name,
            )
    four, five = TABLES["table4"].rows[OURS], TABLES["table5"].rows[OURS]
    assert all(four[column] == value for column, value in five.items())
    assert TABLES["table3"].rows[OURS]["AUC"] == five["KoDF AUC"]


def test_each_run_is_planned_once() -> None:
    plan = list_experiments(["all"], with_kodf=True)
    names = [run.name for run in plan.runs]
    assert (
        len(names) == len(set(names)) == 14
        and len({score.name for score in plan.scores}) == len(plan.scores) == 22
    )
    alone = list_experiments(["table4", "table5"], with_kodf=False)
    assert len(alone.runs) == 8 and all(
        score.data == "fakeavceleb" for score in alone.scores
    )
    assert "table3" not in list_experiments(["all"], with_kodf=False).tables
    with pytest.raises(SettingsError, match="give its shards \\(kodf\\)"):
        list_experiments(["table3"], with_kodf=False)
    with pytest.raises(SettingsError, match="'table6' is unknown"):
        list_experiments(["table6"], with_kodf=True)


def test_a_synthetic_kodf_is_read_as_kodf(tmp_path: Path) -> None:
    assert generate_kodf(tmp_path, actors=1, seconds=0.7, workers=1) == 8
    listing = list_videos([tmp_path])
    assert (
        listing.dataset == "kodf"
        and [video.label for video in listing.videos] == [0] * 4 + [1] * 4
    )
    assert {video.method for video in listing.videos} == {
        "real",
        "dfl",
        "dffs",
        "fo",
        "audio-driven",
    }


def check_results(folder: Path) -> None:
    """Table 3 has the means of KoDF's draws, Figure 3 its three losses."""
    table = json.loads((folder / "table3.json").read_text(encoding="utf-8"))
    here = next(row for row in table["rows"] if row["origin"] == "here")
    draws = json.loads(
        (folder / "scores" / "full-on-kodf" / "draws.json").read_text(encoding="utf-8")
    )
    mean = sum(draw["average_precision"] for draw in draws) / 10
    assert (
        here["cells"]["AP"]["value"] == pytest.approx(100 * mean) and len(draws) == 10
    )
    quartiles = json.loads((folder / "figure3.json").read_text(encoding="utf-8"))
    losses = (
        "segment-level loss",
        "frame-level loss",
        "InfoNCE with the class token",
    )
    assert {(row["loss"], row["measure"]) for row in quartiles} == {
        (loss, measure) for loss in losses for measure in ("distance", "sync")
    }
    assert (folder / "figure3.svg").read_text(encoding="utf-8").startswith("<svg")


def check_given_runs(folder: Path) -> None:
    """Finished runs can be given, but not for a row that they do not match."""
    shards = folder / "shards" / "fakeavceleb"
    trained = [*DEMO_SETTINGS, "training.epochs=1", "data.batch_size=4"]
    own = [word for setting in trained for word in ("--set", setting)]
    other = ("--fakeavceleb", shards, "--out", folder / "other", *own)
    longer = (
        *other,
        "--set",
        "training.epochs=9",
        "--set",
        "training.beta=1",
        "--plan",
    )
    code, text = call(
        "reproduce", "table1", *longer, "--run", f"full={folder / 'runs' / 'full'}"
    )
    assert (
        code == 2
        and "training.epochs = 1, the row needs 9; training.beta = 2.0, the row needs 1.0"
        in text
    )
    code, text = call(
        "reproduce", "table1", *other, "--run", f"full={folder / 'runs' / 'full'}"
    )
    assert code == 0 and "train full: done" in text and "KoDF" not in text
    # the dataset's own splits are the paper's: a run under either name is the row's
    config = folder / "runs" / "full" / "config.json"
    text = config.read_text(encoding="utf-8")
    config.write_text(
        text.replace('"fakeavceleb-ethnic"', '"dataset"'),
        encoding="utf-8",
    )
    assert (
        call(
            "reproduce",
            "table1",
            *other,
            "--run",
            f"full={folder / 'runs' / 'full'}",
            "--plan",
        )[0]
        == 0
    )
    config.write_text(
        text.replace('"fakeavceleb-ethnic"', '"identity-disjoint"'),
        encoding="utf-8",
    )
    code, text_of = call(
        "reproduce",
        "table1",
        *other,
        "--run",
        f"full={folder / 'runs' / 'full'}",
        "--plan",
    )
    assert code == 2 and "trained with data.protocol = 'identity-disjoint'" in text_of
    config.write_text(text, encoding="utf-8")
    code, text = call(
        "reproduce",
        "figure3",
        *other,
        "--run",
        f"segment-level={folder / 'runs' / 'full'}",
    )
    assert (
        code == 2
        and "training.level = 'frame', the row needs 'segment' (the row segment-level)"
        in text
    )


@pytest.mark.usefixtures("in_this_process")
def test_tables_on_synthetic_data_planned_resumed_and_beside_the_papers(
    tmp_path: Path,
) -> None:
    words = ("table1", "table3", "figure3", "--demo", "--out", tmp_path, *SMALL)
    code, text = call("reproduce", *words, "--plan")
    assert (
        code == 0
        and "train full: " in text
        and "in all about" in text
        and not list(tmp_path.iterdir())
    )
    code, text = call("reproduce", *words)
    assert code == 0, text
    assert (
        "| AVFF (published, not run) | 98.6 | 99.1 |" in text
        and "| Ours (paper) | 99.84 | 99.98 |" in text
    )
    assert (
        "Ours **(here)**" in text
        and "do not show how well real deepfakes are detected" in text
        and "means of 10 draws" in text
    )
    check_results(tmp_path)
    # the same again does nothing but write tables; a score that is lost is made again, a run is not
    checkpoint = (tmp_path / "runs" / "full" / "best.safetensors").stat().st_mtime_ns
    shutil.rmtree(tmp_path / "scores" / "full-on-kodf")
    code, text = call("reproduce", *words)
    assert (
        code == 0
        and "train full: done" in text
        and "score full-on-fakeavceleb: done" in text
    )
    assert "score full-on-kodf: " in text and "score full-on-kodf: done" not in text
    assert (
        tmp_path / "runs" / "full" / "best.safetensors"
    ).stat().st_mtime_ns == checkpoint
    check_given_runs(tmp_path)
    code, text = call("reproduce", *words, "--set", "training.epochs=2")
    assert code == 2 and "trained with training.epochs = 1" in text


def test_what_is_missing_is_named(tmp_path: Path, shards: Path) -> None:
    for words, told in {
        ("table1", "--out", tmp_path): "give the shards of FakeAVCeleb",
        (
            "table1",
            "--out",
            tmp_path,
            "--fakeavceleb",
            shards,
        ): "of which no video is here",
        (
            "table1",
            "--out",
            tmp_path,
            "--fakeavceleb",
            shards,
            "--run",
            "ful=x",
        ): "no table has a run 'ful'",
        (
            "table1",
            "--out",
            tmp_path,
            "--fakeavceleb",
            shards,
            "--run",
            "full",
        ): "write NAME=RUN",
    }.items():
        code, text = call("reproduce", *words)
        assert code == 2 and told in text, text
