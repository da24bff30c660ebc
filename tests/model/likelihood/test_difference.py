"""Which measures of a file lie outside the reference videos', and what that withholds."""

from dataclasses import replace

import pytest

from avdf.cache.core.video_measures import VideoMeasures
from avdf.model.likelihood.difference import find_differences, withheld_verdicts
from avdf.model.likelihood.likeness_words import (
    NOT_KEPT,
    compared_words,
    difference_note,
)
from avdf.model.likelihood.reference_videos import (
    CodecCounts,
    MeasureRange,
    ReferenceVideos,
)
from avdf.model.verdicts import PerVerdict

INSIDE = {
    "length": 4.0,
    "face_side": 150.0,
    "sharpness": 50.0,
    "fine_detail": 1.0,
    "loudness": -20.0,
    "noise_floor": -50.0,
    "bandwidth": 7000.0,
    "frame_rate": 25.0,
    "video_bit_rate": 900.0,
    "audio_bit_rate": 96.0,
}
CODECS = {"video_codec": "h264", "audio_codec": "aac"}


def reference(count: int = 200, **ranges: tuple[float, float]) -> ReferenceVideos:
    known = {
        "length": (3.0, 5.0),
        "face_side": (96.0, 210.0),
        "sharpness": (20.0, 90.0),
        "fine_detail": (0.5, 2.0),
        "loudness": (-25.0, -15.0),
        "noise_floor": (-60.0, -40.0),
        "bandwidth": (6000.0, 7900.0),
        "frame_rate": (24.0, 30.0),
        "video_bit_rate": (400.0, 2000.0),
        "audio_bit_rate": (64.0, 128.0),
    } | ranges
    found = {}
    for name, (least, most) in known.items():
        middle = (least + most) / 2
        found[name] = MeasureRange(count, (least, least, middle, most, most))
    codecs = {
        "video_codec": CodecCounts({"h264": count - 4, "hevc": 4}),
        "audio_codec": CodecCounts({"aac": count}),
    }
    return ReferenceVideos(count, found, codecs)


def inside(**values: float | str | None) -> VideoMeasures:
    """Measures inside every range but for these."""
    return VideoMeasures(**{**INSIDE, **CODECS, **values})  # type: ignore[arg-type]


def withheld(count: int, **values: float | str | None) -> PerVerdict[bool]:
    """What is withheld of a file that is inside but for these measures."""
    return withheld_verdicts(find_differences(inside(**values), reference(count)))


NOTHING = PerVerdict(visual=False, audio=False, video=False)
PICTURE = PerVerdict(visual=True, audio=False, video=True)
SOUND = PerVerdict(visual=False, audio=True, video=True)
ALL = PerVerdict(visual=True, audio=True, video=True)


def test_a_file_inside_every_range_keeps_its_ratios() -> None:
    assert find_differences(inside(), reference()) == ()
    edge = inside(face_side=96.0, bandwidth=7900.0)
    assert find_differences(edge, reference()) == ()


@pytest.mark.parametrize(
    ("measure", "value", "expected"),
    [
        ("face_side", 95.9, PICTURE),
        ("face_side", 211.0, PICTURE),
        ("sharpness", 19.0, PICTURE),
        ("fine_detail", 0.1, PICTURE),
        ("loudness", -26.0, SOUND),
        ("noise_floor", -61.0, SOUND),
        ("bandwidth", 3400.0, SOUND),
        # Of the length, only twice the range counts.
        ("length", 1.6, NOTHING),
        ("length", 9.9, NOTHING),
        ("length", 1.4, ALL),
        ("length", 10.1, ALL),
        ("video_bit_rate", 201.0, NOTHING),
        ("video_bit_rate", 4001.0, PICTURE),
        ("audio_bit_rate", 24.0, SOUND),
        # Of the frame rate, 1.25 times the range.
        ("frame_rate", 20.0, NOTHING),
        ("frame_rate", 15.0, PICTURE),
        ("frame_rate", 59.94, PICTURE),
        ("video_codec", "hevc", NOTHING),
        ("video_codec", "vp9", PICTURE),
        ("audio_codec", "mp3", SOUND),
        ("audio_codec", "", NOTHING),
    ],
)
def test_a_measure_outside_withholds_the_verdicts_that_it_concerns(
    measure: str, value: float | str, expected: PerVerdict[bool]
) -> None:
    assert withheld(200, **{measure: value}) == expected


@pytest.mark.parametrize(
    ("measure", "value", "expected"),
    [
        ("face_side", 49.0, NOTHING),
        ("face_side", 47.0, PICTURE),
        ("face_side", 419.0, NOTHING),
        ("face_side", 421.0, PICTURE),
        ("loudness", -30.9, NOTHING),
        ("loudness", -31.1, SOUND),
        ("loudness", -8.9, SOUND),
    ],
)
def test_the_range_of_few_videos_counts_twice(
    measure: str, value: float, expected: PerVerdict[bool]
) -> None:
    assert withheld(19, **{measure: value}) == expected
    assert withheld(20, **{measure: value}) != NOTHING


def test_what_is_missing_on_either_side_is_not_compared() -> None:
    assert withheld(200, face_side=None, bandwidth=None) == NOTHING
    silent = ReferenceVideos(50, {"length": reference().ranges["length"]})
    assert find_differences(inside(audio_codec="mp3"), silent) == ()


def test_a_note_says_what_is_withheld_and_why() -> None:
    small = inside(face_side=38.2)
    (found,) = find_differences(small, reference(214))
    assert difference_note(found) == (
        "likelihood ratio of visual and video withheld: the square around the face is 38.2 pixels "
        "wide, in the 214 validation videos 96 to 210"
    )
    (found,) = find_differences(small, reference(12, face_side=(50.0, 60.0)))
    assert difference_note(found) == (
        "likelihood ratio of visual and video uncertain: the square around the face is 38.2 pixels "
        "wide, in the 12 validation videos 50 to 60 (so few videos make the range uncertain)"
    )


def test_a_note_names_the_codecs_that_the_validation_videos_have() -> None:
    (found,) = find_differences(inside(video_codec="vp9"), reference(214))
    assert difference_note(found) == (
        "likelihood ratio of visual and video withheld: the codec of the video stream is vp9, in "
        "the 214 validation videos h264 (210) or hevc (4)"
    )
    (found,) = find_differences(inside(audio_codec="mp3"), reference(12))
    assert difference_note(found) == (
        "likelihood ratio of audio and video uncertain: the codec of the audio stream is mp3, in "
        "the 12 validation videos aac (12) (so few videos make the range uncertain)"
    )


def test_a_number_just_outside_does_not_read_like_the_end_of_the_range() -> None:
    just = inside(bandwidth=5999.5)
    (found,) = find_differences(just, reference())
    assert "reaches up to 5999.5 Hz, in the 200 validation videos 6000 to 7900" in (
        difference_note(found)
    )


def test_a_verdict_without_a_ratio_is_not_named() -> None:
    far = inside(length=60.0)
    (found,) = find_differences(far, reference())
    only = found.of(lambda verdict: verdict == "audio")
    assert only is not None
    assert difference_note(only).startswith("likelihood ratio of audio withheld: ")
    assert found.of(lambda verdict: False) is None


def test_what_is_never_compared_is_said() -> None:
    words = compared_words(reference(214))
    assert "compared with 214 validation videos" in words
    assert "frame rate, bit rates and codecs" in words
    assert "language is not compared" in words
    older = replace(reference(214), codecs={})
    assert "codec, frame rate and bit rate are not compared" in compared_words(older)
    assert compared_words(None) == NOT_KEPT
