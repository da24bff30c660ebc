"""The result of one person in one file."""

from dataclasses import dataclass

from avdf.model.evaluation.timeline_tables import IntervalRow
from avdf.model.inference.decision import Judgement
from avdf.model.inference.timeline import Timeline
from avdf.model.report.evidence import FaceAppearance
from avdf.model.scoring.face_rows import FaceRow
from avdf.verdict_result import SyncResult, VerdictResult, sync_result, verdict_result


# Compared by identity: what it holds are arrays.
@dataclass(frozen=True, repr=False, eq=False)
class FaceResult:
    """What was found of one person in a file.

    row        the line of `faces.csv`: all that is known of the person
    judgement  how the person was judged
    tracks     the unbroken runs of frames that show the person
    timeline   frame by frame, one for each track
    intervals  where a verdict lies above its threshold, from the timeline
    """

    row: FaceRow
    judgement: Judgement
    tracks: tuple[FaceAppearance, ...] = ()
    timeline: tuple[Timeline, ...] = ()
    intervals: tuple[IntervalRow, ...] = ()

    @property
    def face(self) -> int:
        """The number of the person in the file, from 1."""
        return self.row.face

    @property
    def start(self) -> float:
        """Seconds of the file's own time at which the person is seen first."""
        return self.row.seen.start

    @property
    def end(self) -> float:
        """Seconds of the file's own time at which the person is seen last."""
        return self.row.seen.end

    @property
    def speaks(self) -> str:
        """`yes`, `no`, `cannot be told`, or '' where nobody is seen beside the person."""
        return self.row.speaks

    @property
    def visual(self) -> VerdictResult | None:
        """The verdict on the frames of the person; None where it was not examined."""
        return verdict_result(self.row, "visual", self.judgement)

    @property
    def audio(self) -> VerdictResult | None:
        """The verdict on what is heard while the person is seen."""
        return verdict_result(self.row, "audio", self.judgement)

    @property
    def video(self) -> VerdictResult | None:
        """The verdict on frames and audio together, where the person may speak."""
        return verdict_result(self.row, "video", self.judgement)

    @property
    def sync(self) -> SyncResult | None:
        """Whether lips and sound belong together; None where it was not examined."""
        return sync_result(self.row.sync, self.judgement)

    def __repr__(self) -> str:
        span = f"{self.start:.2f}-{self.end:.2f} s"
        verdicts = f"video {self.video}, visual {self.visual}, audio {self.audio}"
        return f"face {self.face}, {span}: {verdicts}, sync {self.sync}"
