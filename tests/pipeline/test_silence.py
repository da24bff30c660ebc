"""Silence within a file: where it is, and what the row of the file says of it."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import wavfile

from avdf.cache.core.missing import ONLY_SILENCE
from avdf.cache.core.video import PreparedVideo, Track, VideoInfo
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.preparation_notes import note_on_little_sound, note_on_silence
from avdf.pipeline.prepare import attempt_video
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.silence import joined_spans, silence_in, silent_rows, silent_runs
from tests.helpers.lavfi import file_input, make
from tests.helpers.prepared import grey_track
from tests.helpers.scenes import speaker, write_scene

ROW = 640  # samples
PEOPLE = PrepSettings(faces="people")


def sound(pattern: str) -> np.ndarray:
    """A row of audio for each letter: `.` is silent, any other is not."""
    return np.concatenate(
        [np.full(ROW, 0 if letter == "." else 900, np.int16) for letter in pattern]
    )


def track_of(pattern: str, start: float = 0.0) -> Track:
    pcm = sound(pattern)
    return replace(
        grey_track(len(pattern), start=start, pcm=pcm), has_audio="#" in pattern
    )


# Where it is


@pytest.mark.parametrize("loudest", [33, -33])
def test_what_is_not_louder_than_60_db_below_full_scale_is_silent(loudest: int) -> None:
    pcm = np.zeros(2 * ROW, np.int16)
    pcm[5] = loudest
    pcm[ROW + 5] = loudest + int(np.sign(loudest))
    assert silent_rows(pcm).tolist() == [True, False]
    # Of int16, the least number has no absolute value.
    pcm[5] = -32768
    assert silent_rows(pcm).tolist() == [False, False]


@pytest.mark.parametrize(
    ("pattern", "runs"),
    [
        ("#" * 40, []),
        # 16 rows are silent, but no segment: they are rows 0 to 15, 16 to 31, ...
        ("#" * 8 + "." * 16 + "#" * 24, []),
        ("#" * 16 + "." * 16 + "#" * 8, [(16, 31)]),
        ("#" * 10 + "." * 30 + "#" * 8, [(10, 39)]),
        # The last rows are no segment: there are too few of them.
        ("#" * 32 + "." * 15, []),
        ("#" * 30 + "." * 20, [(30, 49)]),
    ],
)
def test_a_run_counts_where_it_covers_a_segment(
    pattern: str, runs: list[tuple[int, int]]
) -> None:
    assert silent_runs(sound(pattern)) == runs


@given(st.lists(st.booleans(), min_size=1, max_size=80))
def test_each_silent_segment_lies_in_a_run_and_each_run_holds_one(
    loud: list[bool],
) -> None:
    """Compared with a walk over all segments and rows."""
    pcm = sound("".join("#" if one else "." for one in loud))
    silent_segments = [
        range(first, first + 16)
        for first in range(0, len(loud) - 15, 16)
        if not any(loud[first : first + 16])
    ]
    runs = silent_runs(pcm)
    for rows in silent_segments:
        assert any(run.first <= rows[0] and rows[-1] <= run.last for run in runs)
    for run in runs:
        assert any(
            run.first <= rows[0] and rows[-1] <= run.last for rows in silent_segments
        )
        assert not any(loud[run.first : run.last + 1])
        # Whole: the rows beside it are loud, or there are none.
        assert run.first == 0 or loud[run.first - 1]
        assert run.last == len(loud) - 1 or loud[run.last + 1]


_TIMES = st.integers(0, 60)


@given(st.lists(st.tuples(_TIMES, st.integers(1, 9)), max_size=12))
def test_joined_spans_cover_what_the_spans_cover(pairs: list[tuple[int, int]]) -> None:
    """In whole seconds, second by second."""
    spans = [(float(start), float(start + length)) for start, length in pairs]
    joined = joined_spans(spans)
    covered = {
        second for start, length in pairs for second in range(start, start + length)
    }
    found = [second for start, end in joined for second in range(int(start), int(end))]
    assert sorted(covered) == found
    assert all(end < later for (_, end), (later, _) in pairwise(joined))
    assert joined_spans(joined) == joined


def test_two_faces_that_are_seen_at_once_hear_one_silence() -> None:
    first = track_of("#" * 20 + "." * 80)
    second = track_of("#" * 10 + "." * 40, start=0.4)
    silence = silence_in([first, second])
    assert silence.spans == ((0.8, 4.0),)
    assert silence.seconds == 4.0
    assert silence.heard == pytest.approx(0.8)
    assert silence.prevails


# What is said


def test_times_are_those_of_the_file() -> None:
    (note,) = note_on_silence([track_of("#" * 100 + "." * 40 + "#" * 60)], offset=1.3)
    assert note == (
        "the sound is silent (never louder than -60 dB) at 5.3-6.9 s, "
        "so nothing can be said of it there"
    )


def test_how_much_was_judged_is_said_where_most_is_silent() -> None:
    (note,) = note_on_silence([track_of("#" * 32 + "." * 193)], offset=0.0)
    assert note.endswith(
        "at 1.3-9.0 s, so nothing can be said of it there: "
        "only 1.3 s of the 9.0 s have sound"
    )


def test_five_silent_times_are_named_at_most() -> None:
    (note,) = note_on_silence([track_of(("#" * 32 + "." * 16) * 7)], offset=0.0)
    assert "at 1.3-1.9 s, 3.2-3.8 s, " in note
    assert "9.0-9.6 s and 2 more, so nothing" in note
    assert "; " not in note


def test_pauses_between_words_are_no_note() -> None:
    assert note_on_silence([track_of(("#" * 6 + "." * 10) * 9)], offset=0.0) == []


@pytest.mark.parametrize(
    ("patterns", "notes"),
    [
        (["#" * 60 + "." * 40], []),
        (
            ["#" * 10 + "." * 40],
            ["has sound for only 0.4 s of the 2.0 s in which it is seen"],
        ),
        (["." * 50, "." * 20], ["has no sound while it is seen"]),
    ],
)
def test_a_face_without_sound_is_said_to_have_little(
    patterns: list[str], notes: list[str]
) -> None:
    tracks = [track_of(one, start=10.0 * n) for n, one in enumerate(patterns)]
    assert note_on_little_sound(tracks) == notes


# Files that ffmpeg made


def muted(path: Path, source: Path, when: str, copied: str = "") -> Path:
    """The file with digital silence where the expression of ffmpeg holds."""
    options = f"""{copied} -af "volume=0:enable='{when}'" """
    return make(path, file_input(source), options=options)


def prepared(
    detector: FaceDetector, path: Path, settings: PrepSettings
) -> PreparedVideo:
    found = attempt_video(VideoInfo(path.name, str(path)), settings, detector)
    assert isinstance(found, PreparedVideo), found
    return found


@pytest.fixture(scope="module")
def loud(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """4 s of a synthetic person, with noise."""
    folder = tmp_path_factory.mktemp("silence")
    return write_scene(folder / "loud.mp4", speaker(1))


def test_a_file_whose_sound_is_muted_from_the_middle_says_so(
    detector: FaceDetector, loud: Path, tmp_path: Path
) -> None:
    path = muted(tmp_path / "half.mkv", loud, "gt(t,2)", "-c:v copy -c:a pcm_s16le")
    video, whole = (prepared(detector, one, PEOPLE) for one in (path, loud))
    assert whole.notes == ()
    # ffmpeg mutes block by block, and one of AAC lasts 64 ms here.
    assert video.notes == (
        "the sound is silent (never louder than -60 dB) at 2.1-4.0 s, "
        "so nothing can be said of it there",
    )
    # It is noted for shards, too, and their content is what it was.
    assert prepared(detector, path, PrepSettings()).notes == video.notes
    (track,) = video.tracks
    assert track.has_audio and len(track) == len(whole.tracks[0])


def test_a_file_that_is_silent_throughout_has_its_own_note(
    detector: FaceDetector, loud: Path, tmp_path: Path
) -> None:
    path = muted(tmp_path / "all.mkv", loud, "gte(t,0)", "-c:v copy -c:a pcm_s16le")
    assert prepared(detector, path, PEOPLE).notes == (ONLY_SILENCE,)


def test_a_sound_file_says_where_it_is_silent(
    detector: FaceDetector, tmp_path: Path
) -> None:
    whole = tmp_path / "whole.wav"
    noise = np.random.default_rng(5).normal(scale=3000, size=5 * 16_000)
    wavfile.write(whole, 16_000, noise.astype(np.int16))
    path = muted(tmp_path / "a.flac", whole, "between(t,1,4)")
    *_, note = prepared(detector, path, PEOPLE).notes
    assert " at 1.0-4.0 s, " in note and note.endswith(
        ": only 2.0 s of the 5.0 s have sound"
    )
