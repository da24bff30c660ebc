"""The preparation of a file of which only the sound can be used."""

import numpy as np

from avdf.cache.core.clock import (
    FRAME_RATE,
    SAMPLES_PER_FRAME,
    SEGMENT_FRAMES,
    SEGMENT_SECONDS,
)
from avdf.cache.core.errors import MediaError
from avdf.cache.core.log_mel import segment_log_mel
from avdf.cache.core.loudness import is_silent
from avdf.cache.core.missing import NO_AUDIO, ONLY_SILENCE
from avdf.cache.core.video import PreparedVideo, Track, VideoInfo
from avdf.cache.files.file_state import file_state
from avdf.pipeline.decoded_sound import DecodedSound, decode_sound
from avdf.pipeline.media.audio_trial import find_audio_fault
from avdf.pipeline.media.media_info import MediaInfo
from avdf.pipeline.media.probe import probe_sound
from avdf.pipeline.preparation_notes import CHANNELS_CANCEL, note_on_silence
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.unchanged_file import sha256_of_what_was_read

# Why the picture of a file may be unusable while its sound is not.
NO_PICTURE_STATUSES = ("no_video", "no_face", "too_short", "corrupt")


class TooLittleSoundError(MediaError):
    """Neither the picture can be used with its sound nor the sound alone: that is too short.

    fault  what is wrong with the sound
    """

    def __init__(self, status: str, message: str, fault: str) -> None:
        super().__init__(status, message)
        self.fault = fault


def prepare_sound(
    info: VideoInfo, settings: PrepSettings, without_picture: MediaError
) -> PreparedVideo:
    """Decode the sound of a file and cut it to whole rows.

    Args:
        without_picture: why the picture cannot be used.

    Raises:
        MediaError: the sound cannot be used either. The status is that of the picture.
    """
    limits = settings.limits
    media = probe_sound(info.file, limits, str(without_picture))
    state = file_state(info.file)
    sound = decode_sound(media, limits)
    _check_sound(media, sound, settings, without_picture)
    track = _cut_track(sound)
    damage = [f"partly read: {sound.damage}"] if sound.damage else []
    cancel = [CHANNELS_CANCEL] if sound.channels_cancel else []
    offset = media.offset + sound.rows.start / FRAME_RATE
    return PreparedVideo(
        info=info.without_picture(),
        sha256=sha256_of_what_was_read(info.file, state),
        duration=len(track) / FRAME_RATE,
        faces=0,
        tracks=(track,),
        frame_codec=settings.codec.name,
        offset=offset,
        streams=media.streams,
        notes=(*media.notes, *cancel, *damage, *note_on_silence([track], offset)),
    )


def _check_sound(
    media: MediaInfo,
    sound: DecodedSound,
    settings: PrepSettings,
    without_picture: MediaError,
) -> None:
    """Raise where the sound cannot be used either, or is too long."""
    pcm, seconds = sound.audio.pcm, len(sound.rows) / FRAME_RATE
    if seconds > settings.limits.seconds:
        limit = f"{settings.limits.seconds:.0f} s (raise max_seconds)"
        raise MediaError("too_long", f"longer than the limit of {limit}")
    status, fault = without_picture.status, ""
    if not len(pcm):
        why = find_audio_fault(media, settings.limits)
        fault = f"{NO_AUDIO}: {why or 'nothing of it was decoded in time'}"
    elif is_silent(pcm):
        fault = ONLY_SILENCE
    elif len(sound.rows) < SEGMENT_FRAMES:
        fault = f"{seconds:.2f} s of sound, a segment needs {SEGMENT_SECONDS} s"
        # Of a file without a video stream, its length is what is wrong with it.
        status = "too_short" if status == "no_video" else status
        raise TooLittleSoundError(status, f"{without_picture}, {fault}", fault)
    if fault:
        raise MediaError(status, f"{without_picture}, {fault}")


def _cut_track(sound: DecodedSound) -> Track:
    """The whole rows of the sound, without crops."""
    rows, audio = sound.rows, sound.audio
    first_sample = rows.start * SAMPLES_PER_FRAME - audio.first
    stop_sample = rows.stop * SAMPLES_PER_FRAME - audio.first
    pcm = np.ascontiguousarray(audio.pcm[first_sample:stop_sample])
    return Track.of_sound(pcm, segment_log_mel(pcm))
