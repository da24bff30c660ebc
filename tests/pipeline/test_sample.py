"""A sample of a long file: excerpts that are prepared alone, against the whole file."""

import re
from pathlib import Path

import numpy as np
import pytest

from avdf.cache.core.errors import MediaError
from avdf.cache.core.missing import ONLY_SILENCE
from avdf.cache.core.video import PreparedVideo, VideoInfo
from avdf.cache.shards.codec import FrameCodec, decode_frame
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.media.excerpt import EXCERPT_FRAMES
from avdf.pipeline.prepare import prepare_video
from avdf.pipeline.sample import NOT_SAMPLED
from avdf.pipeline.settings import PrepSettings
from tests.conftest import MakeOnce
from tests.helpers.lavfi import file_input, generated, make

SETTINGS = PrepSettings(codec=FrameCodec("raw"), faces="people")
REPEATS = 6  # of a clip of 3 s
ROW = 640


@pytest.fixture(scope="module")
def long_file(media: Path, make_once: MakeOnce) -> Path:
    """One person for 18 s."""
    clip = media / "clips" / "grid_s01_bbaf2n.mpg"

    def fill(folder: Path) -> None:
        loop = ["-stream_loop", str(REPEATS - 1)]
        options = "-c:v libx264 -preset ultrafast -g 25 -c:a pcm_s16le"
        make(folder / "long.mkv", [*loop, *file_input(clip)], options=options)

    return make_once("long_file", fill) / "long.mkv"


@pytest.fixture(scope="module")
def detector() -> FaceDetector:
    return FaceDetector(SETTINGS.face)


def prepared(path: Path, detector: FaceDetector, excerpts: int) -> PreparedVideo:
    info = VideoInfo(id="long", path=str(path))
    return prepare_video(info, SETTINGS, detector, excerpts=excerpts)


@pytest.fixture(scope="module")
def whole(long_file: Path, detector: FaceDetector) -> PreparedVideo:
    return prepared(long_file, detector, 0)


@pytest.fixture(scope="module")
def sample(long_file: Path, detector: FaceDetector) -> PreparedVideo:
    return prepared(long_file, detector, 3)


def test_excerpts_lie_in_the_middle_of_each_third(sample: PreparedVideo) -> None:
    middles = [sample.offset + track.start + len(track) / 50 for track in sample.tracks]

    assert middles == pytest.approx([3, 9, 15], abs=0.3)
    assert sample.duration == pytest.approx(3 * EXCERPT_FRAMES / 25, abs=0.2)
    # No excerpt begins where the file does: nothing is known of its leading silence.
    assert all(track.start > 0 for track in sample.tracks)


def test_an_excerpt_has_the_faces_and_the_audio_of_the_whole_file(
    whole: PreparedVideo, sample: PreparedVideo
) -> None:
    for part in sample.tracks:
        at = sample.offset + part.start - whole.offset
        around = next(
            track
            for track in whole.tracks
            if track.start <= at <= track.start + len(track) / 25
        )
        first = round((at - around.start) * 25)
        rows = slice(first + 10, first + 50)
        apart = np.abs(around.boxes[rows] - part.boxes[10:50]).max()
        side = part.boxes[0, 2] - part.boxes[0, 0]
        # A face that is followed from elsewhere on has a box that differs by a little.
        assert apart < 0.06 * side
        assert len(around.boxes[rows]) == 40
        ours = decode_frame(np.frombuffer(part.crops[30], np.uint8), "raw", 224)
        theirs = decode_frame(
            np.frombuffer(around.crops[first + 30], np.uint8), "raw", 224
        )
        assert np.abs(ours.astype(int) - theirs).mean() < 12
        pcm = around.pcm[(first + 10) * ROW : (first + 50) * ROW].astype(float)
        own = part.pcm[10 * ROW : 50 * ROW].astype(float)
        assert np.corrcoef(pcm, own)[0, 1] > 0.9


def test_one_person_is_one_face_in_all_excerpts(sample: PreparedVideo) -> None:
    assert sample.faces == 1
    assert {track.face for track in sample.tracks} == {1}


def test_the_row_says_that_it_is_a_sample(sample: PreparedVideo) -> None:
    said, share, rest = re.split(r"(\d+\.\d)% of the ", sample.notes[0])

    assert said == "only a sample was examined: 3 excerpts of 2.56 s, "
    assert float(share) == pytest.approx(100 * 3 * 2.56 / 18, abs=1)
    assert rest.endswith(
        " s that the file says it lasts, and nothing is known of the rest"
    )


def test_a_short_file_is_examined_as_a_whole(
    media: Path, detector: FaceDetector
) -> None:
    clip = media / "clips" / "grid_s01_bbaf2n.mpg"
    found = prepared(clip, detector, 8)

    assert NOT_SAMPLED in found.notes
    assert found.duration == pytest.approx(3, abs=0.1)


def test_excerpts_that_cannot_be_judged_are_named_and_silence_is_that_of_all(
    media: Path, detector: FaceDetector, tmp_path: Path
) -> None:
    """Quarters of 6 s: a person with sound, no face, the person without sound, and with it."""
    clip = media / "clips" / "grid_s01_bbaf2n.mpg"
    person = ["-stream_loop", "7", *file_input(clip)]
    scale = "scale=360:288,fps=25,setsar=1"
    graph = (
        f"[0:v]trim=0:6,setpts=PTS-STARTPTS,{scale},split=3[a][c][d];"
        f"[1:v]{scale},trim=0:6[b];[a][b][c][d]concat=n=4:v=1[v];"
        "[0:a]atrim=0:24,volume=enable='between(t,12,18)':volume=0[s]"
    )
    path = make(
        tmp_path / "quarters.mkv",
        person,
        generated("testsrc=s=360x288:r=25:d=6"),
        options=(
            f'-filter_complex "{graph}" -map [v] -map [s] -t 24 -pix_fmt yuv420p '
            "-c:v libx264 -preset ultrafast -g 25 -c:a pcm_s16le"
        ),
    )
    found = prepared(path, detector, 4)

    assert [track.has_audio for track in found.tracks] == [True, False, True]
    assert "4 excerpts of 2.56 s (3 with a face to judge)" in found.notes[0]
    assert found.notes[1].startswith("excerpt at 7.7 s passed over: no face found in")
    # One silent excerpt of several is no reason to say that there is no audio to judge.
    assert ONLY_SILENCE not in found.notes


def test_a_file_without_a_face_names_where_it_was_looked(
    tmp_path: Path, detector: FaceDetector
) -> None:
    path = make(
        tmp_path / "bars.mp4",
        generated("testsrc=s=160x120:r=25:d=12"),
        generated("sine=d=12"),
        options="-c:v libx264 -preset ultrafast -c:a aac",
    )
    with pytest.raises(
        MediaError, match=r"in 2 excerpts .* begin at 1\.7, 7\.7 s .*examine the whole"
    ) as caught:
        prepared(path, detector, 2)
    assert caught.value.status == "no_face"
