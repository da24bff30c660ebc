"""Perturbations: what each does, that it grows with its level, that it is scored and shown."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from avdf.cache.core.clock import FRAME_RATE, SAMPLES_PER_FRAME
from avdf.cache.core.errors import AvdfError, SettingsError
from avdf.cache.stream.clips import TrackClip, shard_clips
from avdf.cache.stream.index import list_shard_videos
from avdf.pipeline.perturbations import (
    PERTURBATIONS,
    Perturbation,
    Perturbed,
    frame_effects,
    parse_perturbations,
)
from avdf.pipeline.perturbations.audio_effects import delay
from tests.helpers.command import call
from tests.helpers.tables import read_table

Signal = npt.NDArray[np.float64]

ON_FRAMES = (
    "h264",
    "jpeg",
    "blur",
    "noise",
    "resize",
    "brightness",
)
ON_AUDIO = (
    "mp3",
    "aac",
    "hiss",
    "reverb",
)
# Not among them: `shift`, which changes the length of the clip, and `platform`, which changes both.
SAME_LENGTH = (*ON_FRAMES, *ON_AUDIO)


@pytest.fixture(scope="module")
def clip(shards: Path) -> TrackClip:
    """The first track of a synthetic video."""
    videos = list_shard_videos(shards)
    return next(iter(shard_clips(videos[:1])))


def perturbed(clip: TrackClip, word: str) -> TrackClip:
    (one,) = parse_perturbations([word])
    return one(clip)


def audio_of(clip: TrackClip) -> Signal:
    return clip.pcm.astype(np.float64)


def power(signal: Signal) -> float:
    return float(np.square(signal).mean())


def change(one: TrackClip, other: TrackClip) -> float:
    """Mean absolute change of the frames, or of the audio where the frames are the same."""
    on_frames = np.abs(one.frames.astype(int) - other.frames).mean()
    on_audio = np.abs(one.pcm.astype(int) - other.pcm).mean()
    return float(on_frames or on_audio)


# What is the same for all


@pytest.mark.parametrize("name", SAME_LENGTH)
def test_a_perturbation_grows_with_its_level(clip: TrackClip, name: str) -> None:
    levels = parse_perturbations([name])
    changes = [change(clip, level(clip)) for level in levels]
    assert changes[0] < changes[2] < changes[4]


@pytest.mark.parametrize("name", SAME_LENGTH)
def test_a_perturbation_changes_one_stream(clip: TrackClip, name: str) -> None:
    other = perturbed(clip, f"{name}:5")
    frames_changed = (other.frames != clip.frames).any()
    audio_changed = (other.pcm != clip.pcm).any()
    assert frames_changed == (name in ON_FRAMES)
    assert audio_changed == (name in ON_AUDIO)


@pytest.mark.parametrize("name", SAME_LENGTH)
def test_shapes_types_and_times_stay(clip: TrackClip, name: str) -> None:
    other = perturbed(clip, f"{name}:3")
    assert other.frames.shape == clip.frames.shape
    assert other.frames.dtype == np.uint8
    assert other.pcm.dtype == np.int16
    assert other.start == clip.start


@pytest.mark.parametrize("word", ["noise:3", "hiss:3", "reverb:2"])
def test_the_same_clip_is_changed_in_the_same_way(clip: TrackClip, word: str) -> None:
    """Random noise too: a table of figures can be made again."""
    first = perturbed(clip, word)
    second = perturbed(clip, word)
    np.testing.assert_array_equal(first.frames, second.frames)
    np.testing.assert_array_equal(first.pcm, second.pcm)


# Platforms


def test_platforms_change_both_streams_more_at_each_level(clip: TrackClip) -> None:
    passed_on = [level(clip) for level in parse_perturbations(["platform"])[::2]]
    for stream in ("frames", "pcm"):
        genuine = getattr(clip, stream).astype(int)
        others = [getattr(one, stream) for one in passed_on]
        assert all(other.shape == genuine.shape for other in others)
        assert all(other.dtype == getattr(clip, stream).dtype for other in others)
        loss = [float(np.abs(other - genuine).mean()) for other in others]
        assert 0 < loss[0] < loss[1] < loss[2]


def test_platforms_leave_a_clip_without_picture_without_one(clip: TrackClip) -> None:
    alone = replace(clip, has_picture=False)
    passed_on = perturbed(alone, "platform:1")
    assert passed_on.frames is alone.frames
    assert (passed_on.pcm != alone.pcm).any()


# Audio


@pytest.mark.parametrize("word", ["mp3:1", "aac:1", "platform:1"])
def test_lossy_audio_stays_in_step(clip: TrackClip, word: str) -> None:
    """A codec's delay would shift the audio against the lips: the best match is at no shift."""
    edge = 2000  # samples at either end, into which a shift would wrap around
    before = audio_of(clip)[edge:-edge]
    after = audio_of(perturbed(clip, word))

    shifts = list(range(-1500, 1501, 4))
    matches = []
    for shift in shifts:
        shifted = np.roll(after, shift)[edge:-edge]
        matches.append(float(np.dot(before, shifted)))

    best = shifts[int(np.argmax(matches))]
    assert abs(best) <= 4


def test_hiss_has_the_ratio_that_it_names(clip: TrackClip) -> None:
    signal = audio_of(clip)
    noise = audio_of(perturbed(clip, "hiss:4")) - signal
    ratio = 10 * np.log10(power(signal) / power(noise))
    # Level 4 is a signal 10 dB above the noise.
    assert ratio == pytest.approx(10, abs=0.3)


def test_reverberation_keeps_the_loudness(clip: TrackClip) -> None:
    before = audio_of(clip)
    after = audio_of(perturbed(clip, "reverb:3"))
    assert power(after) == pytest.approx(power(before), rel=0.05)


# Late audio


LATE_ROWS = 4  # level 3 of `shift`


@pytest.fixture
def late(clip: TrackClip) -> TrackClip:
    """The clip with its audio four frames later."""
    return Perturbed(PERTURBATIONS["shift"], 3)(clip)


def test_late_audio_is_late(clip: TrackClip, late: TrackClip) -> None:
    """What stays is where there are both: late frames beside the audio before them."""
    lost = LATE_ROWS * SAMPLES_PER_FRAME
    np.testing.assert_array_equal(late.frames, clip.frames[LATE_ROWS:])
    np.testing.assert_array_equal(late.pcm, clip.pcm[:-lost])


def test_late_audio_begins_with_the_first_frame_that_has_some(
    clip: TrackClip,
    late: TrackClip,
) -> None:
    delay_seconds = LATE_ROWS / FRAME_RATE  # 0.16
    assert late.start == pytest.approx(clip.start + delay_seconds)


def test_late_audio_is_still_the_end_of_its_track(late: TrackClip) -> None:
    assert late.last


def test_a_delay_longer_than_the_clip_leaves_nothing(clip: TrackClip) -> None:
    nothing = delay(clip, 10_000, np.random.default_rng(0))
    assert len(nothing.frames) == 0
    assert len(nothing.pcm) == 0


# Words


def names_of(*words: str) -> list[str]:
    return [one.name for one in parse_perturbations(words)]


def test_a_name_with_a_level_is_one_perturbation() -> None:
    (one,) = parse_perturbations(["jpeg:2"])
    assert one.name == "jpeg:2"
    assert one.value == 70.0  # the quality


def test_a_name_alone_is_all_five_levels() -> None:
    assert names_of("blur") == [
        "blur:1",
        "blur:2",
        "blur:3",
        "blur:4",
        "blur:5",
    ]


def test_each_is_taken_once_in_the_order_of_the_words() -> None:
    assert names_of("jpeg:2", "blur:1", "jpeg:2") == ["jpeg:2", "blur:1"]


def test_there_are_twelve_perturbations() -> None:
    assert len(PERTURBATIONS) == 12


def test_all_are_every_level_of_every_perturbation() -> None:
    assert len(parse_perturbations(["all"])) == 5 * len(PERTURBATIONS)


@pytest.mark.parametrize("word", ["sepia", "jpeg:6", "jpeg:", "all:0"])
def test_what_is_not_understood_is_refused(word: str) -> None:
    with pytest.raises(SettingsError, match="perturb "):
        parse_perturbations([word])


def test_a_perturbation_has_five_values() -> None:
    with pytest.raises(ValueError, match="has 2 levels, not 5"):
        Perturbation("half", "half", "of all", (1, 2), delay)


def test_an_ffmpeg_that_loses_frames_is_an_error(
    clip: TrackClip,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(frame_effects, "run_ffmpeg", lambda *_: b"too little")
    with pytest.raises(AvdfError, match="ffmpeg returned 10 bytes"):
        perturbed(clip, "h264:1")


# The command


@pytest.fixture(scope="module")
def scored(
    run: Path,
    shards: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Output for 18 videos as they are, and under two perturbations."""
    out = tmp_path_factory.mktemp("perturbed")
    words = ["--split", "all", "--perturb", "jpeg:5", "--perturb", "shift:5"]
    code, text = call("score", run, shards, "--out", out, *words)
    assert code == 0, text
    return out


def test_the_command_scores_each_perturbation_beside_the_videos_as_they_are(
    scored: Path,
) -> None:
    rows = read_table(scored / "robustness.csv")
    found = [(row["perturbation"], row["level"], row["value"]) for row in rows]
    assert found == [
        ("none", "0", ""),
        ("jpeg", "5", "10.0"),
        ("shift", "5", "12.0"),
    ]


def test_the_command_scores_every_video_under_each_perturbation(scored: Path) -> None:
    rows = read_table(scored / "robustness.csv")
    assert {row["videos"] for row in rows} == {"18"}
    assert len(read_table(scored / "robustness_videos.csv")) == 3 * 18


def test_a_perturbation_changes_the_scores(scored: Path) -> None:
    videos = read_table(scored / "robustness_videos.csv")
    scores: dict[str, list[str]] = {"none": [], "jpeg": [], "shift": []}
    for row in videos:
        scores[row["perturbation"]].append(row["p_visual"])
    assert scores["none"] != scores["jpeg"]


def test_the_report_shows_perturbations(scored: Path) -> None:
    page = (scored / "report.html").read_text(encoding="utf-8")
    picture = (scored / "robustness.svg").read_text(encoding="utf-8")
    assert "Under perturbations" in page
    assert picture.startswith("<svg")


def test_a_file_can_be_perturbed_too(
    run: Path,
    synthetic_manifest: Path,
    tmp_path: Path,
) -> None:
    path = synthetic_manifest.parent / "p4_real.mp4"
    code, text = call("score", run, path, "--out", tmp_path, "--perturb", "blur:5")
    assert code == 0, text
    table = (tmp_path / "robustness.csv").read_text(encoding="utf-8")
    assert "blur,5" in table
