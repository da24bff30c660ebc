"""Periods that do not name a modality, forged videos that could not be scored, and results put together once."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from avdf.cache.core.labels import FAKE, REAL, UNKNOWN
from avdf.cache.core.periods import parse_periods, periods_text
from avdf.cache.core.video import Period, VideoInfo
from avdf.model.evaluation.localisation import localisation
from avdf.model.evaluation.robustness import robustness
from avdf.model.evaluation.true_intervals import unexplained
from avdf.model.inference.timeline import Timeline
from avdf.model.runs.loaded import load_run
from avdf.model.scoring.scorer import score_shards
from avdf.model.thresholds import Thresholds
from avdf.model.verdicts import PerVerdict
from avdf.pipeline.job.video_row import VideoRow
from avdf.pipeline.perturbations import parse_perturbations


def curve(first: int, stop: int) -> Timeline:
    p = np.full(100, 0.1)
    p[first:stop] = 0.9
    return Timeline(0.0, PerVerdict.same(p), p)


def test_a_forged_video_without_a_timeline_misses_its_periods() -> None:
    periods = {"a": (Period(1.0, 2.0, FAKE, FAKE),), "b": (Period(0.5, 1.5, FAKE, REAL),)}
    found = localisation({"a": (curve(25, 50),)}, periods, "video")
    assert found is not None and (found.videos, found.unscored, found.periods) == (2, 1, 2)
    assert found.average_precision["0.5"] == pytest.approx(0.5) and found.average_recall["5"] <= 0.5
    alone = localisation({"a": (curve(25, 50),)}, {"a": periods["a"]}, "video")
    assert alone is not None and alone.average_precision["0.5"] == 1.0 and alone.unscored == 0
    sound = localisation(
        {"a": (curve(25, 50),)}, periods, "audio"
    )  # the sound of b is real: nothing to miss
    assert sound is not None and sound.unscored == 0


def test_a_video_of_unknown_modalities_takes_no_part_in_their_figures() -> None:
    periods = {"a": (Period(1.0, 2.0, FAKE, FAKE),), "b": (Period(0.5, 1.5),)}
    timelines = {"a": (curve(25, 50),), "b": (curve(12, 38),)}
    for verdict, videos in PerVerdict(visual=1, audio=1, video=2).items():
        found = localisation(timelines, periods, verdict)
        # as label 0 the frames found in b would all be wrong
        assert (
            found is not None
            and found.videos == videos
            and found.frame_auc is not None
            and found.frame_auc > 0.98
        )
        assert found.average_precision["0.5"] == 1.0
    assert localisation(timelines, {"b": periods["b"]}, "visual") is None


def test_a_whole_beside_its_parts_leaves_nothing_unknown() -> None:
    whole, part, apart = Period(1.0, 3.0), Period(1.5, 2.0, FAKE, REAL), Period(5.0, 6.0)
    assert unexplained((whole, part), "visual") == unexplained((whole, part), "audio") == ()
    assert unexplained((whole, part, apart), "audio") == (apart,)
    assert unexplained((Period(1.0, 2.0, FAKE, UNKNOWN),), "visual") == ()


def test_periods_of_a_failed_video_stand_in_the_table() -> None:
    periods = (Period(0.25, 1.5, FAKE, REAL), Period(2.0, 3.0))
    row = VideoRow.failed(VideoInfo(id="a", path="a", label=1, periods=periods), "no_face", "none")
    assert (
        parse_periods(row.periods_text) == periods
        and parse_periods("") == ()
        and periods_text(()) == ""
    )
    for text in ("[1]", "[[1, 2]]", "{", "[[2, 1, 0, 0]]"):
        with pytest.raises(ValueError):  # any of them becomes the table's one sentence
            parse_periods(text)


def test_damage_draws_no_interval(run: Path, shards: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """56 rows of `--perturb all` need 56 x 3 figures; the thousand draws of each interval would be shown nowhere."""
    scores = score_shards(load_run(run, device="cpu"), shards, "")
    drawn: list[int] = []
    monkeypatch.setattr(
        "avdf.model.evaluation.verdict_metrics.bootstrap", lambda *_, **__: drawn.append(1)
    )
    rows = [
        result.row
        for result in robustness(
            scores, parse_perturbations(["all"]), lambda _: scores, Thresholds()
        )
    ]
    assert (
        len(rows) == 56 and drawn == [] and all(row.auc.video == rows[0].auc.video for row in rows)
    )
    assert rows[0].auc.video is not None


def test_tracks_of_one_video_are_put_together_once(
    run: Path, shards: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Progress counts on; it does not sum all that came before at each batch."""
    loaded = load_run(run, device="cpu")
    config = loaded.info.config
    small = replace(
        loaded,
        info=replace(loaded.info, config=replace(config, data=replace(config.data, batch_size=1))),
    )
    told: list[int] = []
    scores = score_shards(small, shards, "test", on_progress=lambda done, _: told.append(done))
    assert told == list(range(1, len(scores.segments) + 1))
