"""In which respect a file is unlike the videos that its likelihood ratios rest on."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from avdf.cache.core.video_measures import VideoMeasures
from avdf.model.likelihood.reference_videos import MeasureRange, ReferenceVideos
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
}
# For levels, 6 dB corresponds to a factor of 2.
_LEVELS = ("loudness", "noise_floor")
_FACTOR, _DECIBELS = 2.0, 6.0


@dataclass(frozen=True)
class Departure:
    """One measure of a file that lies outside the range of the reference videos.

    measure    its name in `VideoMeasures`
    value      of the file
    reference  the range
    verdicts   whose likelihood ratios it concerns
    face       the number of the person it is of; None where there is only one
    """

    measure: str
    value: float
    reference: MeasureRange
    verdicts: tuple[Verdict, ...]
    face: int | None = None

    @property
    def withholds(self) -> bool:
        """Whether no likelihood ratio may be given.

        The range of few videos is uncertain: only a value beyond twice the range is then surely
        unlike them.
        """
        return self.reference.is_certain or _is_far(self)

    def of(self, is_given: Callable[[Verdict], bool]) -> "Departure | None":
        """The same for the verdicts that have a ratio; None where it concerns none of them."""
        verdicts = tuple(name for name in self.verdicts if is_given(name))
        return replace(self, verdicts=verdicts) if verdicts else None


def find_departures(
    measures: VideoMeasures, reference: ReferenceVideos
) -> tuple[Departure, ...]:
    """Every measure of a video that lies outside the 1 % to 99 % of the reference videos.

    The length counts only beyond twice the range.
    """
    found = []
    values = measures.as_dict()
    for name, verdicts in _CONCERNS.items():
        value, limits = values[name], reference.ranges.get(name)
        if value is None or limits is None:
            continue
        if limits.least <= value <= limits.most:
            continue
        departure = Departure(name, value, limits, verdicts)
        # A score changes little with length, and the clips of a dataset are often equally long.
        if name != "length" or _is_far(departure):
            found.append(departure)
    return tuple(found)


def withheld_verdicts(departures: tuple[Departure, ...]) -> PerVerdict[bool]:
    """Of which verdicts the likelihood ratio is withheld."""
    return PerVerdict.of(
        lambda name: any(one.withholds and name in one.verdicts for one in departures)
    )


def _is_far(departure: Departure) -> bool:
    """Whether the value lies below half of the least, or above twice the largest."""
    value, limits = departure.value, departure.reference
    if departure.measure in _LEVELS:
        return not limits.least - _DECIBELS <= value <= limits.most + _DECIBELS
    return not limits.least / _FACTOR <= value <= limits.most * _FACTOR
