"""Preparation from file to shard, and the job around it."""

import csv
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import torch
import whisper

from avdf.cache import Shard, shard_paths
from avdf.cache.core.errors import JobError, MediaError, SettingsError
from avdf.cache.core.video import VideoInfo
from avdf.cache.shards.codec import FrameCodec, decode_frame
from avdf.cache.shards.inputs_table import Unprepared
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.job.plan import videos_per_shard
from avdf.pipeline.job.progress import PrepProgress
from avdf.pipeline.job.run import run_prep
from avdf.pipeline.prepare import attempt_video, prepare_video
from avdf.pipeline.settings import FaceSettings, Limits, PrepSettings
from avdf.pipeline.sources import list_videos
from avdf.pipeline.sources.listing import Listing
from tests.helpers.media import FlashAndBeep


def rows_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "videos.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in sorted(folder.glob("*.[hc]*")) if path.is_file()
    }


def test_log_mel_in_the_shard_is_whispers(shards: Path) -> None:
    checked = 0
    for path in shard_paths(shards):
        with Shard(path) as shard:
            for segment, row in enumerate(shard.column("segments/frame").tolist()):
                samples = torch.from_numpy(shard.pcm(row).astype(np.float32) / 32768)
                wanted = whisper.log_mel_spectrogram(samples).numpy()
                np.testing.assert_allclose(
                    shard.log_mel(segment).astype(np.float32), wanted, atol=2e-3
                )
                checked += 1
    assert checked >= 36


def test_every_row_has_its_crop_box_and_sound(shards: Path) -> None:
    for path in shard_paths(shards):
        with Shard(path) as shard:
            rows = shard.size("frames/box")
            assert len(shard.offsets) == rows + 1 and shard.size("audio/pcm") == rows * 640
            assert int(shard.column("tracks/frames").sum()) == rows
            box = shard.column("frames/box")
            np.testing.assert_allclose(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1], rtol=1e-4)
            assert shard.images(0, rows).std() > 10
            assert (shard.column("frames/probability") > 0.7).all()


def test_videos_csv_lists_every_input_once(shards: Path, synthetic_manifest: Path) -> None:
    rows = rows_of(shards)
    with synthetic_manifest.open(encoding="utf-8") as file:
        assert [row["id"] for row in rows] == [row["path"] for row in csv.DictReader(file)]
    assert {row["status"] for row in rows} == {"ok"} and {row["faces"] for row in rows} == {"1"}


@pytest.mark.usefixtures("in_this_process")
def test_a_finished_folder_is_left_alone_and_extended(
    synthetic_manifest: Path, tmp_path: Path
) -> None:
    listing = list_videos([synthetic_manifest])
    part = Listing("part", listing.videos[:4])
    settings = PrepSettings(videos_per_shard=2)
    assert run_prep(part, tmp_path, settings, workers=1).new == 4
    before = content(tmp_path)
    started = time.monotonic()
    assert run_prep(part, tmp_path, settings, workers=1).new == 0
    assert time.monotonic() - started < 1 and content(tmp_path) == before
    more = Listing("more", listing.videos[:6])
    result = run_prep(more, tmp_path, settings, workers=1)
    assert result.new == 2 and result.statuses == {"ok": 6}
    assert {
        name: data
        for name, data in content(tmp_path).items()
        if name in before and name != "videos.csv"
    } == {name: data for name, data in before.items() if name != "videos.csv"}


@pytest.mark.usefixtures("in_this_process")
def test_other_settings_are_refused_with_the_difference(
    synthetic_manifest: Path, tmp_path: Path
) -> None:
    listing = Listing("one", list_videos([synthetic_manifest]).videos[:1])
    run_prep(listing, tmp_path, PrepSettings(), workers=1)
    other = PrepSettings(codec=FrameCodec(quality=80), face=replace(FaceSettings(), margin=1.5))
    with pytest.raises(SettingsError, match=r"codec.quality 95, now 80; face.margin 1.3, now 1.5"):
        run_prep(listing, tmp_path, other, workers=1)


@pytest.mark.usefixtures("in_this_process")
def test_failures_are_rows_and_are_retried_alone(synthetic_manifest: Path, tmp_path: Path) -> None:
    good = list_videos([synthetic_manifest]).videos[0]
    late = VideoInfo(id="late.mp4", path=str(tmp_path / "late.mp4"))
    bad = VideoInfo(id="bad.mp4", path=str(tmp_path / "bad.mp4"))
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    out, listing = tmp_path / "out", Listing("x", (good, late, bad))
    assert run_prep(listing, out, PrepSettings(), workers=1).statuses == {
        "ok": 1,
        "missing": 1,
        "corrupt": 1,
    }
    late.file.write_bytes(good.file.read_bytes())
    assert run_prep(listing, out, PrepSettings(), workers=1).new == 0
    result = run_prep(listing, out, PrepSettings(), workers=1, retry_failed=True)
    assert result.new == 2 and result.statuses == {"ok": 2, "corrupt": 1}
    assert [row["id"] for row in rows_of(out)] == [good.id, "late.mp4", "bad.mp4"]


@pytest.mark.usefixtures("in_this_process")
def test_killed_and_started_again_it_ends_the_same(
    synthetic_manifest: Path, tmp_path: Path
) -> None:
    lines = synthetic_manifest.read_text(encoding="utf-8").splitlines()[:9]
    part = synthetic_manifest.with_name("part.csv")
    part.write_text("\n".join(lines) + "\n", encoding="utf-8")
    broken = tmp_path / "broken"
    process = subprocess.Popen(
        [sys.executable, "-c", _PREP, str(part), str(broken)], start_new_session=True
    )
    while not list(broken.glob("tasks/*.json")):
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for out in (broken, tmp_path / "whole"):
        run_prep(list_videos([part]), out, PrepSettings(videos_per_shard=2), workers=2)
    assert content(broken) == content(tmp_path / "whole")
    assert not list(broken.rglob("*.partial"))


_PREP = """
import sys
from pathlib import Path
from avdf.pipeline.job.progress import PrepProgress
from avdf.pipeline.job.run import run_prep
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import list_videos
if __name__ == "__main__":
    run_prep(list_videos([Path(sys.argv[1])]), Path(sys.argv[2]), PrepSettings(videos_per_shard=2), workers=2)
"""


def test_a_worker_that_dies_costs_one_video(synthetic_manifest: Path, tmp_path: Path) -> None:
    """The worker is killed at its second video: that one is given up, the others are done."""
    listing = Listing("x", list_videos([synthetic_manifest]).videos[:3])
    victim = listing.videos[1].id

    killed: list[str] = []

    def kill_at(progress: PrepProgress) -> None:
        if progress.begun == 2 and not killed:
            killed.append(victim)
            children = (
                Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
                .read_text(encoding="ascii")
                .split()
            )
            for child in children:
                if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                    os.kill(int(child), signal.SIGKILL)

    result = run_prep(
        listing, tmp_path, PrepSettings(videos_per_shard=3), workers=1, on_progress=kill_at
    )
    assert result.statuses == {"ok": 2, "crashed": 1}
    (failed,) = result.failed
    assert failed.id == victim and "SIGKILL" in failed.reason


def test_a_folder_that_cannot_be_written(synthetic_manifest: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(JobError, match="cannot write"):
        run_prep(list_videos([synthetic_manifest]), tmp_path / "file" / "out", PrepSettings())


def test_shards_are_as_large_as_the_set_asks() -> None:
    assert [videos_per_shard(n) for n in (0, 1, 8, 22, 300, 20_000)] == [1, 1, 1, 3, 32, 32]
    assert videos_per_shard(300, 7) == 7


def test_statuses_of_what_cannot_be_prepared(detector: FaceDetector, tmp_path: Path) -> None:
    clip = FlashAndBeep("flash.mp4").write(tmp_path)
    short = FlashAndBeep("short.mp4", seconds=0.5, at=0.1).write(tmp_path)
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "cut.mp4").write_bytes(clip.read_bytes()[:2000])
    for path, status in (
        (clip, "no_face"),
        (short, "too_short"),
        (tmp_path / "empty.mp4", "corrupt"),
        (tmp_path / "cut.mp4", "corrupt"),
        (tmp_path / "nowhere.mp4", "missing"),
        (tmp_path, "unreadable"),
    ):
        with pytest.raises(MediaError) as caught:
            prepare_video(VideoInfo(id="x", path=str(path)), PrepSettings(), detector)
        assert caught.value.status == status, path


def test_settings_are_checked_when_built() -> None:
    for make in (
        lambda: PrepSettings(faces="some"),  # type: ignore[arg-type]
        lambda: Limits(seconds=0),
        lambda: FaceSettings(margin=0.9),
        lambda: FaceSettings(refine_stride=99),
        lambda: FrameCodec(quality=0),
    ):
        with pytest.raises(SettingsError):
            make()


ODD = {
    "1fps_yuv444_noaudio.mp4": "no_audio",
    "audio_only_5.1_eac3.mp4": "no_video",
    "audio_only_8khz_mono.m4a": "no_video",
    "audio_only_cover.flac": "no_video",
    "audio_only_cover.m4a": "no_video",
    "av1_aac.mp4": "ok",
    "av1_noaudio.mkv": "no_audio",
    "broken_chunk_out_of_range.mp4": "corrupt",
    "broken_vp9_bitstream.webm": "no_audio",
    "broken_zero_empty_stsc.mp4": "corrupt",
    "dolbyvision_hevc_0.1s.MOV": "too_short",
    "edit_list_audio_shift.mp4": "no_face",
    "face_near_silent_phone_portrait.mp4": "ok",
    "grid_s02_burned_subtitles.mp4": "ok",
    "h264_10bit_noaudio.mp4": "no_audio",
    "hevc_10bit_noaudio.mp4": "no_audio",
    "mouth_crop_noaudio_misnamed.mpg": "no_audio",
    "mpeg4_mp3.avi": "no_face",
    "nasa_audio_8khz.mp4": "no_face",
    "noface_audio.mp4": "no_face",
    "noface_then_face_hevc.mov": "no_face",
    "rotated_phone_1080p.mp4": "ok",
    "single_face_no_speech.mp4": "ok",
    "truncated_2000B.mp4": "corrupt",
    "truncated_44B.mp4": "corrupt",
    "veryshort_0.2s_grid_word.mp4": "too_short",
    "vfr_noaudio.mp4": "no_audio",
    "vp9_10bit_noaudio.webm": "no_audio",
    "vp9_odd_size_161x121.webm": "no_audio",
}


@pytest.mark.usefixtures("in_this_process")
def test_awkward_files_get_the_status_a_person_would_give(media: Path, tmp_path: Path) -> None:
    result = run_prep(list_videos([media / "odd"]), tmp_path, PrepSettings())
    assert {row.id: row.status for row in result.rows} == ODD


@pytest.mark.usefixtures("in_this_process")
def test_all_real_recordings_are_prepared(media: Path, tmp_path: Path) -> None:
    result = run_prep(list_videos([media / "clips" / "manifest.csv"]), tmp_path, PrepSettings())
    assert result.statuses == {"ok": 22}
    assert all(row.frames >= 72 and row.faces == 1 for row in result.rows)


def test_crops_in_the_shard_are_pyavs_pixels(media: Path, detector: FaceDetector) -> None:
    """The square of PyAV's own picture, scaled in the plainest way, against what was stored."""
    path = media / "clips" / "grid_s02_swwp2s_hq720x576.mpg"
    (track,) = prepare_video(VideoInfo(id="x", path=str(path)), PrepSettings(), detector).tracks
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    for row in range(0, len(track), 9):
        x1, y1, x2, y2 = track.boxes[row].round().astype(int)
        padded = np.pad(frames[row], ((400, 400), (400, 400), (0, 0)))
        inside = np.asarray(padded[y1 + 400 : y2 + 400, x1 + 400 : x2 + 400], np.uint8)
        plain = cv2.resize(inside, (224, 224), interpolation=cv2.INTER_AREA)
        stored = decode_frame(np.frombuffer(track.crops[row], np.uint8), "jpeg", 224)
        assert np.abs(plain.astype(int) - stored).mean() < 4
        shifted = np.roll(plain, 8, axis=1)
        assert (
            np.abs(shifted.astype(int) - stored).mean()
            > 2 * np.abs(plain.astype(int) - stored).mean()
        )


@pytest.mark.parametrize(
    ("error", "status"),
    [(RuntimeError("boom"), "internal"), (PermissionError(13, "Permission denied"), "unreadable")],
)
def test_whatever_a_video_does_it_becomes_a_row(
    synthetic_manifest: Path,
    detector: FaceDetector,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: str,
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("avdf.pipeline.prepare.probe", fail)
    found = attempt_video(list_videos([synthetic_manifest]).videos[0], PrepSettings(), detector)
    assert (
        isinstance(found, Unprepared)
        and found.status == status
        and str(error.args[-1]) in found.reason
    )
