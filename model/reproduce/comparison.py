"""What scores say of picture and sound together, by type of video: Figure 3 is drawn from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from avdf.cache.core.errors import RunError
from avdf.cache.files.atomic_file import durable_file
from avdf.model.evaluation.kinds import type_of
from avdf.model.scoring.rows import ScoredVideos

Values = npt.NDArray[np.float64]
ByType = Mapping[str, Values]  # type of video, e.g. `RVFA` -> its values

# Files of version 1, which has no number, hold distances alone.
_VERSION = 2
_VERSION_KEY = "version"


@dataclass(frozen=True)
class Comparison:
    """Picture and sound of scored videos, compared in two ways.

    distance  by type: (frames,) cosine distance of the two features of a frame
    sync      by type: (segments,) D(0) less the median of D over near offsets of the sound

    Raises:
        ValueError: a value is not a finite number.
    """

    distance: ByType
    sync: ByType

    def __post_init__(self) -> None:
        for name, by_type in self.parts.items():
            for kind, values in by_type.items():
                if not np.isfinite(values).all():
                    raise ValueError(f"{name} of {kind} has values that are not finite")

    @property
    def parts(self) -> dict[str, ByType]:
        """Both ways of comparing, by name."""
        return {"distance": self.distance, "sync": self.sync}


def compare_by_type(scores: ScoredVideos) -> Comparison:
    """Distances and `sync` of the scored videos whose type is known."""
    # Distances have a row for each segment, so each segment needs the type of its video.
    type_by_video = {video.info.id: type_of(video) for video in scores.scored}
    types = np.array([type_by_video[segment.id] for segment in scores.segments])
    # NaN where nothing was compared, as distances have it.
    found = [segment.sync.sync for segment in scores.segments]
    syncs = np.array([np.nan if sync is None else sync for sync in found], np.float64)

    kinds = sorted(set(type_by_video.values()) - {""})
    return Comparison(
        distance={kind: _finite(scores.distances[types == kind]) for kind in kinds},
        sync={kind: _finite(syncs[types == kind]) for kind in kinds},
    )


def write_comparison(path: Path, comparison: Comparison) -> None:
    """Write it as an `.npz` with an array for each way of comparing and each type."""
    arrays = {_VERSION_KEY: np.array(_VERSION)}
    for name, by_type in comparison.parts.items():
        for kind, values in by_type.items():
            arrays[f"{name}/{kind}"] = values
    with durable_file(path) as partial, partial.open("wb") as file:
        # The stubs of savez take the arrays for its options.
        np.savez(file, **arrays)  # type: ignore[arg-type]


def holds_comparison(path: Path) -> bool:
    """Whether a file is there and has all that `read_comparison` needs."""
    try:
        # numpy leaves a file open that it cannot read.
        with path.open("rb") as opened, np.load(opened) as file:
            return _VERSION_KEY in file.files and int(file[_VERSION_KEY]) == _VERSION
    except (FileNotFoundError, ValueError, EOFError, BadZipFile):
        return False


def read_comparison(path: Path) -> Comparison:
    """What `write_comparison` wrote.

    Raises:
        RunError: the file is missing, cannot be read, or is of another version of avdf.
    """
    if not holds_comparison(path):
        raise RunError(
            f"{path}: no distances and `sync` by type of video (older files have no `sync`); "
            "run `avdf reproduce figure3` again with the same options, which scores again"
        )
    by_name: dict[str, dict[str, Values]] = {"distance": {}, "sync": {}}
    with np.load(path) as file:
        for key in file.files:
            name, _, kind = key.partition("/")
            if kind:
                by_name[name][kind] = file[key]
    return Comparison(**by_name)


def _finite(values: Values) -> Values:
    """Values of any shape in a row, without those of videos where nothing was compared."""
    return values[np.isfinite(values)]
