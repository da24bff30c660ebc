"""Scores of the validation videos among the tensors of a checkpoint."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from avdf.cache.core.errors import RunError
from avdf.cache.core.labels import FAKE, REAL, UNKNOWN
from avdf.model.inference.segments import SegmentScores
from avdf.model.inference.validation import Validation
from avdf.model.runs.checkpoint import VALIDATION_PREFIX
from avdf.model.verdicts import REPORT_ORDER, PerVerdict, as_columns, from_columns

LABELS_TENSOR = f"{VALIDATION_PREFIX}labels"
_KINDS = ["int64", "float64", "float64", "int64"]  # of video, fake, distances, labels


def validation_arrays(validation: Validation) -> dict[str, npt.NDArray[Any]]:
    """The arrays by their names in the file, with a column for each verdict.

    Probabilities have their columns in the order of `VERDICTS`, labels in that of `REPORT_ORDER`.
    """
    scores = validation.scores
    labels = [validation.labels[verdict] for verdict in REPORT_ORDER]
    return {
        "video": scores.video,
        "fake": as_columns(scores.fake),
        "distances": scores.distances,
        "labels": np.stack(labels, axis=1),
    }


def load_validation(path: Path) -> Validation | None:
    """The validation scores in `path`.safetensors; None where there are none.

    Raises:
        RunError: the file cannot be read, or the scores do not fit together.
    """
    file = path.with_suffix(".safetensors")
    try:
        arrays = _read_arrays(file)
        return _validation_of(arrays) if arrays else None
    except (
        SafetensorError,
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
    ) as error:
        raise RunError(
            f"{file}: its validation scores cannot be used ({error}); train again"
        ) from None


def _read_arrays(file: Path) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a checkpoint whose names begin with `validation/`, without that prefix."""
    arrays = {}
    with safe_open(file, framework="np") as tensors:
        for name in tensors.keys():  # noqa: SIM118  # not a dict
            if name.startswith(VALIDATION_PREFIX):
                arrays[name.removeprefix(VALIDATION_PREFIX)] = tensors.get_tensor(name)
    return arrays


def _validation_of(arrays: Mapping[str, npt.NDArray[Any]]) -> Validation:
    # Thresholds found from impossible scores would look like any other thresholds.
    _check_validation(arrays)
    scores = SegmentScores(
        video=arrays["video"],
        fake=from_columns(arrays["fake"]),
        distances=arrays["distances"],
    )
    labels = dict(zip(REPORT_ORDER, arrays["labels"].T, strict=True))
    return Validation(scores, PerVerdict(**labels))


def _check_validation(arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Whether scores and labels have the types and ranges that thresholds are found from."""
    owner = arrays["video"]
    fake = arrays["fake"]
    distances = arrays["distances"]
    labels = arrays["labels"]
    kinds = [str(one.dtype) for one in (owner, fake, distances, labels)]
    if kinds != _KINDS or labels.shape[1:] != (3,):
        raise ValueError(f"kinds {', '.join(kinds)}, labels {labels.shape}")
    # `owner` is the row of each segment's video in `labels`.
    if len(owner) and not 0 <= owner.min() <= owner.max() < len(labels):
        raise ValueError("segments of videos that have no label")
    if not np.isin(labels, (REAL, FAKE, UNKNOWN)).all():
        raise ValueError("a label is not 0, 1 or -1")
    if (fake < 0).any() or (fake > 1).any():
        raise ValueError("a score is not in [0, 1]")
