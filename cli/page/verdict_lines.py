"""The verdicts on one file, as sentences and figures for the page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from avdf.cache.core.missing import NO_AUDIO, NO_PICTURE, missing_note, reason_of

OK = "ok"
NO_VERDICT = "no verdict"
TITLES = {
    "video": "Video as a whole",
    "visual": "Picture alone",
    "audio": "Sound alone",
    "sync": "Picture and sound together",
}
_SUBJECTS = {
    "video": "this video as a whole",
    "visual": "the picture",
    "audio": "the sound",
}
# The class of each verdict in the style sheet.
_CLASSES = {
    "fake": "fake",
    "out of sync": "fake",
    "real": "real",
    "in sync": "real",
    "unsure": "unsure",
}


@dataclass(frozen=True)
class Headline:
    """What is said first of a file.

    word      `fake`, `real`, `unsure` or `no verdict`
    sentence  on what the word is about, or why there is none
    part      `picture` or `sound`, if only that could be examined; else ''
    """

    word: str
    sentence: str
    part: str = ""

    @property
    def title(self) -> str:
        """`Fake`, or `Sound: fake`."""
        if self.part:
            return f"{self.part.capitalize()}: {self.word}"
        return self.word.capitalize()

    @property
    def short(self) -> str:
        """`fake`, or `sound fake`, for a list."""
        return f"{self.part} {self.word}".strip()

    @property
    def kind(self) -> str:
        """The class of the verdict in the style sheet."""
        return _CLASSES.get(self.word, "none")


@dataclass(frozen=True)
class VerdictLine:
    """One of the verdicts on a file.

    name         `video`, `visual`, `audio` or `sync`
    verdict      '' where none is given
    probability  of being fake, or of not belonging together; None where it was not examined
    threshold    from which on it means fake, or out of sync
    is_default   the threshold was not found on any video
    ratio        the likelihood ratio in words; '' where none is given
    why          why it was not examined, or why no verdict is given; '' if one is
    face         the number of the face on which it rests; None where there is only one
    """

    name: str
    verdict: str
    probability: float | None
    threshold: float | None
    is_default: bool = False
    ratio: str = ""
    why: str = ""
    face: int | None = None

    @property
    def title(self) -> str:
        """What the verdict is about."""
        return TITLES[self.name]

    @property
    def short(self) -> str:
        """`picture fake`, for a list; of synchrony the verdict says what it is about."""
        if self.name == "sync":
            return self.verdict
        return f"{_part(self.name)} {self.verdict}"

    @property
    def kind(self) -> str:
        """The class of the verdict in the style sheet."""
        return _CLASSES.get(self.verdict, "none")


def headline(document: Mapping[str, Any]) -> Headline:
    """What is said first: the verdict on the video, or on the only part that could be examined."""
    video = document["result"]["videos"][0]
    if video["status"] != OK:
        reason = video["reason"] or video["status"].replace("_", " ")
        return Headline(NO_VERDICT, _sentence(reason))
    withheld = document["run"]["withheld"]
    if withheld:
        return Headline(NO_VERDICT, _sentence(withheld))
    for line in verdict_lines(document):
        if line.verdict and line.name != "sync":
            part = "" if line.name == "video" else _part(line.name)
            return Headline(line.verdict, _judged(line), part)
    return Headline(NO_VERDICT, "Nothing in this file could be examined.")


def verdict_lines(document: Mapping[str, Any]) -> list[VerdictLine]:
    """The verdicts on a file, the one on the video first."""
    video = document["result"]["videos"][0]
    if video["status"] != OK:
        return []
    ratios = document["run"]["ratios"]
    return [*_line_of_each(document, video, ratios), _sync_line(document, video)]


def face_lines(
    document: Mapping[str, Any], face: Mapping[str, Any]
) -> list[VerdictLine]:
    """The verdicts on one face of a file that shows several; `face`: its line of `faces.csv`."""
    if not face:
        return []
    lines = [*_line_of_each(document, face, {}), _sync_line(document, face)]
    return [line for line in lines if line.probability is not None]


def deciding_face(document: Mapping[str, Any], name: str) -> int | None:
    """The number of the face on which a verdict on the file rests; None where there is only one."""
    if len(document["faces"]) < 2:
        return None
    column = "face" if name == "video" else f"face_{name}"
    number: int | None = document["result"]["videos"][0].get(column)
    return number


def contradictions(document: Mapping[str, Any]) -> list[VerdictLine]:
    """The verdicts that do not go with a file that is `real` by the one that is said first."""
    if headline(document).word != "real":
        return []
    return [line for line in verdict_lines(document) if line.kind == "fake"]


def _part(name: str) -> str:
    """`picture` or `sound`."""
    return _SUBJECTS[name].removeprefix("the ")


def _line_of_each(
    document: Mapping[str, Any],
    video: Mapping[str, Any],
    ratios: Mapping[str, str],
) -> Iterator[VerdictLine]:
    run, thresholds = document["run"], document["result"]["thresholds"]
    reason = document["result"]["videos"][0]["reason"]
    for name in ("video", "visual", "audio"):
        column = "verdict" if name == "video" else f"verdict_{name}"
        probability = video[f"p_{name}"]
        if probability is None:
            why = _why_not_examined(name, reason)
            yield VerdictLine(name, "", None, None, why=why)
            continue
        yield VerdictLine(
            name,
            video[column],
            probability,
            thresholds[name],
            is_default=name in (thresholds["defaults"] or ()),
            ratio=ratios.get(name, ""),
            why="" if video[column] else run["withheld"],
            face=deciding_face(document, name),
        )


def _why_not_examined(name: str, reason: str) -> str:
    """Why a verdict has no probability: something is missing, or the run cannot judge it."""
    no_audio = missing_note(reason, NO_AUDIO)
    no_picture = missing_note(reason, NO_PICTURE)
    if name == "audio" and no_audio:
        return reason_of(no_audio)
    if name == "visual" and no_picture:
        return reason_of(no_picture)
    # The verdict on the video as a whole needs both.
    if name == "video" and (no_audio or no_picture):
        return NO_AUDIO if no_audio else NO_PICTURE
    return "this run was not trained for it"


def _sync_line(document: Mapping[str, Any], video: Mapping[str, Any]) -> VerdictLine:
    calibration = document["result"]["sync_calibration"]
    if video["p_sync"] is None or calibration is None:
        return VerdictLine("sync", "", None, None, why=video["sync_note"])
    return VerdictLine(
        "sync",
        video["verdict_sync"],
        video["p_sync"],
        calibration["threshold"],
        why="" if video["verdict_sync"] else document["run"]["withheld"],
        face=deciding_face(document, "sync"),
    )


def _judged(line: VerdictLine) -> str:
    """A sentence on the verdict that is said first."""
    assert line.probability is not None and line.threshold is not None
    fake_from = f"from {line.threshold:.3f} on, the verdict is fake"
    figures = f"P(fake) is {line.probability:.3f}; {fake_from}."
    subject = _SUBJECTS[line.name]
    if line.verdict == "unsure":
        return f"The detector cannot tell whether {subject} is fake. {figures}"
    return f"The detector judges {subject} to be {line.verdict}. {figures}"


def _sentence(text: str) -> str:
    """A reason as a sentence of its own."""
    whole = text[:1].upper() + text[1:]
    return whole if whole.endswith((".", "!", "?")) else f"{whole}."
