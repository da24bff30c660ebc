"""Files of which only the sound, or only the picture, can be used."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from avdf.cache.core.missing import NO_AUDIO, NO_PICTURE, NO_VIDEO_STREAM, ONLY_SILENCE
from avdf.cache.core.video import PreparedVideo, VideoInfo
from avdf.cache.shards.inputs_table import Unprepared
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.media.ffmpeg import find_tool
from avdf.pipeline.prepare import attempt_video
from avdf.pipeline.settings import Limits, PrepSettings
from tests.helpers.lavfi import file_input, generated, make

RATE = 16_000
NO_VIDEO = f"{NO_PICTURE}: {NO_VIDEO_STREAM}"


def speech(seconds: float, rate: int = RATE) -> np.ndarray:
    """Noise whose loudness swells, as no silence and no constant does."""
    count = round(seconds * rate)
    noise = np.random.default_rng(5).normal(size=count)
    swell = np.sin(np.arange(count) / rate * 7) ** 2
    return np.asarray(noise * swell * 5000, np.int16)


def attempt(
    detector: FaceDetector,
    path: Path,
    settings: PrepSettings = PrepSettings(),
    sound_alone: bool = True,
    labels: dict[str, int] | None = None,
) -> PreparedVideo | Unprepared:
    info = VideoInfo(id=path.name, path=str(path), **(labels or {}))  # type: ignore[arg-type]
    return attempt_video(info, settings, detector, sound_alone)


def prepared(detector: FaceDetector, path: Path, **labels: int) -> PreparedVideo:
    found = attempt(detector, path, labels=labels)
    assert isinstance(found, PreparedVideo), found
    return found


def refused(detector: FaceDetector, path: Path) -> Unprepared:
    found = attempt(detector, path)
    assert isinstance(found, Unprepared)
    return found


@pytest.fixture(scope="module")
def wave(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "speech.wav"
    wavfile.write(path, RATE, speech(2.03))
    return path


@pytest.fixture(scope="module")
def face(synthetic_manifest: Path) -> Path:
    return synthetic_manifest.parent / "p4_real.mp4"


def test_a_wave_file_is_its_samples_in_whole_rows(
    detector: FaceDetector, wave: Path
) -> None:
    video = prepared(detector, wave, label=1, label_visual=0)
    (track,) = video.tracks
    rate, samples = wavfile.read(wave)
    assert (rate, len(track)) == (RATE, 50)
    np.testing.assert_array_equal(track.pcm, samples[: 50 * 640])
    assert (track.has_picture, track.has_audio, video.faces) == (False, True, 0)
    assert (video.duration, video.offset, video.notes) == (2.0, 0.0, (NO_VIDEO,))
    assert (video.info.label, video.info.label_visual) == (1, -1)
    assert video.info.label_audio == 1
    # A file without a picture is prepared for shards, too.
    assert isinstance(attempt(detector, wave, sound_alone=False), PreparedVideo)


@pytest.mark.parametrize(
    ("name", "most"), [("a.flac", 0), ("a.mka", 0), ("a.mp3", 1500), ("a.opus", 1500)]
)
def test_other_sound_files_are_heard(
    detector: FaceDetector, wave: Path, tmp_path: Path, name: str, most: int
) -> None:
    codec = "-c:a flac" if name == "a.mka" else ""
    path = make(tmp_path / name, file_input(wave), options=codec)
    (track,) = prepared(detector, path).tracks
    known = speech(2.03)[: len(track.pcm)].astype(float)
    difference = np.abs(track.pcm - known)
    # Lossless, to the sample; else by the mean, since a codec may lose what is high.
    assert (difference.max() if not most else difference.mean()) <= most


def test_a_cover_image_is_not_judged(
    detector: FaceDetector, wave: Path, tmp_path: Path
) -> None:
    cover = generated("color=red:s=64x64:d=0.04:r=25")
    options = "-map 0 -map 1 -c:v mjpeg -disposition:v attached_pic -id3v2_version 3"
    path = make(tmp_path / "a.mp3", file_input(wave), cover, options=options)
    video = prepared(detector, path)
    assert not video.has_picture and video.notes == (NO_VIDEO,)


def test_sound_that_cannot_be_judged_is_a_row_with_its_reason(
    detector: FaceDetector, tmp_path: Path
) -> None:
    short, silent = tmp_path / "short.wav", tmp_path / "silent.wav"
    wavfile.write(short, RATE, speech(0.5))
    wavfile.write(silent, RATE, np.zeros(RATE, np.int16))
    found = refused(detector, short)
    assert found.status == "too_short"
    assert found.reason.endswith("0.48 s of sound, a segment needs 0.64 s")
    found = refused(detector, silent)
    assert (found.status, found.reason) == (
        "no_video",
        f"{NO_VIDEO_STREAM}, {ONLY_SILENCE}",
    )


def test_sound_beyond_the_limit_is_too_long(detector: FaceDetector, wave: Path) -> None:
    found = attempt(detector, wave, PrepSettings(limits=Limits(seconds=1.9)))
    assert isinstance(found, Unprepared) and found.status == "too_long"


def test_a_video_without_a_face_is_judged_by_its_sound(
    detector: FaceDetector, wave: Path, tmp_path: Path
) -> None:
    picture = generated("color=gray:s=160x120:r=25:d=2.4")
    options = "-c:v mpeg4 -c:a pcm_s16le"
    path = make(tmp_path / "a.mkv", picture, file_input(wave), options=options)
    video = prepared(detector, path)
    (note,) = video.notes
    assert note.startswith(f"{NO_PICTURE}: no face found in ")
    np.testing.assert_array_equal(video.tracks[0].pcm, speech(2.03)[: 50 * 640])
    # In preparation for shards it stays a video without a face.
    for_shards = attempt(detector, path, sound_alone=False)
    assert isinstance(for_shards, Unprepared) and for_shards.status == "no_face"


def same_picture(one: PreparedVideo, other: PreparedVideo) -> bool:
    pairs = list(zip(one.tracks, other.tracks, strict=True))
    return bool(pairs) and all(
        list(a.crops) == list(b.crops) and np.array_equal(a.boxes, b.boxes)
        for a, b in pairs
    )


@pytest.fixture(scope="module")
def without_audio(
    detector: FaceDetector, face: Path, tmp_path_factory: pytest.TempPathFactory
) -> PreparedVideo:
    path = tmp_path_factory.mktemp("mute") / "mute.mkv"
    return prepared(detector, make(path, file_input(face), options="-an -c:v copy"))


def unknown_codec(face: Path, folder: Path) -> Path:
    """The picture with audio of a codec that nobody knows."""
    whole = make(folder / "whole.mkv", file_input(face), options="-c:v copy -c:a aac")
    path = folder / "unknown.mkv"
    path.write_bytes(whole.read_bytes().replace(b"A_AAC", b"A_ZZZ"))
    return path


def empty_stream(face: Path, folder: Path) -> Path:
    """The picture with an audio stream that has no packet."""
    options = "-map 0:v -map 1:a -c:v copy -af atrim=start=100 -c:a pcm_s16le"
    sine = generated("sine=d=1")
    return make(folder / "empty.mkv", file_input(face), sine, options=options)


def noise_for_packets(face: Path, folder: Path) -> Path:
    """The picture with audio whose every packet is overwritten."""
    options = "-c:v copy -c:a flac"
    whole = make(folder / "whole.mkv", file_input(face), options=options)
    command = [find_tool("ffprobe").path, "-v", "error", "-select_streams", "a"]
    command += ["-show_entries", "packet=pos,size", "-of", "csv=p=0", str(whole)]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    data = bytearray(whole.read_bytes())
    for line in listed.stdout.split():
        size, position = (int(word) for word in line.split(",")[:2])
        # A few bytes before it lies the header of the packet, which stays.
        begin = position + 16
        data[begin : position + size] = b"\0" * (size - 16)
    path = folder / "noise.mkv"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("make_file", "reason"),
    [
        (unknown_codec, "cannot be decoded ("),
        (noise_for_packets, "cannot be decoded ("),
        (empty_stream, "is empty"),
    ],
)
def test_audio_that_holds_nothing_leaves_the_picture_as_if_it_were_not_there(
    make_file: object,
    reason: str,
    detector: FaceDetector,
    face: Path,
    without_audio: PreparedVideo,
    tmp_path: Path,
) -> None:
    assert callable(make_file)
    video = prepared(detector, make_file(face, tmp_path), label=1)
    assert not video.has_audio
    assert same_picture(video, without_audio)
    (note,) = video.notes
    assert note.startswith(f"{NO_AUDIO}: audio stream 1 (")
    assert reason in note
    assert (video.info.label_visual, video.info.label_audio) == (1, -1)


def test_a_stream_that_cannot_be_decoded_is_not_called_silent(
    detector: FaceDetector, face: Path, tmp_path: Path
) -> None:
    options = "-map 0:v -map 0:a -map 0:a -c:v copy -c:a:0 aac -c:a:1 flac"
    whole = make(tmp_path / "whole.mkv", file_input(face), options=options)
    path = tmp_path / "first.mkv"
    path.write_bytes(whole.read_bytes().replace(b"A_AAC", b"A_ZZZ"))
    video = prepared(detector, path)
    assert video.has_audio
    (note,) = video.notes
    assert note.startswith("audio is stream 2: stream 1 cannot be decoded (")


def test_a_file_of_nothing_says_both_reasons(
    detector: FaceDetector, face: Path, tmp_path: Path
) -> None:
    sound = make(tmp_path / "s.mka", file_input(face), options="-vn -c:a aac")
    broken = tmp_path / "broken.mka"
    broken.write_bytes(sound.read_bytes().replace(b"A_AAC", b"A_ZZZ"))
    found = refused(detector, broken)
    assert found.status == "no_video"
    assert f"{NO_VIDEO_STREAM}, {NO_AUDIO}: audio stream 0" in found.reason
    assert "cannot be decoded" in found.reason


def test_a_complete_video_is_as_before(detector: FaceDetector, face: Path) -> None:
    video = prepared(detector, face, label=1, label_visual=1, label_audio=0)
    assert video.has_picture and video.has_audio and video.notes == ()
    labels = video.info.label, video.info.label_visual, video.info.label_audio
    assert labels == (1, 1, 0)


def test_a_video_with_too_little_sound_is_its_picture(
    detector: FaceDetector, face: Path, tmp_path: Path
) -> None:
    """Half a second of sound is no segment; the face is there for longer."""
    options = "-filter_complex [0:a]atrim=0:0.5[s] -map 0:v -map [s] -c:v copy -c:a aac"
    path = make(tmp_path / "short_sound.mp4", file_input(face), options=options)

    found = prepared(detector, path)
    whole = prepared(detector, face)

    (track,) = found.tracks
    assert (track.has_picture, track.has_audio) == (True, False)
    assert len(track) >= len(whole.tracks[0])
    assert found.notes[0].startswith(NO_AUDIO)
    assert "a segment needs 0.64 s" in found.notes[0]
    # Preparation for training keeps neither.
    assert isinstance(attempt(detector, path, sound_alone=False), Unprepared)
