"""Labels by manipulated periods, and localisation from a synthetic LAV-DF to `metrics.json`."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from avdf.cache.core.labels import ABSENT
from avdf.cache.core.video import Period, VideoInfo
from avdf.cache.stream.index import TrackRef, VideoRef, list_shard_videos
from avdf.model.runs.config import RunConfig
from avdf.model.runs.log import read_log
from avdf.model.training.start import train
from avdf.model.training.window_labels import trained_label, window_label
from avdf.model.training.window_sampler import sampling_tracks
from avdf.model.verdicts import PerVerdict
from avdf.pipeline.job.run import run_prep
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import list_videos
from avdf.pipeline.synthetic import generate_lavdf
from tests.helpers.command import call

ALL_REAL = PerVerdict(visual=0, audio=0, video=0)
FAKE_FRAMES = PerVerdict(visual=1, audio=0, video=1)


def fake(*periods: Period) -> VideoInfo:
    return VideoInfo(
        id="v",
        path="v",
        label=1,
        label_visual=1,
        label_audio=0,
        periods=periods,
    )


def test_a_window_is_fake_where_a_period_covers_four_rows_of_it() -> None:
    info = fake(Period(2.0, 2.6, visual=1, audio=0))
    assert window_label(info, 1.52) == FAKE_FRAMES
    assert window_label(info, 2.44) == FAKE_FRAMES


def test_a_window_is_real_where_no_period_covers_enough_of_it() -> None:
    info = fake(Period(2.0, 2.6, visual=1, audio=0))
    assert window_label(info, 1.0) == ALL_REAL
    assert window_label(info, 1.5) == ALL_REAL  # the period covers 0.14 s of it
    assert window_label(info, 2.48) == ALL_REAL


def test_a_period_names_the_modality_that_is_fake() -> None:
    info = fake(Period(0.0, 9.0, visual=0, audio=1))
    assert window_label(info, 3.0) == PerVerdict(visual=0, audio=1, video=1)


def test_windows_of_a_video_without_periods_have_its_labels() -> None:
    assert window_label(fake(), 1.0) == FAKE_FRAMES


@given(
    st.integers(0, 400),
    st.integers(16, 60),
    st.integers(0, 300),
    st.integers(1, 50),
    st.integers(0, 200),
)
def test_windows_are_drawn_from_the_tracks_and_half_of_them_near_a_period(
    first: int,
    rows: int,
    start: int,
    length: int,
    slot: int,
) -> None:
    info = fake(Period(start / 25, (start + length) / 25, visual=1, audio=0))
    track = TrackRef(first, rows, 1.0, has_audio=True)
    video = VideoRef(info, Path("s"), (track,), ())
    (chosen,) = sampling_tracks(video, 0, 1, slot)
    assert (
        chosen.rows >= 16
        and first <= chosen.row
        and chosen.row + chosen.rows <= first + rows
    )
    assert chosen.start == pytest.approx(1.0 + (chosen.row - first) / 25)
    if (
        chosen != track
        and length >= 4
        and 25 + 4 <= start + length <= 25 + rows
        and start >= 25
    ):
        for row in (
            chosen.row,
            chosen.row + chosen.rows - 16,
        ):  # the first and the last window of the stretch
            assert window_label(info, video.file_time(row)).video == 1


@pytest.fixture(scope="module")
def lavdf_shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthetic persons, a part of whose videos is forged."""
    root = tmp_path_factory.mktemp("lavdf")
    assert generate_lavdf(root / "data", persons=5, seconds=2.2, workers=2) == 20
    result = run_prep(
        list_videos([root / "data"]),
        root / "shards",
        PrepSettings(),
        workers=2,
    )
    assert result.statuses.get("ok", 0) >= 16
    return root / "shards"


def test_training_by_periods_shows_other_labels(
    lavdf_shards: Path,
    tiny_config: RunConfig,
    tmp_path: Path,
) -> None:
    lines = {}
    for labels in ("video", "periods"):
        config = replace(tiny_config, data=replace(tiny_config.data, labels=labels))
        train(lavdf_shards, tmp_path / labels, config)
        lines[labels] = [
            line["video"] for line in read_log(tmp_path / labels / "log.jsonl")
        ]
    assert (
        len(lines["video"]) == len(lines["periods"])
        and lines["video"] != lines["periods"]
    )


def test_the_figures_are_those_of_the_timelines(
    run: Path,
    lavdf_shards: Path,
    tmp_path: Path,
) -> None:
    code, text = call(
        "score", run, lavdf_shards, "--split", "all", "--timeline", "--out", tmp_path
    )
    assert code in (0, 3) and "periods: AP@0.5" in text
    found = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))[
        "localisation"
    ]
    assert set(found) == {"video", "visual", "audio"} and set(
        found["visual"]["average_recall"]
    ) >= {"50", "20", "10"}
    periods = {
        video.info.id: video.info.periods for video in list_shard_videos(lavdf_shards)
    }
    with (tmp_path / "timeline.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    truth = [
        any(
            one.visual == 1 and one.start <= float(row["time"]) + 0.02 < one.end
            for one in periods[row["id"]]
        )
        for row in rows
    ]
    area = roc_auc_score(truth, [float(row["p_visual"]) for row in rows])
    assert found["visual"]["frame_auc"] == pytest.approx(area, abs=1e-4)
    assert found["visual"]["periods"] == sum(
        one.visual == 1 for name in {row["id"] for row in rows} for one in periods[name]
    )
    assert np.mean(truth) < 0.3 and "manipulated periods" in (
        tmp_path / "report.html"
    ).read_text(encoding="utf-8")


@pytest.mark.parametrize("label", [0, 1, -1])
def test_of_a_silent_video_the_frames_are_what_its_label_says(label: int) -> None:
    known = PerVerdict(visual=-1, audio=-1, video=label)
    assert trained_label(known, has_audio=True) == known
    assert trained_label(known, has_audio=False) == PerVerdict(label, ABSENT, ABSENT)
    # A label of the frames themselves comes first.
    own = PerVerdict(visual=0, audio=1, video=1)
    assert trained_label(own, True, has_picture=False) == PerVerdict(ABSENT, 1, ABSENT)
    assert trained_label(own, False, has_picture=False) == PerVerdict.same(ABSENT)
    assert trained_label(own, has_audio=False) == PerVerdict(0, ABSENT, ABSENT)
