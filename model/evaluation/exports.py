"""Scores in the formats that the evaluation programs of other projects read."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.labels import FAKE, REAL
from avdf.cache.files.atomic_file import durable_file, write_text
from avdf.model.evaluation.proposals import proposals
from avdf.model.scoring.rows import ScoredVideos, VideoScore

# AV-Deepfake1M's `ap_ar_1d` fails on a video without proposals. This one meets no period, and is
# less sure than all others.
_NO_PROPOSAL = [-1.0, 0.0, 0.001]

# AV-Deepfake1M's `auc` wants a score of every file, also of those that could not be scored.
_UNKNOWN_SCORE = 0.5


def export(name: str, out: Path, scores: ScoredVideos) -> None:
    """Write the files of one format into a folder.

    Raises:
        SettingsError: an unknown format, or scores that do not hold what it needs.
    """
    if name not in EXPORTS:
        raise SettingsError(f"export {name!r}: use one of {', '.join(EXPORTS)}")
    EXPORTS[name](out, scores)


def _export_avdeepfake1m(out: Path, scores: ScoredVideos) -> None:
    """The files for `auc` and `ap_ar_1d` (with fps = 1) of the package `avdeepfake1m`.

    prediction.txt  a line `file;score` for every listed video
    proposals.json  {file: [[score, start, end], ...]} in seconds, the surest first, where there are
                    timelines
    """
    lines = []
    for video in scores.videos:
        p = video.probability.video
        score = _UNKNOWN_SCORE if p is None else float(p)
        lines.append(f"{_file_in_metadata(video)};{score!r}")
    write_text(out / "prediction.txt", "\n".join(lines) + "\n")
    if scores.timelines:
        found = {
            _file_in_metadata(video): _proposals(video, scores)
            for video in scores.videos
        }
        write_text(out / "proposals.json", json.dumps(found))


def _proposals(video: VideoScore, scores: ScoredVideos) -> list[list[float]]:
    timelines = scores.timelines.get(video.info.id, ())
    found = []
    for one in proposals(timelines, "video"):
        start = round(one.start, 3)
        end = round(one.end, 3)
        found.append([one.score, start, end])
    return found or [_NO_PROPOSAL]


def _file_in_metadata(video: VideoScore) -> str:
    """The file as AV-Deepfake1M's metadata spells it: our id without the folder of the split."""
    name = video.info.id
    if video.info.dataset != "av-deepfake1m":
        return name
    return name.partition("/")[2] or name


def _export_deepfakebench(out: Path, scores: ScoredVideos) -> None:
    """`deepfakebench.npz`: the arguments of DeepfakeBench's `get_test_metrics`.

    y_pred, y_true  one for each segment of each video with a known label
    img_names       VIDEO/SEGMENT: that program groups segments by the next-to-last part of a path
    """
    infos = [video.info for video in scores.scored]
    labels = {info.id: info.label for info in infos if info.label in (REAL, FAKE)}
    rows = [row for row in scores.segments if row.id in labels]
    rows = [row for row in rows if row.probability.video is not None]
    if not rows:
        raise SettingsError(
            "export deepfakebench: no scored segment of a video with a known label"
        )
    scored = [row.probability.video for row in rows]
    labelled = [labels[row.id] for row in rows]
    names = [f"{row.id.replace('/', '__')}/{row.start:08.3f}" for row in rows]
    with durable_file(out / "deepfakebench.npz") as partial, partial.open("wb") as file:
        np.savez(
            file,
            y_pred=np.array(scored, np.float64),
            y_true=np.array(labelled, np.int64),
            img_names=np.array(names),
        )


EXPORTS: dict[str, Callable[[Path, ScoredVideos], None]] = {
    "av-deepfake1m": _export_avdeepfake1m,
    "deepfakebench": _export_deepfakebench,
}
