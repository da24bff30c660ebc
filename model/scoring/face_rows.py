"""The lines of `faces.csv`: what is known of each person in a file, and how each was judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from avdf.model.likelihood.difference import Difference
from avdf.model.scoring.probabilities import NO_VERDICTS, NOT_SCORED, Probabilities
from avdf.model.scoring.seen_face import SeenFace
from avdf.model.synchrony.synchrony import NOT_COMPARED, Synchrony
from avdf.model.verdicts import PerVerdict

SPEAKS, SILENT, UNTOLD = "yes", "no", "cannot be told"


@dataclass(frozen=True)
class FaceRow:
    """A line of `faces.csv`: one person in one video.

    id           of the video
    seen         when and where the face was seen
    probability  P(fake) of each verdict: visual of its frames, audio of what is heard while it is
                 seen, video of the segments in which it may speak
    verdict      `real`, `fake`, `unsure`, or '' where none is given
    distance     mean cosine distance of frames and audio where it may speak
    sync         whether its lips and the sound belong together
    log10_ratio  log10 of the likelihood ratio of each verdict; None where none is given
    segments     how many segments were scored
    voiced       how many of them the verdict on the video and synchrony rest on: the sound may be
                 its voice
    speaks       `yes`, `no`, `cannot be told`, or '' where nobody is seen beside it
    decides      which verdicts on the video rest on this face: `video, visual`; '' for none
    note         what to bear in mind when reading the row
    unlike       in which respects it is unlike the videos that likelihood ratios rest on
    """

    id: str
    seen: SeenFace
    probability: Probabilities = NOT_SCORED
    verdict: PerVerdict[str] = NO_VERDICTS
    distance: float | None = None
    sync: Synchrony = NOT_COMPARED
    log10_ratio: Probabilities = NOT_SCORED
    segments: int = 0
    voiced: int = 0
    speaks: str = ""
    decides: str = ""
    note: str = ""
    unlike: tuple[Difference, ...] = ()

    @property
    def face(self) -> int:
        """The number of the face in its video, from 1."""
        return self.seen.face


# Of one video: a line or a figure for each of a hundred would hide those that matter.
MOST_SHOWN = 8


def most_important(rows: Sequence[FaceRow]) -> list[FaceRow]:
    """The same rows, those on which a verdict rests first, then those that are seen longest."""
    return sorted(rows, key=lambda row: (not row.decides, -row.segments, row.face))


def places_of(rows: Sequence[FaceRow]) -> dict[int, str]:
    """Where each face of one video is, by its number: `left`, or `number 3 of 4 from the left`.

    Empty where such a word does not tell them apart: there is one face, the middle of one lies in
    the square of another, or they are not all seen at one time.
    """
    ordered = sorted(rows, key=lambda row: row.seen.middle)
    apart = all(
        one.seen.x2 < other.seen.middle and one.seen.middle < other.seen.x1
        for one, other in pairwise(ordered)
    )
    first_end = min((row.seen.end for row in rows), default=0.0)
    together = all(row.seen.start < first_end for row in rows)
    if len(ordered) < 2 or not (apart and together):
        return {}
    names = {2: ("left", "right"), 3: ("left", "middle", "right")}.get(len(ordered))
    if names is None:
        count = len(ordered)
        names = tuple(
            f"number {n} of {count} from the left" for n in range(1, count + 1)
        )
    return {row.face: name for row, name in zip(ordered, names, strict=True)}


def speech_words(speaks: str) -> str:
    """The column `speaks` as a predicate: `does not speak`; '' where it is empty."""
    words = {
        SPEAKS: "speaks",
        SILENT: "does not speak",
        UNTOLD: "cannot be told to speak or not to speak",
    }
    return words.get(speaks, "")


# The columns of `faces.csv`, in their order, and where the value of each stands in a row.
FACE_COLUMNS = {
    "id": "id",
    "face": "seen.face",
    "start": "seen.start",
    "end": "seen.end",
    "share": "seen.share",
    "tracks": "seen.tracks",
    "x1": "seen.x1",
    "y1": "seen.y1",
    "x2": "seen.x2",
    "y2": "seen.y2",
    "segments": "segments",
    "p_visual": "probability.visual",
    "p_audio": "probability.audio",
    "p_video": "probability.video",
    "verdict": "verdict.video",
    "verdict_visual": "verdict.visual",
    "verdict_audio": "verdict.audio",
    "distance": "distance",
    "speaks": "speaks",
    "sync": "sync.sync",
    "sync_depth": "sync.depth",
    "offset_ms": "sync.offset_ms",
    "p_sync": "sync.probability",
    "verdict_sync": "sync.verdict",
    "sync_note": "sync.note",
    "log10_lr_visual": "log10_ratio.visual",
    "log10_lr_audio": "log10_ratio.audio",
    "log10_lr_video": "log10_ratio.video",
    "decides": "decides",
    "note": "note",
}
