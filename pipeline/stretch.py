"""The picture of one stretch of a file: decoded at once, with the faces that are kept."""

from dataclasses import dataclass

import numpy as np

from avdf.cache.core.clock import FRAME_RATE, SAMPLES_PER_FRAME, SEGMENT_FRAMES
from avdf.cache.core.errors import DecoderKilledError, MediaError
from avdf.cache.core.log_mel import segment_log_mel
from avdf.cache.core.loudness import is_silent
from avdf.cache.core.video import Track
from avdf.cache.shards.crop_spool import CropSpool, SpooledCrops, StoredCrop
from avdf.pipeline.decoded_video import DecodedVideo, decode_video
from avdf.pipeline.face_choice import choose_faces, probable_faces
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.faces.followed_face import FollowedFace
from avdf.pipeline.faces.main_face import most_faces_at_once
from avdf.pipeline.media.audio_trial import find_audio_fault
from avdf.pipeline.media.media_info import MediaInfo
from avdf.pipeline.media.probe import probe_picture
from avdf.pipeline.preparation_notes import note_on_other_faces, notes_on
from avdf.pipeline.settings import PrepSettings


@dataclass(frozen=True, eq=False)
class Stretch:
    """A file, or an excerpt of it, with its faces.

    media     of the stretch: its time 0 is that of the decoder
    decoded   what the decoder found
    faces     those that are kept
    tracks    each of them in the rows that have audio; they start at seconds after `offset`
    at_once   how many faces were there at one time
    notes     what its row states
    """

    media: MediaInfo
    decoded: DecodedVideo
    faces: tuple[FollowedFace, ...]
    tracks: tuple[Track, ...]
    at_once: int
    notes: tuple[str, ...]

    @property
    def offset(self) -> float:
        """Seconds of the file's own time at which its rows with audio begin."""
        return self.media.offset + self.decoded.first / FRAME_RATE

    @property
    def seconds(self) -> float:
        """How long it has both a frame and audio."""
        return self.decoded.rows / FRAME_RATE


def prepare_stretch(
    media: MediaInfo, settings: PrepSettings, detector: FaceDetector
) -> Stretch:
    """Decode, choose faces, cut them to the rows that have audio.

    Raises:
        MediaError: no face can be used; its status says why.
    """
    spool = CropSpool()
    media, decoded = _decode(media, settings, detector, spool)
    _check_length(decoded, settings)
    kept = choose_faces(decoded, media.offset, settings)
    tracks = tuple(
        _cut_track(face, decoded, spool, media.conversion.shrink) for face in kept
    )
    probable = probable_faces(decoded, settings)
    return Stretch(
        media=media,
        decoded=decoded,
        faces=tuple(kept),
        tracks=tracks,
        at_once=most_faces_at_once([face.track for face in probable]),
        notes=(*notes_on(media, decoded), *note_on_other_faces(kept, probable)),
    )


def _decode(
    media: MediaInfo, settings: PrepSettings, detector: FaceDetector, spool: CropSpool
) -> tuple[MediaInfo, DecodedVideo]:
    """Decode a video; its picture alone, with silence, where its audio holds nothing."""
    decoded = _decode_with_one_retry(media, settings, detector, spool)
    # Before excerpts are cut, it is known whether the audio can be used.
    if len(decoded.audio.pcm) or media.seconds is not None:
        return media, decoded
    alone = with_usable_audio(media, settings)
    if alone is media:
        return media, decoded
    # Once more: ffmpeg gives no frame at all where it cannot open the audio, and time 0 may have
    # been that of the audio.
    return alone, _decode_with_one_retry(alone, settings, detector, spool)


def with_usable_audio(media: MediaInfo, settings: PrepSettings) -> MediaInfo:
    """The same file, or its picture alone where nothing of its audio can be decoded."""
    fault = find_audio_fault(media, settings.limits)
    return probe_picture(media.path, settings.limits, fault) if fault else media


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
        damage = f" ({decoded.damage})" if decoded.damage else ""
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
        has_audio=not is_silent(pcm),
    )
