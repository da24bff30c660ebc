"""In words: in which respect a file is unlike the validation videos, and what was not compared."""

from avdf.model.likelihood.difference import Difference
from avdf.model.likelihood.reference_videos import CodecCounts, ReferenceVideos

NOT_KEPT = (
    "whether a file is like the validation videos is not known, because this run did not keep "
    "their measures: train again to know"
)
# How a note in a row begins. Notes are joined by "; ", so that none of them holds that.
ABOUT_RATIO = "likelihood ratio of"

_SAID = {
    "length": "the examined part is {} seconds long",
    "face_side": "the square around the face is {} pixels wide",
    "sharpness": "the sharpness of the face (variance of the Laplacian) is {}",
    "fine_detail": "fine detail makes up {} % of the contrast of the face",
    "loudness": "the level of the sound is {} dB",
    "noise_floor": "the level of the quietest parts of the sound is {} dB",
    "bandwidth": "the sound reaches up to {} Hz",
    "frame_rate": "the file has {} frames per second",
    "video_bit_rate": "the video stream has {} kbit/s",
    "audio_bit_rate": "the audio stream has {} kbit/s",
    "video_codec": "the codec of the video stream is {}",
    "audio_codec": "the codec of the audio stream is {}",
}


def difference_note(difference: Difference) -> str:
    """One sentence: which ratios are withheld or uncertain, and why."""
    face = "" if difference.face is None else f" (face {difference.face})"
    *others, last = difference.verdicts
    verdicts = f"{', '.join(others)} and {last}" if others else last
    state = "withheld" if difference.withholds else "uncertain"
    return f"{ABOUT_RATIO} {verdicts}{face} {state}: {difference_words(difference)}"


def difference_words(difference: Difference) -> str:
    """`the square around the face is 38 pixels wide, in the 214 validation videos 96 to 210`."""
    value, limits = difference.value, difference.reference
    if isinstance(limits, CodecCounts):
        shown, others = str(value), _codec_words(limits)
    else:
        shown, least, most = _numbers(float(value), limits.least, limits.most)
        others = f"{least} to {most}"
    said = _SAID[difference.measure].format(shown)
    words = f"{said}, in the {limits.count} validation videos {others}"
    return (
        words
        if limits.is_certain
        else f"{words} (so few videos make the range uncertain)"
    )


def compared_words(reference: ReferenceVideos | None) -> str:
    """What files are compared with, and what is never compared."""
    if reference is None:
        return NOT_KEPT
    return (
        f"a file is compared with {reference.videos} validation videos in length, size, sharpness "
        "and detail of the face, level, quiet parts and bandwidth of the sound, "
        f"{_streams_words(reference)}"
    )


def _streams_words(reference: ReferenceVideos) -> str:
    """What is compared of the streams, and the end of the sentence."""
    withheld = "its ratio is withheld where it is unlike them"
    # Shards of earlier versions say nothing of streams, and then neither do runs on them.
    if not reference.codecs:
        return (
            f"and {withheld}; language, codec, frame rate and bit rate are not compared, since "
            "the shards of this run do not state them"
        )
    return (
        f"frame rate, bit rates and codecs, and {withheld}; language is not compared, since "
        "it is not recorded"
    )


def _codec_words(counts: CodecCounts) -> str:
    """`h264 (200) or hevc (14)`: the most frequent ones first."""
    ordered = sorted(counts.videos.items(), key=lambda one: (-one[1], one[0]))
    return " or ".join(f"{codec} ({count})" for codec, count in ordered)


def _numbers(*values: float) -> tuple[str, ...]:
    """Numbers in three digits; in more where the first would read like one of the others."""
    for digits in range(3, 17):
        found = tuple(_plain(value, digits) for value in values)
        if found[0] not in found[1:]:
            break
    return found


def _plain(value: float, digits: int) -> str:
    """A number without an exponent: `3400`, `0.012`, `-45.3`."""
    rounded = float(f"{value:.{digits}g}")
    return f"{rounded:.10f}".rstrip("0").rstrip(".")
