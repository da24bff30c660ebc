"""What is stored of a scored file, for the page to show: the result as JSON, and pictures."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import simplejpeg
from markupsafe import Markup

from avdf.cli.page.messages import Found, Task
from avdf.cli.page.run_name import run_name
from avdf.cli.page.stored_result import DOCUMENT_FILE, MEL_FILE, crop_file
from avdf.cli.page.verdict_lines import contradictions, headline
from avdf.model.evaluation.metrics_document import weights_note
from avdf.model.likelihood.likeness_words import compared_words
from avdf.model.likelihood.ratio_words import PROPOSITIONS, ratio_words, support_words
from avdf.model.report.evidence import Evidence
from avdf.model.report.mel_image import mel_image
from avdf.model.scoring.face_rows import (
    MOST_SHOWN,
    FaceRow,
    most_important,
    speech_words,
)
from avdf.model.verdicts import REPORT_ORDER
from avdf.result_text import describe_validation
from avdf.results import ScoreResult, VideoResult
from avdf.runs import Run

_MEL_SIZE = (1600, 160)  # pixels: width, height
_QUALITY = 88  # of JPEG


def store_result(run: Run, result: ScoreResult, task: Task) -> Found:
    """Store the result of one file in its folder; returns what the list of files says of it."""
    document = {
        "result": _renamed(result.as_dict(), task),
        "run": _about_run(run, result),
        "offsets": _offsets(result),
        **_store_pictures(result[0], task.folder),
    }
    path = task.folder / DOCUMENT_FILE
    path.write_text(json.dumps(document), encoding="utf-8")
    others = ", ".join(line.short for line in contradictions(document))
    return Found(headline(document).short, others)


def _renamed(document: dict[str, Any], task: Task) -> dict[str, Any]:
    """The result with the name that the user knows, instead of where the file is stored."""
    for video in document["videos"]:
        for column, value in video.items():
            if column != "id" and isinstance(value, str):
                video[column] = task.renamed(value)
    document["notes"] = [task.renamed(note) for note in document["notes"]]
    for facts in document["files"].values():
        facts["path"] = task.name
    return document


def _about_run(run: Run, result: ScoreResult) -> dict[str, Any]:
    """What a verdict rests on, beside what the result says of it."""
    info, judgement = run.info, result.judgement
    calibration = judgement.sync.calibration
    ratios = judgement.ratios
    support, words = {}, {}
    if ratios is not None:
        for name in REPORT_ORDER:
            model, value = ratios[name], result[0].row.log10_ratio[name]
            support[name] = support_words(model)
            if value is not None:
                words[name] = ratio_words(value, model)
    return {
        "name": run_name(run.folder),
        "epoch": info.epoch,
        "validation": describe_validation(dict(info.validation)),
        "weights_note": weights_note(info.backbones),
        "withheld": judgement.withheld(result[0].row.info.synthetic),
        "ratio_meaning": PROPOSITIONS,
        "ratio_support": support,
        "ratio_compared": compared_words(judgement.reference),
        "ratios": words,
        "sync_basis": judgement.sync.basis,
        "sync_threshold": calibration.sync_at_threshold if calibration else None,
    }


def _offsets(result: ScoreResult) -> Markup:
    """The offset curve as an SVG element; '' where synchrony was not examined."""
    sync = result[0].row.sync
    if not sync.examined:
        return Markup("")
    # Its colours come from a module that imports matplotlib, which takes most of a second.
    from avdf.model.report.offset_figure import draw_offsets

    return draw_offsets(sync)


def _store_pictures(video: VideoResult, folder: Path) -> dict[str, Any]:
    """Crops and spectrogram as files; returns what they show.

    `faces`: for each face that is shown its number (0 where there is only one), the seconds of its
    crops, and whether it speaks; `faces_left_out`: how many more there are; `span`: start and end
    of what crops and spectrogram cover.
    """
    evidence = video.evidence
    if evidence is None:
        return {"faces": [], "faces_left_out": 0, "span": None}
    shown = shown_faces(evidence, video.face_rows)
    speech = {row.face: speech_words(row.speaks) for row in video.face_rows}
    faces = [
        {
            "number": number,
            "crops": _store_crops(one, number, folder),
            "speech": speech.get(number, ""),
        }
        for number, one in shown.items()
    ]
    mel = simplejpeg.encode_jpeg(mel_image(evidence, *_MEL_SIZE), quality=_QUALITY)
    (folder / MEL_FILE).write_bytes(mel)
    left_out = max(len(evidence.by_face), 1) - len(shown)
    return {
        "faces": faces,
        "faces_left_out": left_out,
        "span": [evidence.start, evidence.end],
    }


def shown_faces(evidence: Evidence, rows: Sequence[FaceRow]) -> dict[int, Evidence]:
    """What is seen of each face that is shown, by its number; under 0 where there is only one."""
    if not evidence.by_face:
        return {0: evidence}
    numbers = [row.face for row in most_important(rows)[:MOST_SHOWN]]
    return {number: evidence.by_face[number] for number in numbers}


def _store_crops(evidence: Evidence, face: int, folder: Path) -> list[float | None]:
    """The crops of one face as files; returns their seconds, None where it was not followed."""
    times: list[float | None] = []
    for number, time in enumerate(evidence.times):
        if math.isnan(time):
            times.append(None)
            continue
        times.append(time)
        encoded = simplejpeg.encode_jpeg(evidence.crops[number], quality=_QUALITY)
        (folder / crop_file(face, number)).write_bytes(encoded)
    return times
