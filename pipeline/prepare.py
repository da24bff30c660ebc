"""The preparation of one video, from a file to aligned tracks: the stages in order."""

import traceback
from pathlib import Path

from avdf.cache.core.errors import MediaError
from avdf.cache.core.missing import NO_VIDEO_STREAM, ONLY_SILENCE
from avdf.cache.core.video import PreparedVideo, VideoInfo
from avdf.cache.files.file_state import file_state
from avdf.cache.shards.inputs_table import Unprepared
from avdf.pipeline.face_choice import with_people
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.media.excerpt import spread
from avdf.pipeline.media.media_info import MediaInfo
from avdf.pipeline.media.probe import probe, probe_picture
from avdf.pipeline.preparation_notes import note_on_silence
from avdf.pipeline.sample import (
    NOT_SAMPLED,
    faces_of,
    prepare_excerpts,
    tracks_of,
)
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sound_alone import (
    NO_PICTURE_STATUSES,
    TooLittleSoundError,
    prepare_sound,
)
from avdf.pipeline.stretch import prepare_stretch, with_usable_audio
from avdf.pipeline.unchanged_file import sha256_of_what_was_read


def attempt_video(
    info: VideoInfo,
    settings: PrepSettings,
    detector: FaceDetector,
    sound_alone: bool = False,
    excerpts: int = 0,
) -> PreparedVideo | Unprepared:
    """The prepared video, or the reason why there is none.

    A fault of one video never ends a job, nor the scoring of other videos.

    Args:
        sound_alone: a video whose picture cannot be used is prepared as its sound alone. A file
            without a video stream always is.
        excerpts: of a long video, only so many excerpts are prepared; 0: all of it.
    """
    if info.fault:
        return Unprepared(info, "bad_entry", info.fault)
    try:
        return prepare_video(info, settings, detector, sound_alone, excerpts)
    except MediaError as error:
        return Unprepared(info, error.status, str(error))
    except OSError as error:
        return Unprepared(info, "unreadable", error.strerror or str(error))
    except Exception as error:
        # A defect of this program or of a library costs this video alone.
        return Unprepared(info, "internal", _defect(error))


def prepare_video(
    info: VideoInfo,
    settings: PrepSettings,
    detector: FaceDetector,
    sound_alone: bool = False,
    excerpts: int = 0,
) -> PreparedVideo:
    """Probe a file, and prepare its picture and its sound, or what can be used of them.

    Raises:
        MediaError: nothing of the file can be used; its status says why.
    """
    media = probe(info.file, settings.limits)
    if media.video_stream is None:
        return prepare_sound(info, settings, MediaError("no_video", NO_VIDEO_STREAM))
    try:
        return _prepare_picture(info, media, settings, detector, excerpts)
    except MediaError as error:
        is_heard = sound_alone and media.audio_stream is not None
        if not is_heard or error.status not in NO_PICTURE_STATUSES:
            raise
        try:
            return prepare_sound(info, settings, error)
        except TooLittleSoundError as neither:
            if error.status != "too_short":
                raise
            # The picture may be long enough where there is no sound.
            return _prepare_picture_alone(info, settings, detector, neither, excerpts)


def _prepare_picture_alone(
    info: VideoInfo,
    settings: PrepSettings,
    detector: FaceDetector,
    error: TooLittleSoundError,
    excerpts: int,
) -> PreparedVideo:
    """The picture of a file that has too little sound for a segment.

    Raises:
        MediaError: `error`, where the picture cannot be used either.
    """
    try:
        media = probe_picture(info.file, settings.limits, error.fault)
        return _prepare_picture(info, media, settings, detector, excerpts)
    except MediaError:
        raise error from None


def _prepare_picture(
    info: VideoInfo,
    media: MediaInfo,
    settings: PrepSettings,
    detector: FaceDetector,
    excerpts: int,
) -> PreparedVideo:
    """Follow the faces of the whole file, or of excerpts of it.

    Raises:
        MediaError: no face can be used; its status says why.
    """
    state = file_state(info.file)
    places = spread(media.ends, excerpts) if excerpts else ()
    if places:
        media = with_usable_audio(media, settings)
        # Time 0 is that of the file: no excerpt begins there, so none has a leading silence.
        offset = media.offset
        sample = prepare_excerpts(media, places, settings, detector)
        stretches, notes = sample.stretches, sample.notes
    else:
        stretches = (prepare_stretch(media, settings, detector),)
        offset = stretches[0].offset
        notes = (NOT_SAMPLED,) if excerpts else ()
    tracks = tracks_of(stretches, offset)
    if settings.faces == "people":
        tracks = with_people(tracks, faces_of(stretches), settings.codec.name)
    is_silent = not any(track.has_audio for track in tracks)
    # What holds for the whole file, such as a conversion, is said of every stretch.
    said = [*dict.fromkeys(note for one in stretches for note in one.notes)]
    # One stretch may be silent while others are not. Without a stream, its own note says why.
    if is_silent and any(one.media.audio_stream is not None for one in stretches):
        said.append(ONLY_SILENCE)
    elif not is_silent:
        said += note_on_silence(tracks, offset)
    return PreparedVideo(
        info=info.without_sound() if is_silent else info,
        sha256=sha256_of_what_was_read(info.file, state),
        duration=sum(one.seconds for one in stretches),
        faces=max(one.at_once for one in stretches),
        tracks=tracks,
        frame_codec=settings.codec.name,
        offset=offset,
        streams=stretches[0].media.streams,
        notes=(*notes, *said),
    )


def _defect(error: Exception) -> str:
    """The error and the line that raised it."""
    line = traceback.extract_tb(error.__traceback__)[-1]
    location = f"{Path(line.filename).name}:{line.lineno}"
    return f"{type(error).__name__}: {error} ({location}); please report it"
