"""Our scores in the formats that others' evaluation programs read."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.labels import FAKE, REAL
from avdf.cache.files.atomic_file import durable_file, write_text
from avdf.model.evaluation.proposals import proposals
from avdf.model.scoring.rows import ScoredVideos, VideoScore

# Of a video without proposals: `ap_ar_1d` ends at an empty list. It meets no period, and is the last of all.
_NO_PROPOSAL = [-1.0, 0.0, 0.001]
_UNKNOWN = 0.5  # of a video that could not be scored: their programs want every file


def export(name: str, out: Path, scores: ScoredVideos) -> None:
    """Write the files of one format into a folder.

    Raises:
        SettingsError: an unknown format, or scores that do not hold what it needs.
    """
    if name not in EXPORTS:
        raise SettingsError(f"--export {name}: use one of {', '.join(EXPORTS)}")
    EXPORTS[name](out, scores)


def _avdeepfake1m(out: Path, scores: ScoredVideos) -> None:
    """`prediction.txt` for `auc`, and, with timelines, `proposals.json` for `ap_ar_1d` (fps = 1) of `avdeepfake1m`.

    prediction.txt  a line `file;score` for every listed video; 0.5 where there is none
    proposals.json  {file: [[score, start, end], ...]}, seconds, the surest first; never an empty list
    file            as the dataset's metadata spells it
    """
    lines = [
        f"{_file_in_metadata(video)};{_UNKNOWN if video.probability.video is None else float(video.probability.video)!r}"
        for video in scores.videos
    ]
    write_text(out / "prediction.txt", "\n".join(lines) + "\n")
    if scores.timelines:
        found = {
            _file_in_metadata(video): [
                [one.score, round(one.start, 3), round(one.end, 3)]
                for one in proposals(scores.timelines.get(video.info.id, ()), "video")
            ]
            or [_NO_PROPOSAL]
            for video in scores.videos
        }
        write_text(out / "proposals.json", json.dumps(found))


def _file_in_metadata(video: VideoScore) -> str:
    """Ids of AV-Deepfake1M are the split's folder and then the file as its metadata spells it."""
    name = video.info.id
    return name.partition("/")[2] or name if video.info.dataset == "av-deepfake1m" else name


def _deepfakebench(out: Path, scores: ScoredVideos) -> None:
    """`deepfakebench.npz`: the arguments of DeepfakeBench's `get_test_metrics(y_pred, y_true, img_names)`.

    One row for each segment of each video with a known label; `img_names` are `VIDEO/SEGMENT`, whose next-to-last part
    that program groups by; no pickles.
    """
    labels = {
        video.info.id: video.info.label
        for video in scores.scored
        if video.info.label in (REAL, FAKE)
    }
    rows = [
        row for row in scores.segments if row.id in labels and row.probability.video is not None
    ]
    if not rows:
        raise SettingsError(
            "--export deepfakebench: no scored segment of a video with a known label"
        )
    names = [f"{row.id.replace('/', '__')}/{row.start:08.3f}" for row in rows]
    with durable_file(out / "deepfakebench.npz") as partial, partial.open("wb") as file:
        np.savez(
            file,
            y_pred=np.array([row.probability.video for row in rows], np.float64),
            y_true=np.array([labels[row.id] for row in rows], np.int64),
            img_names=np.array(names),
        )


EXPORTS: dict[str, Callable[[Path, ScoredVideos], None]] = {
    "av-deepfake1m": _avdeepfake1m,
    "deepfakebench": _deepfakebench,
}
