"""In which respect a file is unlike the videos that its likelihood ratios rest on."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from avdf.cache.core.video_measures import VideoMeasures
from avdf.model.likelihood.reference_videos import (
    CodecCounts,
    MeasureRange,
    ReferenceVideos,
)
from avdf.model.verdicts import VERDICTS, PerVerdict, Verdict

# Which likelihood ratios a measure concerns.
_OF_PICTURE: tuple[Verdict, ...] = ("visual", "video")
_OF_SOUND: tuple[Verdict, ...] = ("audio", "video")
_CONCERNS: dict[str, tuple[Verdict, ...]] = {
    "length": VERDICTS,
    "face_side": _OF_PICTURE,
    "sharpness": _OF_PICTURE,
    "fine_detail": _OF_PICTURE,
    "loudness": _OF_SOUND,
    "noise_floor": _OF_SOUND,
    "bandwidth": _OF_SOUND,
    "frame_rate": _OF_PICTURE,
    "video_bit_rate": _OF_PICTURE,
    "audio_bit_rate": _OF_SOUND,
}
_CODECS: dict[str, tuple[Verdict, ...]] = {
    "video_codec": _OF_PICTURE,
    "audio_codec": _OF_SOUND,
}
# For levels, 6 dB corresponds to a factor of 2.
_LEVELS = ("loudness", "noise_floor")
_FACTOR, _DECIBELS = 2.0, 6.0
# Every file is read at 25 frames per second: of 30 or 24, few frames are left out or repeated.
_FRAME_RATE_FACTOR = 1.25
# These count only far outside the range. The clips of a dataset often have the same length and
# rates, while scores change little with them.
_ONLY_FAR = ("length", "frame_rate", "video_bit_rate", "audio_bit_rate")


@dataclass(frozen=True)
class Difference:
    """One measure of a file that lies outside the range of the reference videos, or its codec.

    measure    its name in `VideoMeasures`
    value      of the file
    reference  the range, or the codecs of the reference videos
    verdicts   whose likelihood ratios it concerns
    face       the number of the person it is of; None where there is only one
    """

    measure: str
    value: float | str
    reference: MeasureRange | CodecCounts
    verdicts: tuple[Verdict, ...]
    face: int | None = None

    @property
    def withholds(self) -> bool:
        """Whether no likelihood ratio may be given.

        The range of few videos is uncertain: only a value beyond twice the range is then surely
        unlike them.
        """
        return self.reference.is_certain or _is_far(self)

    def of(self, is_given: Callable[[Verdict], bool]) -> "Difference | None":
        """The same for the verdicts that have a ratio; None where it concerns none of them."""
        verdicts = tuple(name for name in self.verdicts if is_given(name))
        return replace(self, verdicts=verdicts) if verdicts else None


def find_differences(
    measures: VideoMeasures, reference: ReferenceVideos
) -> tuple[Difference, ...]:
    """Every measure of a video that lies outside the 1 % to 99 % of the reference videos.

    Length and bit rates count only beyond twice the range, the frame rate beyond 1.25 times. A
    codec counts where no reference video has it.
    """
    found = []
    values = measures.numbers
    for name, verdicts in _CONCERNS.items():
        value, limits = values[name], reference.ranges.get(name)
        if value is None or limits is None:
            continue
        if limits.least <= value <= limits.most:
            continue
        difference = Difference(name, value, limits, verdicts)
        if name not in _ONLY_FAR or _is_far(difference):
            found.append(difference)
    for name, codec in measures.codecs.items():
        codecs = reference.codecs.get(name)
        if codecs is not None and codec not in codecs.videos:
            found.append(Difference(name, codec, codecs, _CODECS[name]))
    return tuple(found)


def withheld_verdicts(differences: tuple[Difference, ...]) -> PerVerdict[bool]:
    """Of which verdicts the likelihood ratio is withheld."""
    return PerVerdict.of(
        lambda name: any(one.withholds and name in one.verdicts for one in differences)
    )


def _is_far(difference: Difference) -> bool:
    """Whether the value lies far below the least or above the largest; a codec never does."""
    value, limits = difference.value, difference.reference
    if isinstance(limits, CodecCounts):
        return False
    value = float(value)
    if difference.measure in _LEVELS:
        return not limits.least - _DECIBELS <= value <= limits.most + _DECIBELS
    factor = _FRAME_RATE_FACTOR if difference.measure == "frame_rate" else _FACTOR
    return not limits.least / factor <= value <= limits.most * factor
