"""Files that are damaged, cut short or silent, and decoders that are killed."""

import stat
from pathlib import Path

import numpy as np
import pytest

from avdf.cache.core.clock import SAMPLES_PER_FRAME
from avdf.cache.core.errors import MediaError
from avdf.cache.core.missing import ONLY_SILENCE
from avdf.cache.core.video import PreparedVideo, VideoInfo
from avdf.cache.shards.crop_spool import CropSpool, SpooledCrops
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.media.decode_command import decode_command
from avdf.pipeline.prepare import prepare_video
from avdf.pipeline.settings import PrepSettings
from tests.helpers.lavfi import file_input, generated, make


@pytest.fixture(scope="module")
def speaker(synthetic_manifest: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A synthetic speaker for 4.8 s."""
    path = tmp_path_factory.mktemp("speaker") / "speaker.mp4"
    clip = synthetic_manifest.with_name("p0_real.mp4")
    looped = ["-stream_loop", "2", *file_input(clip)]
    return make(path, looped, options="-c copy -movflags +faststart")


def prepared(path: Path, detector: FaceDetector) -> PreparedVideo:
    return prepare_video(VideoInfo(id="x", path=str(path)), PrepSettings(), detector)


def time_of_damage(note: str) -> float:
    return float(note.removeprefix("partly read: damaged near ").split()[0])


def test_a_whole_file_has_no_notes(speaker: Path, detector: FaceDetector) -> None:
    assert prepared(speaker, detector).notes == ()


def test_a_file_that_is_cut_short_is_partly_read_and_says_so(
    speaker: Path,
    detector: FaceDetector,
    tmp_path: Path,
) -> None:
    data, cut = speaker.read_bytes(), tmp_path / "cut.mp4"
    cut.write_bytes(data[: len(data) // 2])
    video = prepared(cut, detector)
    (note,) = video.notes
    assert note.startswith("partly read: damaged near ")
    assert "video ends at" in note
    assert "instead of 4.9 s" in note
    assert "partial file" in note
    # The time is that of the end, however far ffmpeg had read ahead when it complained.
    end = float(note.split("video ends at ")[1].split()[0])
    assert time_of_damage(note) == pytest.approx(end, abs=0.11)
    assert 0.64 <= video.duration < 4
    assert len(video.tracks[0]) >= 16


def test_damage_within_a_file_is_reported_with_its_time(
    speaker: Path,
    detector: FaceDetector,
    tmp_path: Path,
) -> None:
    path = make(tmp_path / "damaged.mkv", file_input(speaker), options="-c copy")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 60_000] = np.random.default_rng(1).bytes(60_000)
    path.write_bytes(data)
    note, silence = prepared(path, detector).notes
    # What cannot be decoded leaves a gap in the sound.
    assert silence.startswith("the sound is silent")
    assert note.startswith("partly read: damaged near ")
    # It is rough, and so it is in whole seconds.
    assert note.split()[4].isdigit()
    assert 0.5 < time_of_damage(note) < 4.5


class DyingDecoder:
    """Stands in for the ffmpeg command: kills itself the first `times` times."""

    def __init__(self, folder: Path, times: int) -> None:
        self.script, self.count, self.times = (
            folder / "decoder.sh",
            folder / "count",
            times,
        )
        self.script.write_text("#!/bin/sh\nkill -KILL $$\n", encoding="utf-8")
        self.script.chmod(self.script.stat().st_mode | stat.S_IXUSR)
        self.calls = 0

    def __call__(self, *arguments: object) -> list[str]:
        self.calls += 1
        real = decode_command(*arguments)  # type: ignore[arg-type]
        return [str(self.script)] if self.calls <= self.times else real


def test_a_decoder_that_is_killed_gets_one_more_try(
    speaker: Path,
    detector: FaceDetector,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    once = DyingDecoder(tmp_path, 1)
    monkeypatch.setattr("avdf.pipeline.media.decode.decode_command", once)
    assert prepared(speaker, detector).notes == () and once.calls == 2


def test_a_decoder_that_is_killed_twice_is_a_crash(
    speaker: Path,
    detector: FaceDetector,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    twice = DyingDecoder(tmp_path, 2)
    monkeypatch.setattr("avdf.pipeline.media.decode.decode_command", twice)
    with pytest.raises(MediaError, match="SIGKILL") as caught:
        prepared(speaker, detector)
    assert caught.value.status == "crashed" and twice.calls == 2


def test_digital_silence_is_marked(
    speaker: Path,
    detector: FaceDetector,
    tmp_path: Path,
) -> None:
    silence = generated("anullsrc=d=4.8")
    options = "-map 0:v -map 1:a -c:v copy -c:a aac"
    path = make(tmp_path / "silent.mp4", file_input(speaker), silence, options=options)
    video = prepared(path, detector)
    assert not any(track.has_audio for track in video.tracks)
    assert video.notes == (ONLY_SILENCE,)


def test_a_face_only_where_there_is_no_audio_is_reported_as_that(
    speaker: Path,
    detector: FaceDetector,
    tmp_path: Path,
) -> None:
    """Two seconds of grey with audio, then a speaker without."""
    grey = generated("color=c=gray:s=320x240:r=25:d=2,format=yuv420p")
    speaker_part = "[1:v]scale=320:240,setsar=1,trim=0:1.6,setpts=PTS-STARTPTS[s]"
    graph = f"{speaker_part};[0:v]setsar=1[g];[g][s]concat=n=2:v=1[v]"
    options = f"-filter_complex '{graph}' -map '[v]' -map 2:a -c:a aac"
    inputs = grey, file_input(speaker), generated("sine=d=2")
    path = make(tmp_path / "late.mp4", *inputs, options=options)
    with pytest.raises(MediaError) as caught:
        prepared(path, detector)
    assert caught.value.status == "no_face"
    assert "only where there is no audio (face at 2.0-3.6 s" in str(caught.value)


def test_rows_keep_their_own_audio_where_the_video_begins_late(
    speaker: Path,
    detector: FaceDetector,
    tmp_path: Path,
) -> None:
    """Time 0 is a second into the file; a track's audio is that of its own rows."""
    late = ["-itsoffset", "1", *file_input(speaker)]
    options = "-map 0:v -map 1:a -c:v copy -c:a pcm_s16le"
    path = make(tmp_path / "late.mkv", late, generated("sine=d=5.8"), options=options)
    video = prepared(path, detector)
    assert video.offset == pytest.approx(1.0, abs=0.05)
    assert video.duration == pytest.approx(4.8, abs=0.05)
    for track in video.tracks:
        assert len(track.pcm) == len(track) * SAMPLES_PER_FRAME
        loudest = np.abs(track.pcm.reshape(-1, SAMPLES_PER_FRAME)).max(axis=1)
        assert loudest.min() > 1000


def test_crops_beyond_a_bound_lie_in_a_file() -> None:
    spool = CropSpool(in_memory=1000)
    data = [bytes([number]) * (200 + number) for number in range(50)]
    crops = SpooledCrops(spool, [spool.add(one) for one in data])
    assert spool._file._rolled and len(crops) == 50  # type: ignore[attr-defined]
    assert (
        list(crops) == data
        and list(crops[10:30:7]) == data[10:30:7]
        and crops[-1] == data[-1]
    )
    assert list(crops[5:20][2:4]) == data[7:9]
