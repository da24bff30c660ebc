"""Scores that any detector gave: a table of ids and scores, set against labels and a protocol of ours."""

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.labels import FAKE, REAL, parse_label
from avdf.cache.core.video import SPLITS, VideoInfo
from avdf.cache.files.csv_table import TableKind, read_rows
from avdf.model.inference.aggregate import sigmoid
from avdf.model.inference.decision import Judgement
from avdf.model.protocols import assign
from avdf.model.protocols.id_matching import match_ids, refuse_mostly_unknown
from avdf.model.scoring.rows import (
    NOT_SCORED,
    Probabilities,
    ScoredVideos,
    scored_row,
    unscored_row,
)
from avdf.model.thresholds import Thresholds, best_threshold
from avdf.model.verdicts import VERDICTS, PerVerdict, labels_of

Scale = Literal["probability", "logit"]
_TABLE = TableKind(
    ("id",), SettingsError, "give a CSV with columns id,score: a score is P(fake) in [0, 1]"
)


@dataclass(frozen=True)
class OtherScores:
    """P(fake) of a table: id -> (visual, audio, video), None where not given; and what the table says of each video."""

    path: Path
    fake: Mapping[str, Probabilities]
    infos: tuple[VideoInfo, ...]


def read_scores(path: Path, scale: str = "probability", real_is_high: bool = False) -> OtherScores:
    """A CSV with `id` and `score` (or `p_video`), if wanted `p_visual`, `p_audio`, and columns of a manifest.

    Args:
        scale: `logit`: scores become 1 / (1 + exp(-score)).
        real_is_high: a high score stands for real; it becomes 1 - score.

    Raises:
        SettingsError: the table cannot be read, an id is missing or comes twice, a score is not a number in [0, 1].
    """
    if scale not in get_args(Scale):
        raise SettingsError(f"--scale {scale!r} is unknown; use {' or '.join(get_args(Scale))}")
    fake: dict[str, Probabilities] = {}
    infos: list[VideoInfo] = []
    for line, row in read_rows(path, _TABLE):
        name, score = row["id"], "score" if "score" in row else "p_video"
        if score not in row:
            raise SettingsError(f"{path}: no column score or p_video; {_TABLE.advice}")
        if not name or name in fake:
            fault = f"{name[:80]!r} comes twice" if name else "a row has no id"
            raise SettingsError(f"{path}, line {line}: {fault}")
        columns = (row.get("p_visual", ""), row.get("p_audio", ""), row[score])
        fake[name] = PerVerdict(
            *(_number(path, line, text, scale, real_is_high) for text in columns)
        )
        infos.append(_info(path, line, row))
    if not infos:
        raise SettingsError(f"{path}: a header without rows; {_TABLE.advice}")
    return OtherScores(path, fake, tuple(infos))


def _number(path: Path, line: int, text: str, scale: str, real_is_high: bool) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        raise SettingsError(f"{path}, line {line}: {text[:40]!r} is not a number") from None
    if not math.isfinite(value):
        raise SettingsError(
            f"{path}, line {line}: the score is {text}; leave it empty where there is none"
        )
    if scale == "logit":
        value = float(sigmoid(np.array(value)))
    if not 0 <= value <= 1:
        per_cent = "divide by 100 if these are per cent; " if 1 < value <= 100 else ""
        raise SettingsError(
            f"{path}, line {line}: {text} is not in [0, 1]; {per_cent}are these logits? (--scale logit)"
        )
    return 1 - value if real_is_high else value


def _info(path: Path, line: int, row: Mapping[str, str]) -> VideoInfo:
    columns = ("dataset", "category", "method", "identity", "group", "gender")
    known: dict[str, Any] = {name: sys.intern(row.get(name, "")) for name in columns}
    labels: dict[str, Any] = {}
    for name in ("label", "label_visual", "label_audio"):
        try:
            labels[name] = parse_label(row.get(name, ""))
        except ValueError as error:
            raise SettingsError(f"{path}, line {line}: {name} is {error}") from None
    if FAKE in (labels["label_visual"], labels["label_audio"]) and labels["label"] != REAL:
        labels["label"] = FAKE
    split = row.get("split", "")
    try:
        return VideoInfo(
            id=row["id"], path=row.get("path") or row["id"], split=split, **known, **labels
        )
    except ValueError as error:
        raise SettingsError(f"{path}, line {line}: {error}") from None


@dataclass(frozen=True)
class Comparable:
    """Others' scores under a protocol: the tested videos, the thresholds from the validation rows, and what is odd."""

    scores: ScoredVideos
    thresholds: Thresholds
    notes: tuple[str, ...]


def under_protocol(
    given: OtherScores, videos: Sequence[VideoInfo], protocol: str, split: str = "test"
) -> Comparable:
    """Set scores against the videos of a protocol. Thresholds come from the rows of its validation split alone.

    Args:
        videos: with labels; those of the table itself where it has them.
        split: that is judged; '' for every video.

    Raises:
        SettingsError: an unknown protocol or split, nothing to judge, no labels.
    """
    if split not in ("", *SPLITS):
        raise SettingsError(f"split {split!r} is unknown; use one of {', '.join(SPLITS)}, or all")
    assignment = assign(protocol, videos)
    placed = [replace(video, split=assignment.of(video.id)) for video in videos]
    judged = [video for video in placed if split in ("", video.split)]
    if not judged:
        why = "".join(f"; {note}" for note in assignment.notes)
        raise SettingsError(
            f"{given.path}: protocol {protocol} has no video of split {split!r} among {len(videos)}{why}"
        )
    if not any(video.label in (REAL, FAKE) for video in judged):
        raise SettingsError(
            f"{given.path}: no labels; give a column label, or the dataset with --labels"
        )
    given, strange = _as_listed(given, [video.id for video in videos])
    validation = (
        [video for video in placed if video.split == "val" and video.id in given.fake]
        if split != "val"
        else []
    )
    thresholds = _thresholds(given, validation)
    rests_on = f"Rests on scores of another detector ({given.path.name}): what it was trained on is not known here"
    judgement = Judgement("mean", thresholds, rests_on=rests_on)
    rows = tuple(
        scored_row(video, given.fake[video.id], judgement)
        if given.fake.get(video.id, NOT_SCORED).video is not None
        else unscored_row(video, "not_scored", "no score in the file")
        for video in judged
    )
    notes = [rests_on]
    if strange:
        notes.append(
            f"{len(strange)} rows are of videos that the protocol's data does not list: {', '.join(strange[:5])}"
        )
    if thresholds.origin == "default":
        notes.append(
            "no validation rows with both classes in the file: the threshold is 0.5, found nowhere"
        )
    return Comparable(
        ScoredVideos(rows, (), split, assignment, notes=tuple(notes)), thresholds, tuple(notes)
    )


def _as_listed(given: OtherScores, ids: Sequence[str]) -> tuple[OtherScores, list[str]]:
    """The scores under the ids that are listed, however the table spells them; and the names that mean none of them.

    Raises:
        SettingsError: most rows are of no listed video, or two of the same one.
    """
    meant = match_ids(given.fake, ids)
    strange = [name for name in given.fake if name not in meant]
    refuse_mostly_unknown(given.path, list(given.fake), strange, ids, meant.values(), "id")
    first: dict[str, str] = {}
    for name, video in meant.items():
        if first.setdefault(video, name) != name:
            raise SettingsError(
                f"{given.path}: {first[video]} and {name} are the same video; keep one of the two rows"
            )
    return replace(given, fake={video: given.fake[name] for name, video in meant.items()}), strange


def _thresholds(given: OtherScores, validation: Sequence[VideoInfo]) -> Thresholds:
    found: dict[str, float] = {}
    for name in VERDICTS:
        labels = np.array([labels_of(video)[name] for video in validation], np.int64)
        scores = np.array(
            [given.fake[video.id][name] for video in validation], np.float64
        )  # None becomes NaN
        best = best_threshold(labels, scores)
        if best is not None:
            found[name] = best
    defaults = tuple(name for name in VERDICTS if name not in found)
    return Thresholds(
        **found, origin="default" if "video" in defaults else "validation", defaults=defaults
    )
