"""Pairs of picture and sound: nothing but whether they belong together tells the videos apart."""

import json
import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from avdf.cache.core.clock import SAMPLES_PER_FRAME
from avdf.cache.core.video import VideoInfo
from avdf.pipeline.media.ffmpeg import find_tool
from avdf.pipeline.sources import Listing, list_videos
from avdf.pipeline.sources.synthetic_marker import MARK_FILE
from avdf.pipeline.synthetic import PairOptions, generate_pairs
from avdf.pipeline.synthetic.canvas import SIZE
from avdf.pipeline.synthetic.paired_person import paired_persons
from avdf.pipeline.synthetic.pairing import KINDS, PAIRINGS
from avdf.pipeline.synthetic.pairs import clips_of
from avdf.pipeline.synthetic.voice import Waveform, mouth_opening

OPTIONS = PairOptions(persons=2, seconds=3.2, seed=5, split="test")
SHIFTED = [name for name, pairing in PAIRINGS.items() if pairing.late]
UNRELATED = ("other_person", "other_words")
MOST_OFFSET = 25  # frames
Curve = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two persons with every kind of video."""
    folder = tmp_path_factory.mktemp("pairs")
    assert generate_pairs(folder, OPTIONS, workers=1) == 20
    return folder


@pytest.fixture(scope="module")
def listing(root: Path) -> Listing:
    return list_videos([root / "manifest.csv"])


def of_method(listing: Listing, method: str) -> list[VideoInfo]:
    found = [video for video in listing.videos if video.method == method]
    assert found
    return found


def take_of(video: VideoInfo) -> str:
    """The take whose picture a video shows: the end of its name."""
    return video.file.stem.rpartition("_")[2]


# The manifest


def test_the_manifest_is_read_without_complaint(listing: Listing) -> None:
    assert len(listing.videos) == 20
    assert listing.notes == ()
    assert {video.dataset for video in listing.videos} == {"synthetic_pairs"}


def test_only_genuine_videos_are_labelled_real(listing: Listing) -> None:
    for video in listing.videos:
        assert video.label == (0 if video.method == "genuine" else 1)


def test_picture_and_sound_are_labelled_real_in_every_video(listing: Listing) -> None:
    labels = {(video.label_visual, video.label_audio) for video in listing.videos}
    assert labels == {(0, 0)}


def test_each_person_has_two_genuine_videos_and_one_of_each_other_kind(
    listing: Listing,
) -> None:
    for identity in ("person0000", "person0001"):
        own = [video for video in listing.videos if video.identity == identity]
        assert [video.method for video in own] == ["genuine", *KINDS]


def test_each_picture_is_seen_in_four_mismatched_videos(listing: Listing) -> None:
    fakes = [video for video in listing.videos if video.label == 1]
    pictures = [(video.identity, take_of(video)) for video in fakes]
    assert {pictures.count(picture) for picture in pictures} == {4}
    assert len(set(pictures)) == 4


def test_men_and_women_take_turns(listing: Listing) -> None:
    genders = {video.identity: video.gender for video in listing.videos}
    assert list(genders.values()) == ["men", "women"]


def test_every_video_is_marked_as_synthetic(root: Path, listing: Listing) -> None:
    assert (root / MARK_FILE).is_file()
    assert all(video.synthetic for video in listing.videos)


def test_nobody_is_in_two_splits(tmp_path: Path) -> None:
    options = PairOptions(persons=5, seconds=0.04, kinds=("genuine",))
    assert generate_pairs(tmp_path, options, workers=1) == 10
    videos = list_videos([tmp_path / "manifest.csv"]).videos
    pairs_of = {(video.identity, video.split) for video in videos}
    splits = [split for _, split in sorted(pairs_of)]
    assert splits == ["train", "train", "train", "val", "test"]


# The same options, the same files


def test_a_later_call_for_fewer_kinds_gives_the_same_files(
    root: Path, tmp_path: Path
) -> None:
    kinds = ("late_20", "genuine")
    fewer = PairOptions(1, 3.2, seed=5, first_person=1, kinds=kinds, split="test")
    finished: list[tuple[int, int]] = []
    count = generate_pairs(
        tmp_path, fewer, workers=1, on_person=lambda *of: finished.append(of)
    )
    assert count == 3
    assert finished == [(1, 1)]
    files = sorted(tmp_path.rglob("*.mp4"))
    assert len(files) == 3
    for file in files:
        same = root / file.relative_to(tmp_path)
        assert file.read_bytes() == same.read_bytes()


def test_another_seed_gives_other_clips() -> None:
    kinds = ("genuine",)
    options = [PairOptions(1, 0.4, seed=seed, kinds=kinds) for seed in (0, 1)]
    first, second = (next(clips_of(paired_persons(o)[0], o))[2] for o in options)
    assert (first.frames != second.frames).any()
    assert not np.array_equal(first.audio, second.audio)


# Picture and sound of mismatched videos are those of genuine ones


def stream_digest(file: Path, stream: str) -> str:
    """A digest of the encoded packets of a file's picture (`v`) or sound (`a`)."""
    arguments = ["-map", f"0:{stream}", "-c", "copy", "-f", "md5", "pipe:1"]
    return run_ffmpeg(file, *arguments).decode()


def run_ffmpeg(file: Path, *arguments: str) -> bytes:
    command = [find_tool("ffmpeg").path, "-v", "error", "-i", str(file), *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout


def test_every_picture_is_that_of_a_genuine_video(listing: Listing) -> None:
    genuine = {
        (video.identity, take_of(video)): stream_digest(video.file, "v")
        for video in of_method(listing, "genuine")
    }
    assert len(set(genuine.values())) == 4
    for video in listing.videos:
        picture = genuine[video.identity, take_of(video)]
        assert stream_digest(video.file, "v") == picture


def test_other_sound_is_that_of_a_genuine_video(listing: Listing) -> None:
    owner = {
        stream_digest(video.file, "a"): (video.identity, take_of(video))
        for video in of_method(listing, "genuine")
    }
    for video in of_method(listing, "other_person"):
        identity, _ = owner[stream_digest(video.file, "a")]
        assert identity != video.identity
    for video in of_method(listing, "other_words"):
        identity, take = owner[stream_digest(video.file, "a")]
        assert identity == video.identity
        assert take != take_of(video)


def test_every_video_has_exactly_the_same_length(listing: Listing) -> None:
    entries = "stream=codec_name,duration,nb_frames,start_time:format=duration"
    command = [find_tool("ffprobe").path, "-v", "error", "-show_entries", entries]
    for video in listing.videos:
        done = subprocess.run(
            [*command, "-of", "json", video.path], check=True, capture_output=True
        )
        answer = json.loads(done.stdout)
        picture, sound = answer["streams"]
        assert (picture["codec_name"], sound["codec_name"]) == ("h264", "aac")
        assert picture["nb_frames"] == "80"
        for part in (picture, sound, answer["format"]):
            assert float(part["duration"]) == 3.2
        assert float(picture["start_time"]) == float(sound["start_time"]) == 0.0


# The shift


def picture_and_sound(file: Path) -> tuple[Curve, Waveform]:
    """How dark the mouth is in each frame, and the samples, both as they are in the file."""
    raw = run_ffmpeg(file, "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1")
    frames = np.frombuffer(raw, np.uint8).reshape(-1, SIZE, SIZE, 3)
    mouth = frames[:, 150:200, 100:156]
    darkness = 255.0 - mouth.mean(axis=(1, 2, 3))
    samples = run_ffmpeg(file, "-f", "s16le", "pipe:1")
    audio = np.frombuffer(samples, np.int16) / 32768
    return np.asarray(darkness), np.asarray(audio[: len(frames) * SAMPLES_PER_FRAME])


def fit_by_offset(file: Path) -> Curve:
    """(51,) correlation of the mouth seen at frame t with the loudness at frame t + offset."""
    darkness, audio = picture_and_sound(file)
    opening = mouth_opening(audio)
    frames = len(darkness)
    found = []
    for offset in range(-MOST_OFFSET, MOST_OFFSET + 1):
        seen = [t for t in range(frames) if 0 <= t + offset < frames]
        heard = [t + offset for t in seen]
        found.append(np.corrcoef(darkness[seen], opening[heard])[0, 1])
    return np.array(found)


@pytest.fixture(scope="module")
def fits(listing: Listing) -> dict[tuple[str, str, str], Curve]:
    """The curve of each video by its method, person and take."""
    return {
        (video.method, video.identity, take_of(video)): fit_by_offset(video.file)
        for video in listing.videos
    }


@pytest.mark.parametrize("method", ["genuine", *SHIFTED])
def test_mouth_and_sound_fit_best_at_the_stated_shift(
    fits: dict[tuple[str, str, str], Curve], method: str
) -> None:
    curves = [curve for (name, *_), curve in fits.items() if name == method]
    assert curves
    for curve in curves:
        assert curve.argmax() - MOST_OFFSET == PAIRINGS[method].late
        assert curve.max() > 0.6


@pytest.mark.parametrize("method", UNRELATED)
def test_the_sound_of_something_else_fits_nowhere(
    fits: dict[tuple[str, str, str], Curve], method: str
) -> None:
    curves = [(key[1:], curve) for key, curve in fits.items() if key[0] == method]
    assert len(curves) == 2
    for picture, curve in curves:
        assert curve.max() < 0.8 * fits["genuine", *picture].max()


@pytest.mark.parametrize("method", SHIFTED)
def test_a_shifted_sound_goes_on_before_and_after_the_genuine_one(method: str) -> None:
    options = PairOptions(1, 1.2, kinds=("genuine", method))
    person = paired_persons(options)[0]
    clips = {name: clip for name, _, clip in clips_of(person, options)}
    name = next(name for name in clips if name.startswith(method))
    clip, genuine = clips[name], clips[name.replace(method, "genuine")]
    np.testing.assert_array_equal(clip.frames, genuine.frames)

    shift = PAIRINGS[method].late * SAMPLES_PER_FRAME
    if shift > 0:
        new, same = clip.audio[:shift], (clip.audio[shift:], genuine.audio[:-shift])
    else:
        new, same = clip.audio[shift:], (clip.audio[:shift], genuine.audio[-shift:])
    np.testing.assert_array_equal(*same)
    # What the genuine clip does not have is no silence, and no part of it again.
    assert not repeated_in(new, genuine.audio)
    assert np.abs(new).max() > 0.1


def repeated_in(part: Waveform, whole: Waveform) -> bool:
    """Whether any frame's samples of a part are somewhere in the whole."""
    starts = range(0, len(part), SAMPLES_PER_FRAME)
    text = whole.tobytes()
    return any(
        part[start : start + SAMPLES_PER_FRAME].tobytes() in text
        for start in starts
        if part[start : start + SAMPLES_PER_FRAME].any()
    )


@pytest.mark.parametrize("method", SHIFTED)
def test_a_file_of_a_shifted_sound_has_no_seam(listing: Listing, method: str) -> None:
    jumps = {
        kind: max(largest_jump(video.file) for video in of_method(listing, kind))
        for kind in ("genuine", method)
    }
    assert jumps[method] <= 1.1 * jumps["genuine"]


def largest_jump(file: Path) -> float:
    """The largest difference of two samples that follow each other."""
    _, audio = picture_and_sound(file)
    return float(np.abs(np.diff(audio)).max())
