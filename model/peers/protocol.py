"""The protocol of two methods that any detector can keep, to be scored as avdf's own runs are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args, runtime_checkable

from avdf.cache.core.safe_text import printable
from avdf.model.peers.footage import PeerExample, PeerFootage
from avdf.model.scoring.probabilities import Probabilities
from avdf.model.verdicts import VERDICTS, PerVerdict, Verdict

Unit = Literal["window", "video"]
Takes = Literal["both", "picture", "sound"]

_MOST_BATCH = 4096


@dataclass(frozen=True)
class PeerDescription:
    """What a detector says of itself.

    name        for tables and reports
    version     of the detector; '' where it has none
    judges      the verdicts that it gives, among `visual`, `audio` and `video`
    unit        `window`: it is given windows of 16 frames (0.64 s), whose scores avdf aggregates;
                `video`: it is given whole videos
    takes       what it looks at: `both`, `picture` or `sound`. Of a video without what it takes, no
                verdict is asked for; one that takes `both` then judges what is left alone
    batch       the most footage that `score` is given at a time
    thresholds  P(fake) from which each verdict is `fake`; None: 0.5 for each
    notes       sentences for the reader of the report
    files       paths of files that it has read, such as weights: the report gives their sha256

    Raises:
        ValueError: a value of a wrong kind, or outside of its range.
    """

    name: str
    version: str = ""
    judges: tuple[Verdict, ...] = VERDICTS
    unit: Unit = "window"
    takes: Takes = "both"
    batch: int = 32
    thresholds: PerVerdict[float] | None = None
    notes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip():
            raise ValueError(f"name is {self.name!r}, expected a text")
        if not isinstance(self.version, str):
            raise ValueError(f"version is {self.version!r}, expected a text")
        # Both stand in sentences and on terminals: one line, without control characters.
        for name in ("name", "version"):
            object.__setattr__(self, name, _one_line(getattr(self, name)))
        _check_choice("unit", self.unit, get_args(Unit))
        _check_choice("takes", self.takes, get_args(Takes))
        for name in ("judges", "notes", "files"):
            # Lists are as good as tuples; a single text would be read letter by letter.
            object.__setattr__(self, name, _texts(name, getattr(self, name)))
        if not self.judges:
            raise ValueError("judges is empty: name at least one verdict")
        for verdict in self.judges:
            _check_choice("judges", verdict, VERDICTS)
        if type(self.batch) is not int or not 1 <= self.batch <= _MOST_BATCH:
            raise ValueError(f"batch is {self.batch!r}, expected 1 to {_MOST_BATCH}")
        _check_thresholds(self.thresholds)

    @property
    def takes_picture(self) -> bool:
        """Whether it looks at the frames."""
        return self.takes != "sound"

    @property
    def takes_sound(self) -> bool:
        """Whether it listens to the audio."""
        return self.takes != "picture"


def _check_choice(name: str, value: Any, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}, expected one of {', '.join(allowed)}")


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, tuple | list):
        raise ValueError(f"{name} is {value!r}, expected several texts in a tuple")
    # A path is kept as it is: it must still be found.
    return tuple(str(one) if name == "files" else _one_line(str(one)) for one in value)


def _one_line(text: str) -> str:
    return printable(" ".join(text.split()))


def _check_thresholds(thresholds: Any) -> None:
    if thresholds is None:
        return
    if not isinstance(thresholds, PerVerdict):
        raise ValueError(f"thresholds are {thresholds!r}, expected a PerVerdict")
    for verdict, value in thresholds.items():
        if not isinstance(value, float | int) or not 0 <= value <= 1:
            raise ValueError(f"the threshold of {verdict} is {value!r}, not in [0, 1]")


@runtime_checkable
class PeerDetector(Protocol):
    """What every detector has: two methods. It is built without arguments."""

    def describe(self) -> PeerDescription:
        """What the detector is. Called after it is built, and again after it was fitted."""
        ...

    def score(self, footage: Sequence[PeerFootage]) -> Sequence[Probabilities]:
        """P(fake) in [0, 1] of each verdict, for each footage in its order.

        Args:
            footage: from 1 to `batch` windows or videos.

        Returns:
            As many `PerVerdict` as there is footage; None for a verdict that was not examined.
        """
        ...


@runtime_checkable
class FittedPeer(PeerDetector, Protocol):
    """A detector that learns from the training videos of the shards, before it scores."""

    def fit(self, examples: Iterable[PeerExample]) -> None:
        """Learn from footage of the split `train` under the protocol that is scored.

        Args:
            examples: to be gone through once; of a detector of windows, at most 4 of each video,
                spread evenly over it.
        """
        ...
