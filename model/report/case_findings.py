"""Sentences of a case for readers who do not know the method: what was found, and what was not."""

from collections.abc import Sequence
from dataclasses import dataclass

from avdf.cache.core.missing import NO_AUDIO, NO_PICTURE, missing_note, reason_of
from avdf.cache.shards.inputs_table import OK
from avdf.model.evaluation.run_basis import RunBasis, ValidationRecord
from avdf.model.evaluation.timeline_tables import IntervalRow
from avdf.model.inference.decision import Judgement
from avdf.model.likelihood.likeness_words import ABOUT_RATIO, difference_words
from avdf.model.likelihood.ratio_words import ratio_words
from avdf.model.report.evidence import Evidence
from avdf.model.report.number_text import some_spans
from avdf.model.report.sync_sentence import sync_class
from avdf.model.scoring.rows import VideoScore
from avdf.model.synchrony.offset_words import offset_words
from avdf.model.synchrony.synchrony import OUT_OF_SYNC
from avdf.model.verdicts import REPORT_ORDER, PerVerdict, Verdict

DEFAULT_QUESTION = (
    "Does this file show signs that its picture or its sound was generated or altered, or that "
    "picture and sound do not belong together?"
)
LIMITS = (
    "A score is evidence, not proof. It has to be weighed together with everything else that is "
    "known about the file.",
    "“Real” means that the detector found no sign of a forgery that it knows. It does not mean "
    "that the file is genuine.",
    "A detector can fail on forgeries of a kind that it was not trained on, and on recordings "
    "that differ from its training videos, for instance in language, camera, light or compression.",
    "P(fake) is the estimate of the detector. It is not the probability that the file is fake: "
    "that also depends on where the file comes from and on what else is known.",
    "Of a file with a picture, only the parts in which a face was followed were examined, and only "
    "the face and the sound at that time. What is said, who is shown, and when and where it was "
    "recorded were not examined.",
    "What the file says of itself (times, names of programs, Content Credentials) can be missing "
    "or be written by anybody. It plays no part in the scores.",
)

_SUBJECTS = PerVerdict(
    visual="The frames alone",
    audio="The sound alone",
    video="The video as a whole",
)
_WORDS = {
    "fake": "the detector calls this fake: manipulated or generated",
    "real": "the detector calls this real: it found no sign of a forgery that it knows",
    "unsure": "the detector gives no clear answer: the value lies near the threshold",
}
_MOST_SPANS = 8
_LEAST_GAP = 0.05  # seconds without a face that are worth a line: more than a frame


@dataclass(frozen=True)
class Finding:
    """What was found of one question: a verdict in one word, and sentences that explain it.

    name       `video`, `visual`, `audio` or `sync`
    subject    what was judged, in words
    verdict    as in the tables; '' where none is given
    style      class of the verdict in the style sheet
    sentences  what it means, the number behind it, and how sure it is
    """

    name: str
    subject: str
    verdict: str
    style: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class NotExamined:
    """Something that was not examined, or has no verdict, and why."""

    what: str
    why: str


def make_findings(
    video: VideoScore,
    judgement: Judgement,
    basis: RunBasis,
    intervals: Sequence[IntervalRow],
) -> tuple[Finding, ...]:
    """One finding for each verdict that has a probability; nothing for a file without scores."""
    found = [
        _verdict_finding(name, video, judgement, basis, intervals)
        for name in REPORT_ORDER
        if video.probability[name] is not None
    ]
    calibration = judgement.sync.usable
    if video.sync.probability is not None and calibration is not None:
        found.append(_sync_finding(video, calibration.threshold))
    return tuple(found)


def _verdict_finding(
    name: Verdict,
    video: VideoScore,
    judgement: Judgement,
    basis: RunBasis,
    intervals: Sequence[IntervalRow],
) -> Finding:
    probability, verdict = video.probability[name], video.verdict[name]
    if verdict not in _WORDS:
        return _withheld_finding(name, video, judgement)
    origin = "found on validation videos"
    if judgement.thresholds.is_default(name):
        origin = "the default: validation gave none"
    sentences = [
        f"{_SUBJECTS[name]}: {_WORDS[verdict]}.",
        f"P(fake) is {probability:.3f} on a scale from 0 (real) to 1 (fake). The verdict is fake "
        f"from {judgement.thresholds[name]:.3f} on ({origin}).",
    ]
    if name == "video":
        sentences += _disagreements(video)
    face = video.faces[name]
    if face is not None and (video.faces.count or 0) > 1:
        sentences.append(
            f"{video.faces.count} persons were judged one by one; this is the verdict on face "
            f"{face} (faces.csv)."
        )
    spans = [
        (row.start, row.end)
        for row in intervals
        if row.verdict == name and row.face in (None, face)
    ]
    if spans:
        above = some_spans(spans, _MOST_SPANS)
        sentences.append(f"Over time, P(fake) is above this value at {above}.")
    ratio = video.log10_ratio[name]
    if ratio is not None:
        model = judgement.ratios[name] if judgement.ratios else None
        sentences.append(f"Likelihood ratio: {ratio_words(ratio, model)}.")
        sentences += _other_direction(verdict, ratio)
    sentences += _unlike_sentences(name, video)
    if basis.validation is not None:
        sentences += _record_sentences(basis.validation[name])
    return Finding(name, _SUBJECTS[name], verdict, verdict, tuple(sentences))


def _disagreements(video: VideoScore) -> list[str]:
    """What speaks of a forgery in a file that is real as a whole."""
    if video.verdict.video != "real":
        return []
    found = []
    if video.verdict.visual == "fake":
        found.append("the frames alone are called fake")
    if video.verdict.audio == "fake":
        found.append("the sound alone is called fake")
    if video.sync.verdict == OUT_OF_SYNC:
        found.append("picture and sound are called out of sync")
    if not found:
        return []
    return [
        f"But {' and '.join(found)}, as explained below. Each finding answers a question of its "
        "own: “real” here is no reason to set the others aside."
    ]


def _other_direction(verdict: str, log10_ratio: float) -> list[str]:
    """Where a verdict and its likelihood ratio speak for different things."""
    ratio_says = {"fake": log10_ratio < 0, "real": log10_ratio > 0}
    if not ratio_says.get(verdict, False):
        return []
    return [
        "The verdict and the likelihood ratio point in different directions: the verdict compares "
        "the score with a threshold, the ratio with two groups of videos. Rely on neither alone."
    ]


def _unlike_sentences(name: Verdict, video: VideoScore) -> list[str]:
    """In which respects the file is unlike the videos that the ratio of a verdict rests on."""
    sentences = []
    for one in video.unlike:
        if name in one.verdicts:
            what = "withheld" if one.withholds else "uncertain"
            sentences.append(
                f"The likelihood ratio is {what}, since the file is unlike the validation videos: "
                f"{difference_words(one)}."
            )
    return sentences


def _withheld_finding(
    name: Verdict, video: VideoScore, judgement: Judgement
) -> Finding:
    """Without a verdict, its number must not be read as one: nothing explains it."""
    why = judgement.withheld(video.info.synthetic) or video.reason
    sentences = (
        f"{_SUBJECTS[name]}: no verdict is given. The reason: {why}.",
        f"A number was computed (P(fake) {video.probability[name]:.3f}). It must not be used as a "
        "verdict.",
    )
    return Finding(name, _SUBJECTS[name], "", "", sentences)


def _record_sentences(record: ValidationRecord) -> list[str]:
    """How often the verdict was wrong on videos whose answer is known."""
    parts = []
    if record.real:
        parts.append(
            f"{record.false_alarms} of {record.real} genuine ones were called fake"
        )
    if record.fake:
        parts.append(f"{record.missed} of {record.fake} fake ones were called real")
    if not parts:
        return []
    return [
        f"On the validation videos, {' and '.join(parts)}. The threshold was chosen on the same "
        "videos: expect more errors on others."
    ]


def _sync_finding(video: VideoScore, threshold: float) -> Finding:
    found = video.sync
    subject = "Picture and sound together"
    probability = (
        f"P(they do not belong together) is {found.probability:.3f}; the verdict is out of sync "
        f"from {threshold:.3f} on."
    )
    if not found.verdict:
        first = f"{subject}: no verdict is given."
        probability = (
            f"A number was computed (P(they do not belong together) {found.probability:.3f}). It "
            "must not be used as a verdict."
        )
    else:
        words = offset_words(found)
        first = f"{subject}: {found.verdict}. {words[:1].upper()}{words[1:]}."
    return Finding(
        "sync", subject, found.verdict, sync_class(found.verdict), (first, probability)
    )


def list_not_examined(
    video: VideoScore, judgement: Judgement, evidence: Evidence | None
) -> tuple[NotExamined, ...]:
    """All that was not examined or has no verdict, with the reason."""
    if video.status != OK:
        why = f"{video.reason} (status {video.status})"
        return (NotExamined("The whole file", why),)
    found = []
    for name in REPORT_ORDER:
        if video.probability[name] is None:
            mute = name != "visual" and NO_AUDIO in video.reason
            unseen = missing_note(video.reason, NO_PICTURE)
            why = "the run was not trained for it"
            if mute:
                why = "there is no sound to judge"
            elif name != "audio" and unseen:
                why = f"there is no picture to judge ({reason_of(unseen)})"
            elif video.examined and video.examined not in ("both", _MODALITY[name]):
                why = f"of this file only the {video.examined} was examined"
            found.append(NotExamined(_SUBJECTS[name], why))
        elif not video.verdict[name]:
            why = judgement.withheld(video.info.synthetic) or video.reason
            found.append(NotExamined(f"{_SUBJECTS[name]}: no verdict", why))
    if video.sync.probability is None:
        what = "Whether picture and sound belong together"
        found.append(NotExamined(what, video.sync.note or "they were not compared"))
    # The reason why verdicts are withheld stands beside them already.
    withheld = judgement.withheld(video.info.synthetic)
    for note in video.reason.split("; "):
        # So do the reasons why likelihood ratios are.
        is_ratio = note.startswith(ABOUT_RATIO)
        if note and note != withheld and not is_ratio:
            found.append(NotExamined("Note on the preparation of the file", note))
    gaps = [] if evidence is None else _gaps(evidence)
    if gaps:
        times = some_spans(gaps, _MOST_SPANS)
        why = "no face was followed there: neither frames nor sound were scored"
        found.append(NotExamined(f"The file at {times}", why))
    return tuple(found)


# What a verdict needs, in the words of the column `examined`.
_MODALITY = PerVerdict(visual="picture", audio="sound", video="both")


def _gaps(evidence: Evidence) -> list[tuple[float, float]]:
    """The parts of the file's time in which no face was followed; none of sound alone."""
    gaps: list[tuple[float, float]] = []
    if not evidence.faces:
        return gaps
    covered = evidence.start
    for face in sorted(evidence.faces, key=lambda face: face.start):
        if face.start - covered > _LEAST_GAP:
            gaps.append((covered, face.start))
        covered = max(covered, face.end)
    if evidence.end - covered > _LEAST_GAP:
        gaps.append((covered, evidence.end))
    return gaps
