"""Reported times are file times, whatever lies before the first row; silence has no verdict."""

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from avdf.cache.core.labels import FAKE
from avdf.cache.core.missing import NO_STREAM, ONLY_SILENCE
from avdf.cache.core.video import Period, VideoInfo
from avdf.cache.files.csv_table import write_table
from avdf.cache.shards.noise_shards import write_noise_shards
from avdf.cache.shards.reader import Shard
from avdf.cache.shards.writer import ShardWriter
from avdf.cache.stream.clips import prepared_clips, shard_clips
from avdf.cache.stream.index import list_shard_videos
from avdf.cli.main import app
from avdf.model.inference.decision import ONLY_SYNTHETIC
from avdf.model.report.evidence import prepared_evidence, shard_evidence
from avdf.model.runs.config_sources import load_config
from avdf.model.runs.loaded import load_run
from avdf.model.scoring.scorer import score_prepared, score_shards
from avdf.model.scoring.settings import ScorerSettings
from avdf.model.training.start import train
from avdf.model.training.window_labels import window_label
from avdf.model.training.window_sampler import sampling_tracks
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.job.video_row import VIDEO_COLUMNS, VideoRow
from avdf.pipeline.prepare import prepare_video
from avdf.pipeline.settings import PrepSettings
from tests.helpers.lavfi import file_input, generated, make

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def late(synthetic_manifest: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Audio from the beginning, a speaker from 2 s on."""
    path = tmp_path_factory.mktemp("late") / "late.mkv"
    speaker = file_input(synthetic_manifest.with_name("p0_real.mp4"))
    late_video = ["-itsoffset", "2", *speaker]
    options = "-map 0:v -map 1:a -c:v copy -c:a pcm_s16le"
    return make(path, late_video, generated("sine=d=3.6"), options=options)


@pytest.fixture(scope="module")
def silent(synthetic_manifest: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A speaker with digital silence."""
    path = tmp_path_factory.mktemp("silent") / "silent.mp4"
    speaker = file_input(synthetic_manifest.with_name("p0_real.mp4"))
    options = "-map 0:v -map 1:a -c:v copy -c:a aac"
    return make(path, speaker, generated("anullsrc=d=1.6"), options=options)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_times_of_a_file_are_its_own(late: Path, run: Path, tmp_path: Path) -> None:
    result = RUNNER.invoke(
        app, ["score", str(run), str(late), "--out", str(tmp_path / "s"), "--json"]
    )
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    starts = [segment["start"] for segment in document["segments"]]
    assert starts == pytest.approx([2.0, 2.64], abs=0.05)
    (timeline,) = document["timelines"]["late.mkv"]
    assert timeline["start"] == pytest.approx(2.0, abs=0.05)
    (face,) = document["faces"]["late.mkv"]["tracks"]
    assert (face["start"], face["end"]) == pytest.approx((2.0, 3.6), abs=0.05)
    assert all(2 <= interval["start"] < 3.7 for interval in document["intervals"])
    assert float(rows(tmp_path / "s" / "segments.csv")[0]["start"]) == pytest.approx(
        2.0,
        abs=0.05,
    )


def test_periods_meet_the_rows_that_they_mean(
    late: Path,
    detector: FaceDetector,
    tmp_path: Path,
) -> None:
    """A forged part from 2.0 to 2.5 s of the file is the first half second of the track."""
    info = VideoInfo(
        id="late",
        path=str(late),
        label=FAKE,
        label_visual=FAKE,
        label_audio=0,
        periods=(Period(2.0, 2.5, FAKE, 0),),
    )
    video = prepare_video(info, PrepSettings(), detector)
    with ShardWriter(tmp_path / "shard-00000.h5", {}) as writer:
        writer.add(video)
    (stored,) = list_shard_videos(tmp_path)
    assert stored.offset == pytest.approx(2.0, abs=0.05) and stored.tracks[0].start == 0
    labels = [window_label(stored.info, stored.file_time(row)) for row in (0, 20)]
    assert [tuple(one) for one in labels] == [(FAKE, 0, FAKE), (0, 0, 0)]
    near = [sampling_tracks(stored, 0, 1, slot) for slot in range(20)]
    around = {(track.row, track.rows) for found in near for track in found} - {(0, 40)}
    ((first_row, count),) = around
    assert first_row == 0 and abs(count - 24) <= 2
    (clip,), (same,) = list(shard_clips([stored])), list(prepared_clips(video))
    assert clip.start == pytest.approx(same.start) and clip.start == pytest.approx(
        stored.offset
    )
    first, second = shard_evidence(stored), prepared_evidence(video)
    assert first.start == pytest.approx(second.start) == pytest.approx(stored.offset)
    # Shards do not tell persons apart; all else that is known of a face agrees.
    unnumbered = tuple(replace(face, face=0) for face in second.faces)
    assert min(first.times) > 2 and first.faces == unnumbered
    assert [face.face for face in second.faces] == [1]


def test_silence_has_no_verdict_of_a_file(
    silent: Path,
    run: Path,
    tmp_path: Path,
) -> None:
    result = RUNNER.invoke(
        app, ["score", str(run), str(silent), "--out", str(tmp_path / "s")]
    )
    assert (
        result.exit_code == 0 and "not examined: no audio to judge" in result.output
    ), result.output
    (row,) = rows(tmp_path / "s" / "videos.csv")
    assert (row["p_audio"], row["verdict_audio"], row["p_video"], row["verdict"]) == (
        "",
        "",
        "",
        "",
    )
    assert (
        row["p_visual"] and row["examined"] == "picture" and "-60 dB" in row["reason"]
    )
    assert all(
        not line["p_audio"] and line["p_visual"]
        for line in rows(tmp_path / "s" / "segments.csv")
    )
    # There is no audio that the video could be distant from.
    assert "distance" not in result.output and not row["distance"]
    for name in ("segments", "timeline"):
        reported = rows(tmp_path / "s" / f"{name}.csv")
        assert reported and not any(line["distance"] for line in reported)
    page = (tmp_path / "s" / "report.html").read_text(encoding="utf-8")
    (picture,) = re.findall(r'<svg class="time".*?</svg>', page)
    assert (
        picture.count("<polyline") == 1
        and "dist." not in picture
        and "cosine distance 0" not in page
    )


def test_a_file_without_an_audio_stream_is_judged_by_its_frames(
    synthetic_manifest: Path,
    run: Path,
    tmp_path: Path,
) -> None:
    speaker = synthetic_manifest.with_name("p0_real.mp4")
    options = "-map 0:v -c:v copy"
    mute = make(tmp_path / "mute.mp4", file_input(speaker), options=options)
    result = RUNNER.invoke(
        app,
        ["score", str(run), str(mute), str(speaker), "--out", str(tmp_path / "s")],
    )
    assert result.exit_code == 0, result.output
    silent, _heard = rows(tmp_path / "s" / "videos.csv")
    assert (silent["status"], silent["examined"]) == ("ok", "picture")
    assert silent["reason"].startswith(NO_STREAM)
    assert silent["p_visual"] and not silent["p_audio"] and not silent["p_video"]
    assert not silent["sync"] and not silent["p_sync"]
    # The same crops as those of the file with audio, as far as both have them.
    segments = rows(tmp_path / "s" / "segments.csv")
    visual: dict[str, list[float]] = {name: [] for name in ("mute.mp4", "p0_real.mp4")}
    for line in segments:
        visual[Path(line["id"]).name].append(float(line["p_visual"]))
    assert visual["mute.mp4"][:2] == pytest.approx(visual["p0_real.mp4"][:2], abs=0.02)


def test_silence_has_no_verdict_from_shards(
    silent: Path,
    synthetic_manifest: Path,
    run: Path,
    tmp_path: Path,
) -> None:
    manifest = tmp_path / "manifest.csv"
    audible = synthetic_manifest.with_name("p1_real.mp4")
    both = f"path,label,split\n{silent},0,test\n{audible},0,test\n"
    manifest.write_text(both, encoding="utf-8")
    prepared = RUNNER.invoke(
        app,
        ["prep", str(manifest), "--out", str(tmp_path / "shards"), "--workers", "1"],
    )
    assert prepared.exit_code == 0, prepared.output
    noted = {
        Path(row["path"]).name: row["reason"]
        for row in rows(tmp_path / "shards" / "videos.csv")
    }
    assert noted == {
        "silent.mp4": ONLY_SILENCE,
        "p1_real.mp4": "",
    }
    with Shard(next((tmp_path / "shards").glob("*.h5"))) as shard:
        assert (
            sorted(shard.column("tracks/sound").tolist()) == [0]
            or shard.size("tracks/video") == 2
        )
    for more in ((), ("--timeline",)):
        out = tmp_path / f"s{len(more)}"
        scored = RUNNER.invoke(
            app,
            [
                "score",
                str(run),
                str(tmp_path / "shards"),
                "--split",
                "all",
                "--out",
                str(out),
                *more,
            ],
        )
        assert scored.exit_code == 0, scored.output
        found = {Path(row["path"]).name: row for row in rows(out / "videos.csv")}
        assert (
            not found["silent.mp4"]["p_audio"]
            and found["silent.mp4"]["examined"] == "picture"
        )
        assert (
            found["p1_real.mp4"]["p_audio"]
            and found["p1_real.mp4"]["examined"] == "both"
        )
        assert "-60 dB" in found["silent.mp4"]["reason"]


def test_no_reason_hides_another_and_shards_give_those_of_files(
    silent: Path,
    run: Path,
    detector: FaceDetector,
    tmp_path: Path,
) -> None:
    """What preparation noted, silence, and a verdict that is withheld all stand in one row."""
    video = prepare_video(
        VideoInfo(id="silent", path=str(silent)), PrepSettings(), detector
    )
    video = replace(video, notes=("deinterlaced", *video.notes))
    with ShardWriter(tmp_path / "shard-00000.h5", {}) as writer:
        writer.add(video)
    row = VideoRow.prepared(video, "shard-00000.h5")
    write_table(tmp_path / "videos.csv", VIDEO_COLUMNS, [row])
    loaded = load_run(run, device="cpu")
    judgement = replace(loaded.judgement(), only_synthetic=True)
    (of_file,) = score_prepared(
        loaded, [video], ScorerSettings(judgement=judgement)
    ).videos
    (of_shard,) = score_shards(
        loaded, tmp_path, "", ScorerSettings(judgement=judgement)
    ).videos
    assert (
        of_file.reason
        == of_shard.reason
        == "; ".join(("deinterlaced", ONLY_SILENCE, ONLY_SYNTHETIC))
    )
    assert of_file.examined == of_shard.examined == "picture"
    assert of_file.distance is None and of_shard.distance is None


def test_a_run_of_the_visual_branch_alone_needs_no_audio(
    silent: Path,
    detector: FaceDetector,
    tmp_path: Path,
) -> None:
    settings = [
        "branches=visual",
        "clip=demo",
        "whisper=demo",
        "audio_prompt_dim=4",
        "fused_dim=4",
        "head_dim=4",
    ]
    write_noise_shards(tmp_path / "shards", videos=10, rows=32)
    config = load_config(
        None,
        [f"model.{one}" for one in settings]
        + ["data.batch_size=4", "training.epochs=1"],
    )
    train(tmp_path / "shards", tmp_path / "run", config)
    video = prepare_video(
        VideoInfo(id="silent", path=str(silent)), PrepSettings(), detector
    )
    (row,) = score_prepared(load_run(tmp_path / "run", device="cpu"), [video]).videos
    assert (
        row.probability.video is not None
        and row.probability.visual is not None
        and row.probability.audio is None
    )
    assert row.examined == "picture" and row.verdict.video


def test_a_limit_of_length_is_one_that_score_takes(late: Path, run: Path) -> None:
    result = RUNNER.invoke(app, ["score", str(run), str(late), "--max-seconds", "1"])
    assert (
        result.exit_code == 3
        and "too_long" in result.output
        and "raise max_seconds" in result.output
    )
    for wrong in ("nan", "0", "inf"):
        result = RUNNER.invoke(
            app, ["score", str(run), str(late), "--max-seconds", wrong]
        )
        assert result.exit_code == 2, wrong
    assert PrepSettings().limits.seconds >= np.float64(6 * 3600)
