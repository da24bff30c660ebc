"""The preparation of one video, from a file to aligned tracks: the stages in order."""

import traceback
from pathlib import Path

import numpy as np

from avdf.cache.core.clock import FRAME_RATE, SAMPLES_PER_FRAME, SEGMENT_FRAMES
from avdf.cache.core.errors import DecoderKilledError, MediaError
from avdf.cache.core.log_mel import segment_log_mel
from avdf.cache.core.missing import NO_VIDEO_STREAM
from avdf.cache.core.video import PreparedVideo, Track, VideoInfo
from avdf.cache.files.file_state import file_state
from avdf.cache.shards.crop_spool import CropSpool, SpooledCrops, StoredCrop
from avdf.cache.shards.inputs_table import Unprepared
from avdf.pipeline.decoded_video import DecodedVideo, decode_video
from avdf.pipeline.face_choice import choose_faces, probable_faces, with_people
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.faces.followed_face import FollowedFace
from avdf.pipeline.faces.main_face import most_faces_at_once
from avdf.pipeline.media.audio import has_signal
from avdf.pipeline.media.audio_trial import find_audio_fault
from avdf.pipeline.media.media_info import MediaInfo
from avdf.pipeline.media.probe import probe, probe_picture
from avdf.pipeline.preparation_notes import note_on_other_faces, notes_on
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sound_alone import NO_PICTURE_STATUSES, prepare_sound
from avdf.pipeline.unchanged_file import sha256_of_what_was_read


def attempt_video(
    info: VideoInfo,
    settings: PrepSettings,
    detector: FaceDetector,
    sound_alone: bool = False,
) -> PreparedVideo | Unprepared:
    """The prepared video, or the reason why there is none.

    A fault of one video never ends a job, nor the scoring of other videos.

    Args:
        sound_alone: a video whose picture cannot be used is prepared as its sound alone. A file
            without a video stream always is.
    """
    if info.fault:
        return Unprepared(info, "bad_entry", info.fault)
    try:
        return prepare_video(info, settings, detector, sound_alone)
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
) -> PreparedVideo:
    """Probe a file, and prepare its picture and its sound, or what can be used of them.

    Raises:
        MediaError: nothing of the file can be used; its status says why.
    """
    media = probe(info.file, settings.limits)
    if media.video_stream is None:
        return prepare_sound(info, settings, MediaError("no_video", NO_VIDEO_STREAM))
    try:
        return _prepare_picture(info, media, settings, detector)
    except MediaError as error:
        is_heard = sound_alone and media.audio_stream is not None
        if not is_heard or error.status not in NO_PICTURE_STATUSES:
            raise
        return prepare_sound(info, settings, error)


def _prepare_picture(
    info: VideoInfo, media: MediaInfo, settings: PrepSettings, detector: FaceDetector
) -> PreparedVideo:
    """Decode a video, choose faces, cut them to the rows that have audio.

    Raises:
        MediaError: no face can be used; its status says why.
    """
    state = file_state(info.file)
    spool = CropSpool()
    media, decoded = _decode(media, settings, detector, spool)
    _check_length(decoded, settings)
    kept = choose_faces(decoded, media.offset, settings)
    tracks = tuple(
        _cut_track(face, decoded, spool, media.conversion.shrink) for face in kept
    )
    if settings.faces == "people":
        tracks = with_people(tracks, kept)
    probable = probable_faces(decoded, settings)
    is_silent = not any(track.has_audio for track in tracks)
    return PreparedVideo(
        info=info.without_sound() if is_silent else info,
        sha256=sha256_of_what_was_read(info.file, state),
        duration=decoded.rows / FRAME_RATE,
        faces=most_faces_at_once([face.track for face in probable]),
        tracks=tracks,
        frame_codec=settings.codec.name,
        offset=media.offset + decoded.first / FRAME_RATE,
        notes=(*notes_on(media, decoded, tracks), *note_on_other_faces(kept, probable)),
    )


def _decode(
    media: MediaInfo, settings: PrepSettings, detector: FaceDetector, spool: CropSpool
) -> tuple[MediaInfo, DecodedVideo]:
    """Decode a video; its picture alone, with silence, where its audio holds nothing."""
    decoded = _decode_with_one_retry(media, settings, detector, spool)
    if len(decoded.audio.pcm):
        return media, decoded
    fault = find_audio_fault(media, settings.limits)
    if not fault:
        return media, decoded
    # Once more: ffmpeg gives no frame at all where it cannot open the audio, and time 0 may have
    # been that of the audio.
    alone = probe_picture(media.path, settings.limits, fault)
    return alone, _decode_with_one_retry(alone, settings, detector, spool)


def _decode_with_one_retry(
    media: MediaInfo,
    settings: PrepSettings,
    detector: FaceDetector,
    spool: CropSpool,
) -> DecodedVideo:
    try:
        return decode_video(media, settings, detector, spool)
    except DecoderKilledError:
        # That may be chance (memory was short). Killed twice, the video is given up.
        return decode_video(media, settings, detector, spool)


def _check_length(decoded: DecodedVideo, settings: PrepSettings) -> None:
    """Raise where there is nothing to use, too much of it, or too little."""
    if decoded.frames_stop == 0 or not len(decoded.audio.pcm):
        what = "frame" if decoded.frames_stop == 0 else "audio"
        if not decoded.complaint and not decoded.damage:
            raise MediaError(
                "too_short", f"no {what} at any time at which both streams run"
            )
        reason = decoded.complaint or "the stream is empty"
        raise MediaError("corrupt", f"no {what} can be decoded: {reason}")
    limit = settings.limits.seconds
    if decoded.rows / FRAME_RATE > limit:
        advice = "raise max_seconds"
        raise MediaError(
            "too_long", f"longer than the limit of {limit:.0f} s ({advice})"
        )
    if decoded.rows < SEGMENT_FRAMES:
        found = f"{max(0, decoded.rows)} frames with audio, a segment needs {SEGMENT_FRAMES}"
        damage = f"; {decoded.damage}" if decoded.damage else ""
        raise MediaError("too_short", f"{found}{damage}")


def _cut_track(
    face: FollowedFace, decoded: DecodedVideo, spool: CropSpool, shrink: float
) -> Track:
    """A face in the rows that have audio, with that audio.

    Args:
        shrink: pixels of the upright frame for each pixel that was decoded.
    """
    rows, audio = decoded.shared_rows(face), decoded.audio
    own = slice(rows.start - face.first, rows.stop - face.first)
    first_sample = rows.start * SAMPLES_PER_FRAME - audio.first
    stop_sample = rows.stop * SAMPLES_PER_FRAME - audio.first
    pcm = audio.pcm[first_sample:stop_sample]
    stored = [crop for crop in face.crops[own] if isinstance(crop, StoredCrop)]
    return Track(
        start=(rows.start - decoded.first) / FRAME_RATE,
        crops=SpooledCrops(spool, stored),
        boxes=(face.square_boxes()[own] * shrink).astype(np.float32),
        probability=face.track.probabilities(rows.start, rows.stop),
        pcm=pcm,
        log_mel=segment_log_mel(pcm),
        has_audio=has_signal(pcm),
    )


def _defect(error: Exception) -> str:
    """The error and the line that raised it."""
    line = traceback.extract_tb(error.__traceback__)[-1]
    location = f"{Path(line.filename).name}:{line.lineno}"
    return f"{type(error).__name__}: {error} ({location}); please report it"
