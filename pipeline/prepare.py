"""One video from file to aligned tracks: the stages in order."""

import hashlib
import traceback
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from avdf.cache.clock import FRAME_RATE, FRAME_SIZE, SAMPLES_PER_FRAME, SEGMENT_FRAMES, SEGMENT_SAMPLES
from avdf.cache.errors import MediaError
from avdf.cache.listed import Unprepared
from avdf.cache.log_mel import log_mel
from avdf.cache.video import PreparedVideo, Track, VideoInfo
from avdf.pipeline.decode import Decoder
from avdf.pipeline.detect import Box, FaceDetector
from avdf.pipeline.follow import follow
from avdf.pipeline.followed_face import FollowedFace
from avdf.pipeline.picture import Picture
from avdf.pipeline.probe import probe
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.track import main_tracks, people


def prepare_video(info: VideoInfo, settings: PrepSettings, detector: FaceDetector) -> PreparedVideo:
    """Probe, decode, follow faces, crop, cut to the common time line, compute log-mel.

    Raises:
        MediaError: the video cannot be prepared; its status says why.
    """
    media = probe(info.file, settings.limits)

    def encode(picture: Picture, box: Box) -> bytes:
        return settings.codec.encode(picture.crop(box, FRAME_SIZE))

    with Decoder(media, settings.limits) as decoder:
        faces, pictures = follow(decoder.pictures(), detector, encode)
        sound = decoder.sound()
        rows = min(pictures, len(sound) // SAMPLES_PER_FRAME)
        _check_length(rows, pictures, len(sound), settings, decoder)
    chosen = _choose(faces, rows, settings)
    return PreparedVideo(
        info=info,
        sha256=_sha256(info),
        duration=rows / FRAME_RATE,
        faces=people([face.track for face in _sure(faces, settings)]),
        tracks=tuple(_track(face, rows, sound) for face in chosen),
        frame_codec=settings.codec.name,
    )


def attempt_video(info: VideoInfo, settings: PrepSettings, detector: FaceDetector) -> PreparedVideo | Unprepared:
    """The prepared video, or why it is not. One video's fault never ends a job, nor the scoring of the others."""
    if info.fault:
        return Unprepared(info, "bad_entry", info.fault)
    try:
        return prepare_video(info, settings, detector)
    except MediaError as error:
        return Unprepared(info, error.status, str(error))
    except OSError as error:
        return Unprepared(info, "unreadable", error.strerror or str(error))
    except Exception as error:  # a bug of ours or of a library: it costs this video alone, and says where it is
        place = traceback.extract_tb(error.__traceback__)[-1]
        reason = f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno}); please report it"
        return Unprepared(info, "internal", reason)


def segment_log_mel(pcm: npt.NDArray[np.int16]) -> npt.NDArray[np.float16]:
    """(n // 10240, 80, 64) log-mel of the non-overlapping segments of a track's sound."""
    segments = len(pcm) // SEGMENT_SAMPLES
    samples = torch.from_numpy(pcm[: segments * SEGMENT_SAMPLES].reshape(segments, SEGMENT_SAMPLES).copy())
    return log_mel(samples).numpy().astype(np.float16)


def _check_length(rows: int, pictures: int, samples: int, settings: PrepSettings, decoder: Decoder) -> None:
    if pictures == 0 or samples == 0:
        what = "picture" if pictures == 0 else "sound"
        raise MediaError("corrupt", f"no {what} can be decoded: {decoder.complaint() or 'the stream is empty'}")
    if rows / FRAME_RATE > settings.limits.seconds:
        raise MediaError("too_long", f"longer than the limit of {settings.limits.seconds:.0f} s (--max-seconds)")
    if rows < SEGMENT_FRAMES:
        raise MediaError("too_short", f"{rows} frames with sound, a segment needs {SEGMENT_FRAMES}")


def _sure(faces: Sequence[FollowedFace], settings: PrepSettings) -> list[FollowedFace]:
    return [face for face in faces if face.track.probability >= settings.face.probability]


def _choose(faces: Sequence[FollowedFace], rows: int, settings: PrepSettings) -> list[FollowedFace]:
    """The tracks that are kept: those of the main face, or all; each at least one segment long within the rows."""
    sure = _sure(faces, settings)
    if not sure:
        raise MediaError("no_face", f"no face found in {rows} frames")
    lengths = {id(face): min(face.track.last + 1, rows) - face.track.first for face in sure}
    long = [face for face in sure if lengths[id(face)] >= SEGMENT_FRAMES]
    if not long:
        if (most := max(lengths.values())) <= 0:
            raise MediaError("no_face", f"no face in the {rows} frames that have sound")
        raise MediaError("too_short", f"a face in at most {most} consecutive frames, a segment needs {SEGMENT_FRAMES}")
    if settings.faces == "all":
        return long
    kept = main_tracks([face.track for face in long], SEGMENT_FRAMES)
    return [face for face in long if any(face.track is track for track in kept)]


def _track(face: FollowedFace, rows: int, sound: npt.NDArray[np.int16]) -> Track:
    first, stop = face.track.first, min(face.track.last + 1, rows)
    pcm = sound[first * SAMPLES_PER_FRAME : stop * SAMPLES_PER_FRAME]
    return Track(
        start=first / FRAME_RATE,
        crops=tuple(face.crops[: stop - first]),
        boxes=face.square_boxes()[: stop - first],
        probability=face.track.probabilities(first, stop),
        pcm=pcm,
        log_mel=segment_log_mel(pcm),
    )


def _sha256(info: VideoInfo) -> str:
    with info.file.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
