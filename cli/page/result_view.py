"""What the template of a result shows, made from what is stored of a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.core.counted import counted
from avdf.cache.core.missing import NO_AUDIO, NO_PICTURE, missing_note
from avdf.cli.page.job import Job
from avdf.cli.page.stored_result import StoredFace, StoredResult
from avdf.cli.page.time_figure import FigureRow, figure_rows, gaps_between
from avdf.cli.page.upload import size_words
from avdf.cli.page.verdict_lines import (
    OK,
    VerdictLine,
    contradictions,
    deciding_face,
    face_lines,
    headline,
    verdict_lines,
)
from avdf.model.report.number_text import some_spans

_MOST_SPANS = 6
_NONE = "none"  # a stream that a file does not have
_EVIDENCE = (
    "A score is evidence, not proof. A detector that was trained on one kind of forgery can fail "
    "on another, and what is known of the file from elsewhere is not part of it."
)
_SPANS_UNDER_REAL = (
    "above the threshold at {}, but the verdict rests on the score of the whole file, which stays "
    "below. A short forgery, or chance, can look like this"
)


@dataclass(frozen=True)
class Crop:
    """One place of the strip of faces.

    number       of its picture
    time         seconds; None where no face was followed
    probability  P(fake) of the picture at that time; None where there is none
    kind         the class of that score in the style sheet
    """

    number: int
    time: float | None
    probability: float | None
    kind: str


@dataclass(frozen=True)
class FaceView:
    """The timelines of one face.

    number  of the face; 0 where there is only one
    title   `Face 2`, or '' where there is only one
    lines   the verdicts on it, where there are several faces
    words   on when it is seen, and which verdicts on the file rest on it
    """

    number: int
    title: str
    lines: list[VerdictLine]
    words: str
    crops: list[Crop]
    rows: list[FigureRow]


def result_context(job: Job, stored: StoredResult) -> dict[str, Any]:
    """The values of the template, by their names in it."""
    document = stored.document
    lines = verdict_lines(document)
    has_verdict = any(line.verdict for line in lines if line.name != "sync")
    return {
        "job": job,
        "headline": headline(document),
        "contradictions": contradictions(document),
        "parts_above": parts_above(stored, lines),
        "lines": lines,
        "faces": [face_view(stored, face, has_verdict) for face in stored.faces],
        "faces_left_out": faces_left_out(document["faces_left_out"]),
        "span": document["span"],
        "end": stored.end,
        "frame_rate": FRAME_RATE,
        "offsets": Markup(document["offsets"]),
        "readable": bool(stored.file),
        "has_picture": stored.file.get("picture", _NONE) != _NONE,
        "hears_sound": stored.video["examined"] != "picture",
        "not_examined": not_examined(stored),
        "remarks": remarks(stored),
        "basis": basis(stored),
        "weights_note": stored.run["weights_note"],
        "evidence": _EVIDENCE,
        "facts": facts(job, stored),
    }


def parts_above(stored: StoredResult, lines: Sequence[VerdictLine]) -> str:
    """Where the verdict that is said first lies above its threshold though it is `real`; or ''."""
    given = [line for line in lines if line.verdict]
    if not given or given[0].verdict != "real":
        return ""
    return some_spans(_spans(stored, given[0].name), _MOST_SPANS)


def face_view(stored: StoredResult, face: StoredFace, has_verdict: bool) -> FaceView:
    """The timelines of one face, with its strip of crops."""
    row = face.row
    words = []
    if row:
        words.append(f"seen from {row['start']:.2f} to {row['end']:.2f} s")
        if face.speech:
            words.append(face.speech)
        if row["decides"]:
            words.append(f"the file's verdict on {row['decides']} rests on it")
        if row["note"]:
            words.append(row["note"])
    return FaceView(
        number=face.number,
        title=f"Face {face.number}" if face.number else "",
        lines=face_lines(stored.document, row) if face.number else [],
        words="; ".join(words) if face.number else "",
        crops=crops(stored, face, has_verdict),
        rows=figure_rows(stored, face, has_verdict),
    )


def faces_left_out(count: int) -> str:
    """That some faces are not drawn; '' where all are."""
    if not count:
        return ""
    are = "is" if count == 1 else "are"
    return f"{counted(count, 'more face')} {are} judged and not shown here"


def crops(stored: StoredResult, face: StoredFace, has_verdict: bool) -> list[Crop]:
    """The strip of one face, each crop with the score of the picture at its time."""
    threshold = stored.result["thresholds"]["visual"]
    found = []
    for number, time in enumerate(face.crops):
        probability = None if time is None else _value_at(face, "p_visual", time)
        kind = "none"
        if probability is not None and has_verdict:
            kind = "fake" if probability >= threshold else "real"
        found.append(Crop(number, time, probability, kind))
    return found


def not_examined(stored: StoredResult) -> list[str]:
    """What was not examined, each with its reason."""
    found = [
        f"{line.title}: {line.why}"
        for line in verdict_lines(stored.document)
        if line.probability is None
    ]
    gaps = gaps_between(stored.tracks, stored.end) if stored.tracks else []
    if gaps:
        spans = some_spans(gaps, _MOST_SPANS)
        found.append(f"{spans}: no face was followed there")
    return found


def remarks(stored: StoredResult) -> list[str]:
    """Reasons to read the verdicts with care."""
    found = []
    video = stored.video
    said = [NO_AUDIO, NO_PICTURE]
    # That a stream is missing stands among what was not examined.
    is_said = any(missing_note(video["reason"], one) == video["reason"] for one in said)
    if video["status"] == OK and video["reason"] and not is_said:
        found.append(video["reason"])
    # Verdicts that lie above their thresholds at the same times share a sentence.
    titles: dict[str, list[str]] = {}
    for line in verdict_lines(stored.document):
        spans = _spans(stored, line.name)
        if spans and line.verdict == "real":
            titles.setdefault(some_spans(spans, _MOST_SPANS), []).append(line.title)
    for where, names in titles.items():
        found.append(f"{', '.join(names)}: {_SPANS_UNDER_REAL.format(where)}")
    return [*found, *stored.result["notes"]]


def _spans(stored: StoredResult, verdict: str) -> list[tuple[float, float]]:
    """Where a verdict lies above its threshold, on the face on which it rests."""
    found = [one for one in stored.intervals if one["verdict"] == verdict]
    face = deciding_face(stored.document, verdict)
    if face is not None:
        found = [one for one in found if one["face"] == face]
    return [(one["start"], one["end"]) for one in found]


def basis(stored: StoredResult) -> list[tuple[str, str]]:
    """What the verdicts rest on: titles with sentences."""
    run, result = stored.run, stored.result
    found = [
        ("Run", f"{run['name']}, checkpoint of epoch {run['epoch']}"),
        ("Training and weights", result["rests_on"].removeprefix("Rests on ")),
        ("On its validation videos", run["validation"]),
        ("Thresholds", _threshold_words(result["thresholds"])),
    ]
    support = _support(run["ratio_support"])
    if support:
        found.append(("Likelihood ratio", run["ratio_meaning"].partition(": ")[2]))
        found += [("Support for ratios", words) for words in support]
        found.append(("Likeness to the validation videos", run["ratio_compared"]))
    if run["sync_basis"]:
        found.append(("Synchrony", run["sync_basis"].removeprefix("synchrony: ")))
    found += [("Limit of this run", note) for note in result["run_notes"]]
    return found


def facts(job: Job, stored: StoredResult) -> list[tuple[str, str]]:
    """What is known of the file itself."""
    file = stored.file
    found = [("Size", size_words(job.size))]
    names = {"duration": "Length", "picture": "Picture", "sound": "Sound"}
    names |= {"container": "Container", "sha256": "SHA-256"}
    for key, title in names.items():
        value = file.get(key)
        if value:
            words = f"{value:.2f} s" if key == "duration" else str(value)
            found.append((title, words))
    return found


def _support(by_verdict: dict[str, str]) -> list[str]:
    """What likelihood ratios rest on, once where it is the same for several verdicts."""
    verdicts: dict[str, list[str]] = {}
    for name, words in by_verdict.items():
        verdicts.setdefault(words, []).append(name)
    return [f"{' and '.join(names)}: {words}" for words, names in verdicts.items()]


def _threshold_words(thresholds: dict[str, Any]) -> str:
    """`video 0.705, visual 0.540, audio 0.500 (default)`."""
    parts = []
    for name in ("video", "visual", "audio"):
        default = name in (thresholds["defaults"] or ())
        parts.append(f"{name} {thresholds[name]:.3f}{' (default)' if default else ''}")
    return ", ".join(parts)


def _value_at(face: StoredFace, name: str, time: float) -> float | None:
    """The value of a column at a time; None where there is none."""
    for timeline in face.timelines:
        column: Sequence[float | None] = timeline.get(name, ())
        # A small margin, since times are rounded to hundredths of a second.
        index = int((time - timeline["start"]) * timeline["frames_per_second"] + 0.01)
        if 0 <= index < len(column) and time >= timeline["start"] - 0.01:
            return column[index]
    return None
