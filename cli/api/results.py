"""Results of scoring: a sequence of videos, each with its verdicts, and the figures of them all."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, overload

from avdf.cache.core.counted import counted
from avdf.cache.core.errors import OneVideoError
from avdf.cache.core.file_facts import FileFacts
from avdf.cache.core.safe_text import printable
from avdf.cache.shards.inputs_table import OK
from avdf.face_result import FaceResult
from avdf.model.evaluation.evaluate import Evaluation
from avdf.model.evaluation.timeline_tables import IntervalRow, interval_rows
from avdf.model.inference.decision import Judgement
from avdf.model.inference.timeline import Timeline
from avdf.model.report.evidence import Evidence, FaceAppearance
from avdf.model.scoring.face_rows import FaceRow
from avdf.model.scoring.rows import ScoredVideos, SegmentRow, VideoScore
from avdf.model.verdicts import Verdict
from avdf.result_document import result_document
from avdf.result_text import (
    figures_text,
    files_text,
    video_text,
)
from avdf.verdict_result import SyncResult, VerdictResult, sync_result, verdict_result


# Compared by identity: what it holds are arrays.
@dataclass(frozen=True, repr=False, eq=False)
class VideoResult:
    """What was found in one video.

    row        the line of `videos.csv`: all that is known of the video
    judgement  how it was judged
    segments   lines of `segments.csv`: one for each segment of 0.64 s
    timeline   frame by frame, one for each face track; empty where no timeline was asked for
    intervals  where a verdict lies above its threshold, from the timeline
    evidence   crops, log-mel and faces of a file; None for a video of shards
    face_rows  lines of `faces.csv`: one for each person; empty for a video of shards
    """

    row: VideoScore
    judgement: Judgement
    segments: tuple[SegmentRow, ...] = ()
    timeline: tuple[Timeline, ...] = ()
    intervals: tuple[IntervalRow, ...] = ()
    evidence: Evidence | None = None
    face_rows: tuple[FaceRow, ...] = ()

    @property
    def id(self) -> str:
        """Unique among the videos that were scored."""
        return self.row.info.id

    @property
    def path(self) -> str:
        """The file."""
        return self.row.info.path

    @property
    def status(self) -> str:
        """`ok`: probabilities were computed; else why not: `no_face`, `no_video`, `corrupt`, ..."""
        return self.row.status

    @property
    def reason(self) -> str:
        """More on the status, or what to bear in mind when reading the verdicts."""
        return self.row.reason

    @property
    def visual(self) -> VerdictResult | None:
        """The verdict on the frames alone; None where it was not examined."""
        return self._verdict("visual")

    @property
    def audio(self) -> VerdictResult | None:
        """The verdict on the audio alone; None where it was not examined."""
        return self._verdict("audio")

    @property
    def video(self) -> VerdictResult | None:
        """The verdict on the video as a whole; None where it was not examined."""
        return self._verdict("video")

    @property
    def sync(self) -> SyncResult | None:
        """Whether picture and sound belong together; None where it was not examined."""
        return sync_result(self.row.sync, self.judgement)

    @cached_property
    def faces(self) -> tuple[FaceResult, ...]:
        """The persons whom the file shows; empty for a video of shards."""
        return tuple(
            FaceResult(
                row=row,
                judgement=self.judgement,
                tracks=self._tracks_of(row.face),
                timeline=tuple(one for one in self.timeline if one.face == row.face),
                intervals=tuple(one for one in self.intervals if one.face == row.face),
            )
            for row in self.face_rows
        )

    def _tracks_of(self, face: int) -> tuple[FaceAppearance, ...]:
        tracks = self.evidence.faces if self.evidence else ()
        return tuple(track for track in tracks if track.face == face)

    def _verdict(self, name: Verdict) -> VerdictResult | None:
        return verdict_result(self.row, name, self.judgement)

    def __repr__(self) -> str:
        # One line, whatever the file is called.
        path = printable(self.path)
        if self.status != OK:
            return f"{path}: no verdict ({self.status}): {self.reason}"
        verdicts = f"video {self.video}, visual {self.visual}, audio {self.audio}"
        return f"{path}: {verdicts}, sync {self.sync}"

    def __str__(self) -> str:
        return video_text(
            self.row,
            self.judgement,
            self.intervals,
            self.evidence,
            self.face_rows,
            self.segments,
        )


@dataclass(frozen=True, repr=False, eq=False)
class ScoreResult(Sequence[VideoResult]):
    """The videos that were scored, in order, and the figures of them all.

    The result of a single file can be asked directly: `result.video` is `result[0].video`.

    scores      the tables: a row for every video and every segment, timelines, the protocol
    evaluation  figures of the three verdicts where labels are known
    judgement   how the videos were judged
    evidence    crops, log-mel and faces of each file, by id
    command     the command line, where there was one
    facts       codecs, length and hash of each file when it was scored, by id; of shards none
    of_files    whether files were scored, not shards
    """

    scores: ScoredVideos
    evaluation: Evaluation
    judgement: Judgement
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    command: str = ""
    facts: Mapping[str, FileFacts] = field(default_factory=dict)
    of_files: bool = False

    @cached_property
    def _videos(self) -> tuple[VideoResult, ...]:
        # Rows of all videos are in two tables: each is sorted into its videos in one pass.
        segments: dict[str, list[SegmentRow]] = {}
        for segment in self.scores.segments:
            segments.setdefault(segment.id, []).append(segment)
        intervals: dict[str, list[IntervalRow]] = {}
        for interval in interval_rows(self.scores, self.judgement):
            intervals.setdefault(interval.id, []).append(interval)
        faces: dict[str, list[FaceRow]] = {}
        for face in self.scores.faces:
            faces.setdefault(face.id, []).append(face)
        return tuple(
            VideoResult(
                row=row,
                judgement=self.judgement,
                segments=tuple(segments.get(row.info.id, ())),
                timeline=self.scores.timelines.get(row.info.id, ()),
                intervals=tuple(intervals.get(row.info.id, ())),
                evidence=self.evidence.get(row.info.id),
                face_rows=tuple(faces.get(row.info.id, ())),
            )
            for row in self.scores.videos
        )

    @property
    def complete(self) -> bool:
        """Whether every video has scores and, of files, no verdict is withheld."""
        scored = self.scores.scored
        # Whoever scores a file wants its verdict; of shards, the figures are what is asked for.
        withheld = any(
            self.judgement.withheld(video.info.synthetic) for video in scored
        )
        return len(scored) == len(self) and not (self.of_files and withheld)

    @property
    def id(self) -> str:
        """Of the only video: its id."""
        return self._only.id

    @property
    def path(self) -> str:
        """Of the only video: its file."""
        return self._only.path

    @property
    def row(self) -> VideoScore:
        """Of the only video: the line of `videos.csv`."""
        return self._only.row

    @property
    def intervals(self) -> tuple[IntervalRow, ...]:
        """Of the only video: where a verdict lies above its threshold."""
        return self._only.intervals

    @property
    def status(self) -> str:
        """Of the only video: `ok`, or why there are no probabilities."""
        return self._only.status

    @property
    def reason(self) -> str:
        """Of the only video: more on its status."""
        return self._only.reason

    @property
    def visual(self) -> VerdictResult | None:
        """Of the only video: the verdict on the frames alone."""
        return self._only.visual

    @property
    def audio(self) -> VerdictResult | None:
        """Of the only video: the verdict on the audio alone."""
        return self._only.audio

    @property
    def video(self) -> VerdictResult | None:
        """Of the only video: the verdict on the video as a whole."""
        return self._only.video

    @property
    def sync(self) -> SyncResult | None:
        """Of the only video: whether frames and audio belong together in time."""
        return self._only.sync

    @property
    def segments(self) -> tuple[SegmentRow, ...]:
        """Lines of `segments.csv`, of all videos."""
        return self.scores.segments

    @property
    def timeline(self) -> tuple[Timeline, ...]:
        """Of the only video: frame by frame, one for each face track."""
        return self._only.timeline

    @property
    def faces(self) -> tuple[FaceResult, ...]:
        """Of the only video: the persons whom it shows."""
        return self._only.faces

    @property
    def _only(self) -> VideoResult:
        # A folder with one file may have two tomorrow: the error says how to take one.
        if len(self) != 1:
            raise OneVideoError(
                f"this result has {counted(len(self), 'video')}; "
                "take one of them first, as in result[0].video"
            )
        return self[0]

    def as_json(self) -> str:
        """Everything as JSON: videos, files, segments, timelines, intervals, faces, metrics."""
        document = result_document(
            self.scores,
            self.evaluation,
            self.judgement,
            self.evidence,
            self.facts,
            self.command,
        )
        return json.dumps(document, indent=1)

    def as_dict(self) -> dict[str, Any]:
        """What `as_json` gives, as dictionaries, lists, texts, numbers, truth values and None."""
        # Read back from the JSON, so that it holds no tuples and no types of numpy, and never
        # differs from what the command prints.
        document: dict[str, Any] = json.loads(self.as_json())
        return document

    @overload
    def __getitem__(self, index: int) -> VideoResult: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[VideoResult]: ...
    def __getitem__(self, index: int | slice) -> VideoResult | Sequence[VideoResult]:
        return self._videos[index]

    def __len__(self) -> int:
        return len(self.scores.videos)

    def __iter__(self) -> Iterator[VideoResult]:
        return iter(self._videos)

    def __repr__(self) -> str:
        if len(self) == 1:
            return repr(self[0])
        return f"{len(self.scores.scored)} of {counted(len(self), 'video')} scored"

    def __str__(self) -> str:
        if self.of_files:
            return files_text(self.scores, self.judgement, self.evidence)
        return figures_text(self.scores, self.evaluation, self.judgement)
