"""What is known of each video that is scored, beside its scores."""

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
    subjects = []
    for info, video, seconds in zip(choice.infos, choice.videos, silence, strict=True):
        own_notes = notes.get(info.id, "").split("; ")
        subjects.append(
            Subject(info, video.has_audio, or_none(seconds), tuple(own_notes))
        )
    return subjects


def missing_in(choice: Choice) -> list[Unprepared]:
    """The chosen videos that preparation failed on, with the split that the protocol assigned."""
    missing = []
    for item in choice.missing:
        split = choice.assignment.of(item.info.id) or item.info.split
        info = replace(item.info, split=split)
        missing.append(replace(item, info=info))
    return missing


def subject_of(video: PreparedVideo) -> Subject:
    """A video in memory."""
    has_audio = any(track.has_audio for track in video.tracks)
    return Subject(video.info, has_audio, silence_of(video), video.notes)
