"""Scores of the validation videos among the tensors of a checkpoint."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from avdf.cache.core.errors import RunError
from avdf.cache.core.labels import FAKE, REAL, UNKNOWN
from avdf.model.inference.decision import Validation
from avdf.model.inference.segments import SegmentScores
from avdf.model.runs.checkpoint import (
    VALIDATION_PREFIX,
)

_LABELS = f"{VALIDATION_PREFIX}labels"


def _arrays(validation: Validation) -> dict[str, npt.NDArray[Any]]:
    scores = {name: getattr(validation.scores, name) for name in SegmentScores.__dataclass_fields__}
    return {**scores, "labels": validation.labels}


def load_validation(path: Path) -> Validation | None:
    """The validation scores that `path`.safetensors keeps, if it does.

    Raises:
        RunError: they do not fit together.
    """
    file = path.with_suffix(".safetensors")
    try:
        with safe_open(file, framework="np") as tensors:
            names = [name for name in tensors.keys() if name.startswith(VALIDATION_PREFIX)]  # noqa: SIM118  # not a dict
            found = {
                name.removeprefix(VALIDATION_PREFIX): tensors.get_tensor(name) for name in names
            }
        if not found:
            return None
        labels = found.pop("labels")
        validation = Validation(SegmentScores(**found), labels)
        _check_validation(validation)
    except (SafetensorError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunError(
            f"{file}: its validation scores cannot be used ({error}); train again"
        ) from None
    return validation


def _check_validation(validation: Validation) -> None:
    """Whether scores and labels are of the kinds and in the ranges that thresholds are found from."""
    scores, labels = validation.scores, validation.labels
    kinds = (scores.video.dtype, scores.fake.dtype, scores.distances.dtype, labels.dtype)
    if [str(kind) for kind in kinds] != ["int64", "float64", "float64", "int64"] or labels.shape[
        1:
    ] != (3,):
        raise ValueError(f"kinds {', '.join(map(str, kinds))}, labels {labels.shape}")
    if len(scores.video) and not 0 <= scores.video.min() <= scores.video.max() < len(labels):
        raise ValueError("segments of videos that have no label")
    if not np.isin(labels, (REAL, FAKE, UNKNOWN)).all():
        raise ValueError("a label is not 0, 1 or -1")
    if (scores.fake < 0).any() or (scores.fake > 1).any():
        raise ValueError("a score is not in [0, 1]")
