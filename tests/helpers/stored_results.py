"""Stored results of the page with chosen verdicts, faces and timelines."""

from copy import deepcopy
from typing import Any

from avdf.cli.page.stored_result import StoredResult

ROWS = 50  # frames of a timeline: 2 s
_LINE: dict[str, Any] = {
    "p_video": 0.9,
    "p_visual": 0.2,
    "p_audio": 0.8,
    "verdict": "fake",
    "verdict_visual": "real",
    "verdict_audio": "fake",
    "p_sync": None,
    "verdict_sync": "",
    "sync_note": "this run has not learned it",
}
_RESULT: dict[str, Any] = {
    "videos": [
        {"id": "media", "status": "ok", "reason": "", "examined": "both", **_LINE}
    ],
    "thresholds": {"video": 0.5, "visual": 0.5, "audio": 0.6, "defaults": ["visual"]},
    "sync_calibration": None,
    "rests_on": "Rests on 9 videos",
    "notes": [],
    "run_notes": ["validation is small"],
    "files": {"media": {"duration": 2.0, "picture": "h264", "sound": "aac"}},
    "timelines": {},
    "intervals": [],
    "faces": {},
}
_RUN: dict[str, Any] = {
    "name": "demo/run",
    "epoch": 4,
    "validation": "AUC video 0.980",
    "weights_note": "",
    "withheld": "",
    "ratio_meaning": "likelihood ratio: P(a) divided by P(b)",
    "ratio_compared": "compared in length",
    "ratio_support": {"video": "none", "visual": "none", "audio": "from 9"},
    "ratios": {"video": "LR 5: weak support for forged"},
    "sync_basis": "",
    "sync_threshold": None,
}


def timeline(start: float = 0.0, face: int = 1, **changed: Any) -> dict[str, Any]:
    """The timeline of one track."""
    columns = {"p_video": 0.9, "p_visual": 0.2, "p_audio": 0.8, "distance": 0.3}
    values: dict[str, Any] = {name: [value] * ROWS for name, value in columns.items()}
    values |= {"sync": [None] * ROWS, "face": face}
    return {"start": start, "frames_per_second": 25, **values, **changed}


def track(start: float, end: float, face: int = 1) -> dict[str, Any]:
    """When a face was followed."""
    return {"start": start, "end": end, "face": face}


def interval(verdict: str, start: float, end: float, face: int = 1) -> dict[str, Any]:
    """Where a verdict lies above its threshold."""
    return {"verdict": verdict, "start": start, "end": end, "face": face}


def face_row(face: int, **changed: Any) -> dict[str, Any]:
    """A line of `faces.csv`."""
    row = {
        "face": face,
        "start": 0.0,
        "end": 2.0,
        "decides": "",
        "note": "",
        "speaks": "",
    }
    return row | _LINE | changed


def stored_result(
    video: dict[str, Any] | None = None,
    run: dict[str, Any] | None = None,
    faces: tuple[int, ...] = (0,),
    **changed: Any,
) -> StoredResult:
    """A result in which the given parts are different.

    Args:
        video: columns of its row.
        run: what its verdicts rest on.
        faces: numbers of the faces that have a strip of crops.
        changed: other parts of the result.
    """
    result = deepcopy(_RESULT) | changed
    result["videos"][0] |= video or {}
    document = {
        "result": result,
        "run": _RUN | (run or {}),
        "faces": [
            {"number": face, "crops": [0.1, None], "speech": "speaks" if face else ""}
            for face in faces
        ],
        "faces_left_out": 0,
        "span": [0.0, 2.0] if faces else None,
        "offsets": "",
    }
    return StoredResult(document)
