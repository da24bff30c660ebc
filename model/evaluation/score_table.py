"""A table of ids and scores that any detector gave."""

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.labels import FAKE, LABEL_COLUMNS, REAL, parse_label
from avdf.cache.core.video import VideoInfo
from avdf.cache.files.csv_table import TableKind, read_rows
from avdf.model.logistic import sigmoid
from avdf.model.scoring.probabilities import Probabilities
from avdf.model.verdicts import PerVerdict

Scale = Literal["probability", "logit"]
_TABLE = TableKind(
    ("id",),
    SettingsError,
    "give a CSV with columns id,score: a score is P(fake) in [0, 1]",
)
_MOST_LOGIT = 36.0
# What a table may say of a video beside its labels.
_FACTS = ("dataset", "category", "method", "identity", "group", "gender")


@dataclass(frozen=True)
class ScoreTable:
    """The scores of a table, and what it says of its videos.

    probability  id of a video -> P(fake) of each verdict; None where the table gives none
    infos        one for each row, in the order of the rows
    """

    path: Path
    probability: Mapping[str, Probabilities]
    infos: tuple[VideoInfo, ...]


@dataclass(frozen=True)
class _Reading:
    """How the scores of a table are read."""

    path: Path
    scale: Scale
    real_is_high: bool


def read_scores(
    path: Path, scale: str = "probability", real_is_high: bool = False
) -> ScoreTable:
    """Read a CSV with the columns `id` and `score` (or `p_video`).

    It may also have `p_visual`, `p_audio`, and the columns of a manifest.

    Args:
        scale: of the scores; a `logit` becomes 1 / (1 + exp(-score)).
        real_is_high: a high score means real; it becomes 1 - score.

    Raises:
        SettingsError: the table cannot be read, an id is missing or comes twice, or a score is not
            a number in [0, 1].
    """
    if scale not in get_args(Scale):
        raise SettingsError(
            f"scale {scale!r} is unknown; use {' or '.join(get_args(Scale))}"
        )
    reading = _Reading(path, scale, real_is_high)  # type: ignore[arg-type]  # checked above
    probability: dict[str, Probabilities] = {}
    infos: list[VideoInfo] = []
    for line, row in read_rows(path, _TABLE):
        name = row["id"]
        if not name or name in probability:
            fault = f"{name[:80]!r} comes twice" if name else "a row has no id"
            raise SettingsError(f"{path}, line {line}: {fault}")
        probability[name] = _probabilities(reading, line, row)
        infos.append(_info(path, line, row))
    if not infos:
        raise SettingsError(f"{path}: a header without rows; {_TABLE.advice}")
    return ScoreTable(path, probability, tuple(infos))


def _probabilities(
    reading: _Reading, line: int, row: Mapping[str, str]
) -> Probabilities:
    score = row.get("score", row.get("p_video"))
    if score is None:
        raise SettingsError(
            f"{reading.path}: no column score or p_video; {_TABLE.advice}"
        )
    columns = PerVerdict(
        row.get("p_visual", ""),
        row.get("p_audio", ""),
        score,
    )
    return columns.map(lambda text: _number(reading, line, text))


def _number(
    reading: _Reading,
    line: int,
    text: str,
) -> float | None:
    """P(fake) as a cell gives it; None for an empty cell."""
    if not text:
        return None
    where = f"{reading.path}, line {line}"
    try:
        value = float(text)
    except ValueError:
        raise SettingsError(f"{where}: {text[:40]!r} is not a number") from None
    if not math.isfinite(value):
        raise SettingsError(
            f"{where}: the score is {text}; leave it empty where there is none"
        )
    if reading.scale == "logit":
        if reading.real_is_high:
            value = -value
        # Beyond, 1 / (1 + exp(-x)) is 1, and the order of the scores would be lost.
        if value > _MOST_LOGIT:
            raise SettingsError(
                f"{where}: a logit of {text} is P(fake) of 1, like all beyond {_MOST_LOGIT:.0f} "
                "on its side; divide all scores by one number, which keeps their order"
            )
        return float(sigmoid(np.array(value)))
    if not 0 <= value <= 1:
        per_cent = "divide by 100 if these are per cent; " if 1 < value <= 100 else ""
        raise SettingsError(
            f"{where}: {text} is not in [0, 1]; {per_cent}are these logits? (scale: logit)"
        )
    return 1 - value if reading.real_is_high else value


def _info(
    path: Path,
    line: int,
    row: Mapping[str, str],
) -> VideoInfo:
    """What a row says of its video."""
    # Interned: a table of a million rows repeats a few words.
    facts: dict[str, Any] = {name: sys.intern(row.get(name, "")) for name in _FACTS}
    labels: dict[str, Any] = {}
    for name in LABEL_COLUMNS:
        labels[name] = _label(path, line, name, row.get(name, ""))

    # A video with a fake modality is fake, unless the table says that it is real.
    modalities = (labels["label_visual"], labels["label_audio"])
    if FAKE in modalities and labels["label"] != REAL:
        labels["label"] = FAKE
    try:
        return VideoInfo(
            id=row["id"],
            path=row.get("path") or row["id"],
            split=row.get("split", ""),
            **facts,
            **labels,
        )
    except ValueError as error:
        raise SettingsError(f"{path}, line {line}: {error}") from None


def _label(
    path: Path,
    line: int,
    name: str,
    text: str,
) -> int:
    try:
        return parse_label(text)
    except ValueError as error:
        raise SettingsError(f"{path}, line {line}: {name} is {error}") from None
