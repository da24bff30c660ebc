"""What preparation writes: crops, boxes, audio, log-mel, and a status for every file."""

from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest
import torch
import whisper

from avdf.cache import Shard, shard_paths
from avdf.cache.core.errors import MediaError
from avdf.cache.core.video import VideoInfo
from avdf.cache.shards.codec import decode_frame
from avdf.cache.shards.inputs_table import Unprepared
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.job.run import run_prep
from avdf.pipeline.prepare import attempt_video, prepare_video
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import list_videos
from tests.helpers.media import FlashAndBeep

Image = npt.NDArray[np.uint8]

# name of an awkward file -> the status that a person would give it
ODD_FILES = {
    "1fps_yuv444_noaudio.mp4": "no_face",
    "audio_only_5.1_eac3.mp4": "ok",
    "audio_only_8khz_mono.m4a": "ok",
    "audio_only_cover.flac": "ok",
    "audio_only_cover.m4a": "no_video",  # its sound is digital silence
    "av1_aac.mp4": "ok",
    "av1_noaudio.mkv": "no_face",
    "broken_chunk_out_of_range.mp4": "corrupt",
    "broken_vp9_bitstream.webm": "corrupt",
    "broken_zero_empty_stsc.mp4": "corrupt",
    "dolbyvision_hevc_0.1s.MOV": "too_short",
    "edit_list_audio_shift.mp4": "no_face",
    "face_near_silent_phone_portrait.mp4": "ok",
    "grid_s02_burned_subtitles.mp4": "ok",
    "h264_10bit_noaudio.mp4": "no_face",
    "hevc_10bit_noaudio.mp4": "no_face",
    "mouth_crop_noaudio_misnamed.mpg": "no_face",
    "mpeg4_mp3.avi": "no_face",
    "nasa_audio_8khz.mp4": "no_face",
    "noface_audio.mp4": "no_face",
    "noface_then_face_hevc.mov": "no_face",
    "rotated_phone_1080p.mp4": "ok",
    "single_face_no_speech.mp4": "ok",
    "truncated_2000B.mp4": "corrupt",
    "truncated_44B.mp4": "corrupt",
    "veryshort_0.2s_grid_word.mp4": "too_short",
    "vfr_noaudio.mp4": "no_face",
    "vp9_10bit_noaudio.webm": "no_face",
    "vp9_odd_size_161x121.webm": "no_face",
}


def test_log_mel_is_that_of_whisper(shards: Path) -> None:
    checked = 0
    for path in shard_paths(shards):
        with Shard(path) as shard:
            for segment, row in enumerate(shard.column("segments/frame").tolist()):
                samples = torch.from_numpy(shard.pcm(row).astype(np.float32) / 32768)
                wanted = whisper.log_mel_spectrogram(samples).numpy()
                stored = shard.log_mel(segment).astype(np.float32)
                np.testing.assert_allclose(stored, wanted, atol=2e-3)
                checked += 1
    assert checked >= 36


def test_every_row_has_a_crop_a_box_and_audio(shards: Path) -> None:
    for path in shard_paths(shards):
        with Shard(path) as shard:
            rows = shard.size("frames/box")
            assert len(shard.offsets) == rows + 1
            assert shard.size("audio/pcm") == rows * 640
            assert int(shard.column("tracks/frames").sum()) == rows
            assert shard.images(0, rows).std() > 10


def test_boxes_are_squares_around_faces(shards: Path) -> None:
    for path in shard_paths(shards):
        with Shard(path) as shard:
            box = shard.column("frames/box")
            width, height = box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]
            np.testing.assert_allclose(width, height, rtol=1e-4)
            assert (shard.column("frames/probability") > 0.7).all()


@pytest.fixture
def unusable(tmp_path: Path) -> dict[str, Path]:
    """Name -> a file that cannot be prepared."""
    clip = FlashAndBeep("flash.mp4").write(tmp_path)
    short = FlashAndBeep("short.mp4", seconds=0.5, at=0.1).write(tmp_path)
    empty, cut = tmp_path / "empty.mp4", tmp_path / "cut.mp4"
    empty.write_bytes(b"")
    cut.write_bytes(clip.read_bytes()[:2000])
    found = {"flash": clip, "short": short, "empty": empty, "cut": cut}
    return found | {"nowhere": tmp_path / "nowhere.mp4", "folder": tmp_path}


def test_each_unusable_file_has_its_status(
    unusable: dict[str, Path],
    detector: FaceDetector,
) -> None:
    statuses = {}
    for name, path in unusable.items():
        with pytest.raises(MediaError) as caught:
            prepare_video(VideoInfo(id="x", path=str(path)), PrepSettings(), detector)
        statuses[name] = caught.value.status
    assert statuses == {
        "flash": "no_face",
        "short": "too_short",
        "empty": "corrupt",
        "cut": "corrupt",
        "nowhere": "missing",
        "folder": "unreadable",
    }


@pytest.mark.usefixtures("in_this_process")
def test_awkward_files_get_the_status_that_a_person_would_give(
    media: Path,
    tmp_path: Path,
) -> None:
    result = run_prep(list_videos([media / "odd"]), tmp_path, PrepSettings())
    assert {row.id: row.status for row in result.rows} == ODD_FILES


@pytest.mark.usefixtures("in_this_process")
def test_all_real_recordings_are_prepared(media: Path, tmp_path: Path) -> None:
    result = run_prep(
        list_videos([media / "clips" / "manifest.csv"]), tmp_path, PrepSettings()
    )
    assert result.statuses == {"ok": 22}
    assert all(row.frames >= 72 and row.faces == 1 for row in result.rows)


def test_stored_crops_are_the_pixels_that_pyav_decodes(
    media: Path,
    detector: FaceDetector,
) -> None:
    """The square of PyAV's own frame, scaled in the plainest way, against what is stored."""
    path = media / "clips" / "grid_s02_swwp2s_hq720x576.mpg"
    (track,) = prepare_video(
        VideoInfo(id="x", path=str(path)), PrepSettings(), detector
    ).tracks
    with av.open(str(path)) as container:
        decoded = [
            frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)
        ]
    frames = [np.asarray(frame, np.uint8) for frame in decoded]
    for row in range(0, len(track), 9):
        plain = scaled_square(frames[row], track.boxes[row])
        stored = decode_frame(np.frombuffer(track.crops[row], np.uint8), "jpeg", 224)
        assert difference(plain, stored) < 4
        shifted = np.roll(plain, 8, axis=1)
        assert difference(shifted, stored) > 2 * difference(plain, stored)


def scaled_square(frame: Image, box: npt.NDArray[np.float32]) -> Image:
    """The square of a box, also where it leaves the frame, at 224 x 224."""
    x1, y1, x2, y2 = box.round().astype(int) + 400
    padded = np.pad(frame, ((400, 400), (400, 400), (0, 0)))
    square = np.asarray(padded[y1:y2, x1:x2], np.uint8)
    scaled = cv2.resize(square, (224, 224), interpolation=cv2.INTER_AREA)
    return np.asarray(scaled, np.uint8)


def difference(one: Image, other: Image) -> float:
    """Mean difference in grey levels."""
    return float(np.abs(one.astype(int) - other).mean())


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RuntimeError("boom"), "internal"),
        (PermissionError(13, "Permission denied"), "unreadable"),
    ],
)
def test_whatever_happens_to_a_video_becomes_a_row(
    error: Exception,
    status: str,
    synthetic_manifest: Path,
    detector: FaceDetector,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("avdf.pipeline.prepare.probe", fail)
    info = list_videos([synthetic_manifest]).videos[0]
    found = attempt_video(info, PrepSettings(), detector)
    assert isinstance(found, Unprepared)
    assert found.status == status
    assert str(error.args[-1]) in found.reason
