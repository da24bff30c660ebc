"""What is known of each video that is scored, beside its scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from avdf.cache.core.video import PreparedVideo, VideoInfo
from avdf.cache.core.video_measures import VideoMeasures
from avdf.cache.shards.inputs_table import preparation_notes
from avdf.cache.stream.index import VideoRef
from avdf.cache.stream.measured_videos import face_measures, measures_in_shards
from avdf.cache.stream.silence import silence_in_shards, silence_of, silent_rows
from avdf.model.inference.segments import or_none
from avdf.model.protocols import Assignment
from avdf.model.scoring.seen_face import SeenFace, seen_faces


@dataclass(frozen=True)
class Subject:
    """A video that is scored.

    info       what the dataset says of it, with the split that the protocol assigned
    has_audio  False where none of its audio is louder than -60 dB
    silence    seconds of silence at the start, in shards at most 2; None where that is not known,
               and without audio
    notes      what preparation said of it
    faces      the persons whom a file shows; () for shards, which do not tell them apart
    has_picture  False where only its sound was prepared
    measures   of each person by number, and of a video in shards or of sound alone under 0; empty
               where they are not compared with the validation videos
    """

    info: VideoInfo
    has_audio: bool
    silence: float | None
    notes: tuple[str, ...] = ()
    faces: tuple[SeenFace, ...] = ()
    has_picture: bool = True
    measures: Mapping[int, VideoMeasures] = field(default_factory=dict)

    @property
    def silent_rows(self) -> int:
        """Whole frames that its leading silence covers."""
        return 0 if self.silence is None else silent_rows(self.silence)


def subjects_in(
    shards: Path, videos: Sequence[VideoRef], assignment: Assignment
) -> tuple[Subject, ...]:
    """Videos of a folder of shards, in their order, with the splits that a protocol assigned."""
    notes = preparation_notes(shards)
    silence = silence_in_shards(videos).tolist()
    subjects = []
    for video, seconds in zip(videos, silence, strict=True):
        info = replace(video.info, split=assignment.of(video.info.id))
        # A video without audio has no silence before its audio begins.
        silent = None if not video.has_audio else or_none(seconds)
        own_notes = tuple(notes.get(info.id, "").split("; "))
        subject = Subject(
            info=info,
            has_audio=video.has_audio,
            silence=silent,
            notes=own_notes,
            has_picture=video.has_picture,
        )
        subjects.append(subject)
    return tuple(subjects)


def measured_subjects(
    subjects: Sequence[Subject], videos: Sequence[VideoRef]
) -> tuple[Subject, ...]:
    """The same subjects with the measures of their videos in shards."""
    return tuple(
        subject if found is None else replace(subject, measures={0: found})
        for subject, found in zip(subjects, measures_in_shards(videos), strict=True)
    )


def subject_of(video: PreparedVideo, measured: bool = False) -> Subject:
    """A video in memory; with its measures where it is compared with others."""
    return Subject(
        info=video.info,
        has_audio=video.has_audio,
        silence=silence_of(video) if video.has_audio else None,
        notes=video.notes,
        faces=seen_faces(video),
        has_picture=video.has_picture,
        measures=face_measures(video) if measured else {},
    )
