"""What is known of each video that is scored, beside its scores."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from avdf.cache.core.video import PreparedVideo, VideoInfo
from avdf.cache.shards.inputs_table import Unprepared, preparation_notes
from avdf.cache.stream.silence import silence_in_shards, silence_of, silent_rows
from avdf.model.inference.segments import or_none
from avdf.model.scoring.choice import Choice


@dataclass(frozen=True)
class Subject:
    """A video that is scored.

    info       what the dataset says of it, with the split that the protocol assigned
    has_audio  False where all of its audio is digital silence
    silence    seconds of silence at the start, at most 2; None where that is not known
    notes      what preparation said of it
    """

    info: VideoInfo
    has_audio: bool
    silence: float | None
    notes: tuple[str, ...] = ()

    @property
    def silent_rows(self) -> int:
        """Whole frames that its leading silence covers."""
        return 0 if self.silence is None else silent_rows(self.silence)


def subjects_in(shards: Path, choice: Choice) -> list[Subject]:
    """The chosen videos of a folder of shards, in their order."""
    notes = preparation_notes(shards)
    silence = silence_in_shards(choice.videos).tolist()
    return [
        Subject(info, video.has_audio, or_none(seconds), tuple(notes.get(info.id, "").split("; ")))
        for info, video, seconds in zip(choice.infos, choice.videos, silence, strict=True)
    ]


def missing_in(choice: Choice) -> list[Unprepared]:
    """The chosen videos that preparation failed on, with the split that the protocol assigned."""
    splits = [choice.assignment.of(item.info.id) for item in choice.missing]
    return [
        replace(item, info=replace(item.info, split=split or item.info.split))
        for item, split in zip(choice.missing, splits, strict=True)
    ]


def subject_of(video: PreparedVideo) -> Subject:
    """A video in memory."""
    return Subject(video.info, _has_audio(video), silence_of(video), video.notes)


def _has_audio(video: PreparedVideo) -> bool:
    return any(track.has_audio for track in video.tracks)


def without_audio(subjects: Sequence[Subject | Unprepared]) -> list[int]:
    """Indices of the videos that have no audio to judge."""
    return [
        index
        for index, subject in enumerate(subjects)
        if isinstance(subject, Subject) and not subject.has_audio
    ]
