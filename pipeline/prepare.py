"""One video from file to aligned tracks: the stages in order."""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from avdf.cache.core.clock import (
    FRAME_RATE,
    FRAME_SIZE,
    SAMPLES_PER_FRAME,
    SEGMENT_FRAMES,
)
from avdf.cache.core.errors import DecoderKilledError, MediaError
from avdf.cache.core.log_mel import segment_log_mel
from avdf.cache.core.video import PreparedVideo, Track, VideoInfo
from avdf.cache.files.digest import file_sha256
from avdf.cache.shards.crop_spool import CropSpool, SpooledCrops, StoredCrop
from avdf.cache.shards.inputs_table import Unprepared
from avdf.cache.stream.silence import NO_AUDIO
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.faces.detection import Box
from avdf.pipeline.faces.follow import follow
from avdf.pipeline.faces.followed_face import FollowedFace
from avdf.pipeline.faces.main_face import count_other_faces, main_tracks, most_faces_at_once
from avdf.pipeline.faces.row_span import RowSpan
from avdf.pipeline.media.audio import DecodedAudio, has_signal
from avdf.pipeline.media.decode import Decoder
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.media_info import MediaInfo
from avdf.pipeline.media.probe import probe
from avdf.pipeline.settings import PrepSettings

_MOST_TOLD = 5  # still stretches that are named


@dataclass(frozen=True)
class _Decoded:
    """What one pass over a file gives. Rows are those of the decoder's time line.

    first, stop   the rows that have both picture and sound: from `first` up to `stop`
    last_picture  the row after the last picture
    frozen        rows in which one picture is repeated: nothing is kept of them
    damage        what was wrong with the file, and where
    """

    faces: Sequence[FollowedFace]
    sound: DecodedAudio
    first: int
    stop: int
    last_picture: int
    frozen: Sequence[RowSpan]
    damage: str
    complaint: str
    cancelled: bool


def prepare_video(info: VideoInfo, settings: PrepSettings, detector: FaceDetector) -> PreparedVideo:
    """Probe, decode, follow faces, crop, cut to the common time line, compute log-mel.

    Raises:
        MediaError: the video cannot be prepared; its status says why.
    """
    media = probe(info.file, settings.limits)
    spool = CropSpool()
    try:
        decoded = _decode(media, settings, detector, spool)
    except DecoderKilledError:  # perhaps by chance; killed twice, the video is given up
        decoded = _decode(media, settings, detector, spool)
    _check_length(decoded, settings)
    chosen = _choose(decoded, media.offset, settings)
    tracks = tuple(_track(face, decoded, spool, media.conversion.shrink) for face in chosen)
    return PreparedVideo(
        info=info,
        sha256=file_sha256(info.file),
        duration=(decoded.stop - decoded.first) / FRAME_RATE,
        faces=most_faces_at_once([face.track for face in _sure(decoded.faces, settings)]),
        tracks=tracks,
        frame_codec=settings.codec.name,
        offset=media.offset + decoded.first / FRAME_RATE,
        notes=(*_notes(media, decoded, tracks), *_others(chosen, _sure(decoded.faces, settings))),
    )


def _decode(
    media: MediaInfo, settings: PrepSettings, detector: FaceDetector, spool: CropSpool
) -> _Decoded:
    def encode(picture: DecodedFrame, box: Box) -> StoredCrop:
        return spool.add(settings.codec.encode(picture.crop(box, FRAME_SIZE)))

    with Decoder(media, settings.limits) as decoder:
        faces, rows, frozen = follow(
            decoder.frames(), detector, encode, thorough=settings.faces == "all"
        )
        sound, damage = decoder.audio(), decoder.damage()
        last_picture = decoder.first_row + rows
        first = max(decoder.first_row, -(-sound.first // SAMPLES_PER_FRAME))
        stop = min(last_picture, sound.stop // SAMPLES_PER_FRAME)
        complaint, cancelled = decoder.complaint(), decoder.channels_cancel
        return _Decoded(
            faces, sound, first, stop, last_picture, frozen, damage, complaint, cancelled
        )


def _notes(media: MediaInfo, decoded: _Decoded, tracks: Sequence[Track]) -> tuple[str, ...]:
    notes = [*media.notes]
    if decoded.cancelled:
        notes.append("the two channels of the sound cancel each other: the louder one is used")
    if not any(track.has_audio for track in tracks):
        notes.append(NO_AUDIO)
    if decoded.damage:
        notes.append(f"partly read: {decoded.damage}")
    for first, last in decoded.frozen[:_MOST_TOLD]:
        start, end = (row / FRAME_RATE + media.offset for row in (first, last + 1))
        notes.append(f"the picture stands still from {start:.1f} to {end:.1f} s: left out")
    return tuple(notes)


def _others(chosen: Sequence[FollowedFace], sure: Sequence[FollowedFace]) -> list[str]:
    """What is said of faces that are there beside those that are kept."""
    rest = [face.track for face in sure if face not in chosen and len(face.track) >= SEGMENT_FRAMES]
    count = count_other_faces([face.track for face in chosen], rest)
    return (
        [f"{count} other face{'s' if count > 1 else ''} beside the one that is kept"]
        if count
        else []
    )


def attempt_video(
    info: VideoInfo, settings: PrepSettings, detector: FaceDetector
) -> PreparedVideo | Unprepared:
    """The prepared video, or why it is not. One video's fault never ends a job, nor the scoring of the others."""
    if info.fault:
        return Unprepared(info, "bad_entry", info.fault)
    try:
        return prepare_video(info, settings, detector)
    except MediaError as error:
        return Unprepared(info, error.status, str(error))
    except OSError as error:
        return Unprepared(info, "unreadable", error.strerror or str(error))
    except (
        Exception
    ) as error:  # a bug of ours or of a library: it costs this video alone, and says where it is
        place = traceback.extract_tb(error.__traceback__)[-1]
        reason = f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno}); please report it"
        return Unprepared(info, "internal", reason)


def _check_length(decoded: _Decoded, settings: PrepSettings) -> None:
    rows = decoded.stop - decoded.first
    if decoded.last_picture == 0 or not len(decoded.sound.pcm):
        what = "picture" if decoded.last_picture == 0 else "sound"
        if not decoded.complaint and not decoded.damage:
            raise MediaError("too_short", f"no {what} at any time at which both streams run")
        raise MediaError(
            "corrupt", f"no {what} can be decoded: {decoded.complaint or 'the stream is empty'}"
        )
    if rows / FRAME_RATE > settings.limits.seconds:
        limit = settings.limits.seconds
        raise MediaError(
            "too_long", f"longer than the limit of {limit:.0f} s (raise it with --max-seconds)"
        )
    if rows < SEGMENT_FRAMES:
        damage = f"; {decoded.damage}" if decoded.damage else ""
        raise MediaError(
            "too_short",
            f"{max(0, rows)} frames with sound, a segment needs {SEGMENT_FRAMES}{damage}",
        )


def _sure(faces: Sequence[FollowedFace], settings: PrepSettings) -> list[FollowedFace]:
    return [face for face in faces if face.track.probability >= settings.face.probability]


def _choose(decoded: _Decoded, offset: float, settings: PrepSettings) -> list[FollowedFace]:
    """The tracks that are kept: those of the main face, or all; each at least one segment long within the rows."""
    sure = _sure(decoded.faces, settings)
    if not sure:
        raise MediaError("no_face", f"no face found in {decoded.stop - decoded.first} frames")
    lengths = {id(face): _stop(face, decoded) - _start(face, decoded) for face in sure}
    long = [face for face in sure if lengths[id(face)] >= SEGMENT_FRAMES]
    if not long:
        if (most := max(lengths.values())) <= 0:
            raise MediaError("no_face", _silent_faces(sure, decoded, offset))
        raise MediaError(
            "too_short",
            f"a face in at most {most} consecutive frames, a segment needs {SEGMENT_FRAMES}",
        )
    if settings.faces == "all":
        return long
    motions = (
        [face.motion() for face in long] if len(long) > 1 else []
    )  # nobody to prefer: nothing to measure
    kept = main_tracks([face.track for face in long], SEGMENT_FRAMES, motions)
    return [face for face in long if any(face.track is track for track in kept)]


def _silent_faces(faces: Sequence[FollowedFace], decoded: _Decoded, offset: float) -> str:
    """Where the faces of a video are that has none where it has sound, in file time."""
    seen = min(face.track.first for face in faces), max(face.track.last + 1 for face in faces)
    heard = decoded.first, decoded.stop
    face, sound = (
        f"{start / FRAME_RATE + offset:.1f}-{stop / FRAME_RATE + offset:.1f} s"
        for start, stop in (seen, heard)
    )
    return f"a face is there only where there is no sound (face at {face}, picture and sound at {sound})"


def _start(face: FollowedFace, decoded: _Decoded) -> int:
    return max(face.track.first, decoded.first)


def _stop(face: FollowedFace, decoded: _Decoded) -> int:
    return min(face.track.last + 1, decoded.stop)


def _track(face: FollowedFace, decoded: _Decoded, spool: CropSpool, shrink: float) -> Track:
    """`shrink`: pixels of the upright picture for each pixel that was decoded."""
    first, stop, sound = _start(face, decoded), _stop(face, decoded), decoded.sound
    own = slice(first - face.track.first, stop - face.track.first)
    pcm = sound.pcm[
        first * SAMPLES_PER_FRAME - sound.first : stop * SAMPLES_PER_FRAME - sound.first
    ]
    return Track(
        start=(first - decoded.first) / FRAME_RATE,
        crops=SpooledCrops(
            spool, [crop for crop in face.crops[own] if isinstance(crop, StoredCrop)]
        ),
        boxes=(face.square_boxes()[own] * shrink).astype(np.float32),
        probability=face.track.probabilities(first, stop),
        pcm=pcm,
        log_mel=segment_log_mel(pcm),
        has_audio=has_signal(pcm),
    )
