"""Excerpts: where they lie in a file, and that they hold what the whole file holds there."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.pipeline.media.decode import Decoder
from avdf.pipeline.media.excerpt import EXCERPT_FRAMES, Excerpt, excerpt_of, spread
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.media_info import MediaInfo
from avdf.pipeline.media.probe import probe
from avdf.pipeline.settings import Limits
from tests.helpers.lavfi import generated, make

LIMITS = Limits()
ROW = 640  # samples
FIRST = 150  # row at which the excerpt begins
NOISE_SECONDS = 12
PICTURE = generated(
    f"testsrc=s=96x64:r=25:d={NOISE_SECONDS},noise=alls=60:allf=t:all_seed=1"
)
SOUND = generated(f"anoisesrc=d={NOISE_SECONDS}:r=44100:a=0.3:seed=1")
X264 = "-pix_fmt yuv420p -c:v libx264 -preset ultrafast -g 50"

Samples = npt.NDArray[np.int16]


@given(
    seconds=st.floats(0, 20_000, allow_nan=False),
    count=st.integers(1, 40),
)
def test_excerpts_lie_apart_and_inside(seconds: float, count: int) -> None:
    excerpts = spread(seconds, count)
    rows = int(seconds * 25)

    if not excerpts:
        assert 2 * count * EXCERPT_FRAMES > rows
        return
    assert len(excerpts) == count
    edges = [
        edge for one in excerpts for edge in (one.first, one.first + EXCERPT_FRAMES)
    ]
    assert edges == sorted(edges)
    assert edges[0] >= 0 and edges[-1] <= rows


@given(seconds=st.floats(6, 20_000), count=st.integers(1, 40))
def test_excerpts_are_as_far_apart_as_can_be(seconds: float, count: int) -> None:
    """What lies before the first, between two and behind the last is shared out evenly."""
    excerpts = spread(seconds, count)
    firsts = [one.first for one in excerpts]
    gaps = np.diff(firsts)

    if len(firsts) > 1:
        part = int(seconds * 25) / count
        assert np.abs(gaps - part).max() <= 1


def test_an_excerpt_is_not_shorter_than_a_segment() -> None:
    with pytest.raises(ValueError, match="at least 16 rows"):
        Excerpt(0, 15)


def decode(media: MediaInfo) -> tuple[list[DecodedFrame], Samples]:
    """All frames, and all samples from time 0 on."""
    with Decoder(media, LIMITS) as decoder:
        frames = list(decoder.frames())
        audio = decoder.audio()
        assert decoder.damage() == ""
    return frames, np.concatenate([np.zeros(audio.first, np.int16), audio.pcm])


def best_lag(heard: Samples, whole: Samples, at: int) -> int:
    """Samples by which sound lies later in an excerpt than in the file, at most a frame."""
    wanted = whole[at - ROW : at + len(heard) + ROW].astype(np.float64)
    match = np.correlate(wanted, heard.astype(np.float64), "valid")
    return ROW - int(match.argmax())


@pytest.mark.parametrize(
    ("name", "codecs"),
    [
        ("a.mp4", f"{X264} -c:a aac"),
        ("ntsc.mp4", f"-r 30000/1001 {X264} -c:a aac"),
        ("fragmented.mp4", f"{X264} -c:a aac -movflags frag_keyframe+empty_moov"),
        ("a.mkv", f"{X264} -c:a libopus"),
        ("a.ts", f"{X264} -c:a aac"),
        ("far_key_frames.ts", f"{X264.replace('-g 50', '-g 160')} -c:a aac"),
        ("a.mpg", "-c:v mpeg2video -q:v 3 -g 12 -c:a mp2"),
        ("a.flv", "-c:v flv -q:v 3 -g 50 -c:a libmp3lame"),
    ],
)
def test_an_excerpt_holds_what_the_file_holds_there(
    name: str, codecs: str, tmp_path: Path
) -> None:
    media = probe(make(tmp_path / name, PICTURE, SOUND, options=codecs), LIMITS)
    frames, whole = decode(media)
    of_row = {frame.row: frame.planes[0] for frame in frames}

    found, heard = decode(excerpt_of(media, Excerpt(FIRST)))

    assert [frame.row for frame in found] == list(range(EXCERPT_FRAMES))
    for frame in found:
        assert np.array_equal(frame.planes[0], of_row[FIRST + frame.row])
    assert len(heard) == EXCERPT_FRAMES * ROW
    # A decoder of sound that begins elsewhere differs in the last bits, and in some containers
    # times of sound are rounded to the millisecond.
    inner = slice(20 * ROW, 40 * ROW)
    assert abs(best_lag(heard[inner], whole, (FIRST + 20) * ROW)) <= 16


def test_an_excerpt_at_the_end_of_a_file_is_short(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mp4", PICTURE, SOUND, options=f"{X264} -c:a aac")
    media = probe(path, LIMITS)

    frames, heard = decode(excerpt_of(media, Excerpt(NOISE_SECONDS * 25 - 20)))

    assert len(frames) == 20
    assert len(heard) == pytest.approx(20 * ROW, abs=2 * ROW)


def test_the_clock_of_an_excerpt_is_that_of_the_file() -> None:
    media = MediaInfo(
        Path("a.mp4"), "ffmpeg", 0, 1, 640, 480, 0.3, 0.2, "yuv420p", "bt709"
    )
    whole = replace(media, video_ends=100.0, audio_ends=0.0)

    first = excerpt_of(whole, Excerpt(0))
    later = excerpt_of(whole, Excerpt(250))
    last = excerpt_of(whole, Excerpt(2475))

    # Near the beginning of the file there is not enough before the excerpt to decode and drop.
    assert first.seek == 0.0
    assert first.start == pytest.approx(0.3)
    assert later.seek == pytest.approx(9.8)
    assert later.start == pytest.approx(0.5)
    assert later.offset == pytest.approx(10.2)
    assert first.video_ends == 2.56
    assert last.video_ends == pytest.approx(1.0)
    # The file does not say when its sound ends, nor does the excerpt.
    assert later.audio_ends == 0.0
