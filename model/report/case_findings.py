"""Sentences of a case for readers who do not know the method: what was found, and how sure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from avdf.model.evaluation.run_basis import RunBasis, ValidationRecord
from avdf.model.evaluation.timeline_tables import IntervalRow
from avdf.model.inference.decision import Judgement
from avdf.model.likelihood.likeness_words import difference_words
from avdf.model.likelihood.ratio_words import frequency_words, ratio_words
from avdf.model.report.case_words import MOST_SPANS, SUBJECTS, SYNC_SUBJECT
from avdf.model.report.number_text import some_spans, told_apart
from avdf.model.report.sync_sentence import sync_class
from avdf.model.scoring.face_rows import FaceRow, places_of, speech_words
from avdf.model.scoring.rows import VideoScore
from avdf.model.synchrony.offset_words import offset_words
from avdf.model.synchrony.synchrony import OUT_OF_SYNC, UNSURE, Synchrony
from avdf.model.verdicts import REPORT_ORDER, Verdict

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
    "the face and the sound at that time. What is said, who is shown, whose voice it is, and when "
    "and where it was recorded were not examined.",
    "What the file says of itself (times, names of programs, Content Credentials) can be missing "
    "or be written by anybody. It plays no part in the scores.",
)

_WORDS = {
    "fake": "The detector calls this fake: manipulated or generated",
    "real": "The detector calls this real: it found no sign of a forgery that it knows",
    "unsure": "The detector gives no clear answer: the value lies near the threshold",
}
_MOST_FACES = 4  # other persons that one sentence names


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


def make_findings(
    video: VideoScore,
    judgement: Judgement,
    basis: RunBasis,
    intervals: Sequence[IntervalRow],
    faces: Sequence[FaceRow] = (),
) -> tuple[Finding, ...]:
    """One finding for each verdict that has a probability; nothing for a file without scores.

    Args:
        intervals: where verdicts lie above their thresholds.
        faces: the persons in the file; one or none where nobody has to be told apart.
    """
    found = [
        _verdict_finding(name, video, judgement, basis, intervals, faces)
        for name in REPORT_ORDER
        if video.probability[name] is not None
    ]
    if video.sync.probability is not None and judgement.sync.usable is not None:
        found.append(_sync_finding(video, judgement, faces))
    return tuple(found)


def _verdict_finding(
    name: Verdict,
    video: VideoScore,
    judgement: Judgement,
    basis: RunBasis,
    intervals: Sequence[IntervalRow],
    faces: Sequence[FaceRow],
) -> Finding:
    if video.verdict[name] not in _WORDS:
        return _withheld_finding(name, video, judgement)
    sentences = [
        *_verdict_sentences(name, video, judgement),
        *(_disagreements(video) if name == "video" else []),
        *_face_sentences(name, video, faces),
        *_span_sentences(name, video, intervals),
        *_ratio_sentences(name, video, judgement),
        *_unlike_sentences(name, video),
    ]
    if basis.validation is not None:
        sentences += _record_sentences(basis.validation[name])
    verdict = video.verdict[name]
    return Finding(name, SUBJECTS[name], verdict, verdict, tuple(sentences))


def _verdict_sentences(
    name: Verdict, video: VideoScore, judgement: Judgement
) -> list[str]:
    """The verdict, and the score and the limit that it comes from."""
    score, limit = told_apart(
        video.probability[name] or 0.0, judgement.thresholds[name]
    )
    origin = "that limit was found on validation videos, whose origin is known"
    if judgement.thresholds.is_default(name):
        origin = "that limit is the default, since validation gave none"
    return [
        f"{_WORDS[video.verdict[name]]}.",
        f"The detector's score, P(fake), is {score} on a scale from 0 (real) to 1 (fake). Scores "
        f"from {limit} on count as fake for this detector; {origin}.",
    ]


def _face_sentences(
    name: Verdict, video: VideoScore, faces: Sequence[FaceRow]
) -> list[str]:
    """Of several persons: whom the verdict is about, and who else is called fake."""
    deciding = video.faces[name]
    if deciding is None or len(faces) < 2:
        return []
    places = places_of(faces)
    by_number = {row.face: row for row in faces}
    whom = f"face {deciding}"
    if deciding in by_number:
        whom = _face_words(by_number[deciding], places)
    # The sound is the same for all who are seen at one time: it is about nobody of them by itself.
    if name == "audio":
        return [
            f"This result is about the sound and about none of the {len(faces)} persons: whose "
            "voice it is was not examined."
        ]
    sentences = [
        f"This result is about {whom}. {len(faces)} persons were judged one by one; the technical "
        "part and faces.csv have all of them."
    ]
    others = [
        row for row in faces if row.face != deciding and row.verdict[name] == "fake"
    ]
    if others and video.verdict[name] != "fake":
        words = [
            f"{_face_words(row, places)}, with a score of {row.probability[name]:.3f}"
            for row in others[:_MOST_FACES]
        ]
        more = len(others) - len(words)
        if more > 0:
            words.append(f"{more} more, in faces.csv")
        sentences.append(
            f"But of other persons it says fake: {' and '.join(words)}. The result above does not "
            "speak for them."
        )
    return sentences


def _face_words(row: FaceRow, places: Mapping[int, str]) -> str:
    """`face 2 (right, does not speak, seen at 0.00-3.20 s)`."""
    seen = f"seen from {row.seen.start:.2f} to {row.seen.end:.2f} s"
    speech = speech_words(row.speaks)
    known = [part for part in (places.get(row.face, ""), speech, seen) if part]
    return f"face {row.face} ({', '.join(known)})"


def _span_sentences(
    name: Verdict, video: VideoScore, intervals: Sequence[IntervalRow]
) -> list[str]:
    """When the score is above the limit, and how that goes with `real` for the whole."""
    face = video.faces[name]
    spans = [
        (row.start, row.end)
        for row in intervals
        if row.verdict == name and row.face in (None, face)
    ]
    if not spans:
        return []
    sentence = (
        f"Over time, the score is above this limit at {some_spans(spans, MOST_SPANS)}."
    )
    if video.verdict[name] == "real":
        sentence += (
            " Over all segments of 0.64 s together it is below, so that the verdict is real. A "
            "short forgery, or chance, can look like this."
        )
    return [sentence]


def _ratio_sentences(
    name: Verdict, video: VideoScore, judgement: Judgement
) -> list[str]:
    """How much more the score speaks for one side, in plain words and as a ratio."""
    ratio = video.log10_ratio[name]
    if ratio is None:
        return []
    model = judgement.ratios[name] if judgement.ratios else None
    return [
        f"{frequency_words(ratio)} Likelihood ratio: {ratio_words(ratio, model)}.",
        *_other_direction(video.verdict[name], ratio),
    ]


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
    differences = [one for one in video.unlike if name in one.verdicts]
    if not differences:
        return []
    withheld = any(one.withholds for one in differences)
    strength = "cannot be stated" if withheld else "is uncertain"
    respects = ", and ".join(difference_words(one) for one in differences)
    return [
        f"How strongly this score speaks for either side {strength}, because the file is unlike "
        f"the validation videos: {respects}."
    ]


def _withheld_finding(
    name: Verdict, video: VideoScore, judgement: Judgement
) -> Finding:
    """Without a verdict, its number must not be read as one: nothing explains it."""
    why = judgement.withheld(video.info.synthetic) or video.reason
    sentences = (
        f"{SUBJECTS[name]}: no verdict is given. The reason: {why}.",
        f"A number was computed (P(fake) {video.probability[name]:.3f}). It must not be used as a "
        "verdict.",
    )
    return Finding(name, SUBJECTS[name], "", "", sentences)


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


def _above_words(found: Synchrony) -> str:
    """What a score above the limit means."""
    if found.verdict == UNSURE and found.fits_as_it_is:
        return (
            "count as out of sync. But the sound fits best where it is, and these two "
            "contradict each other"
        )
    return "count as out of sync"


def _sync_finding(
    video: VideoScore, judgement: Judgement, faces: Sequence[FaceRow]
) -> Finding:
    """Whether picture and sound belong together, and how often the run is right on that."""
    found, calibration = video.sync, judgement.sync.usable
    threshold = calibration.threshold if calibration is not None else 0.5
    score, limit = told_apart(found.probability or 0.0, threshold)
    if not found.verdict:
        why = found.note or judgement.withheld(video.info.synthetic) or video.reason
        sentences = [
            f"{SYNC_SUBJECT}: no verdict is given. The reason: {why}.",
            f"A number was computed (P(they do not belong together) {score}). It must not be used "
            "as a verdict.",
        ]
    else:
        words = offset_words(found)
        sentences = [
            f"{SYNC_SUBJECT}: {found.verdict}. {words[:1].upper()}{words[1:]}.",
            f"The detector's score, P(they do not belong together), is {score}. Scores from "
            f"{limit} on {_above_words(found)}.",
        ]
        speaker = next((row for row in faces if row.face == video.faces.sync), None)
        if speaker is not None and len(faces) > 1:
            sentences.append(
                f"It was judged on {_face_words(speaker, places_of(faces))}."
            )
        basis = judgement.sync.basis
        if basis:
            sentences.append(f"{basis[:1].upper()}{basis[1:]}.")
    return Finding(
        "sync", SYNC_SUBJECT, found.verdict, sync_class(found.verdict), tuple(sentences)
    )
