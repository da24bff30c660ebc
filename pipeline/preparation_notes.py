"""Notes on a prepared video for its row: what was converted, damaged, silent or left out."""

from collections.abc import Sequence

from avdf.cache.core.clock import FRAME_RATE, SEGMENT_FRAMES
from avdf.cache.core.loudness import SILENCE_DB
from avdf.cache.core.video import Track
from avdf.pipeline.decoded_video import DecodedVideo
from avdf.pipeline.faces.followed_face import FollowedFace
from avdf.pipeline.faces.main_face import count_other_faces
from avdf.pipeline.media.media_info import MediaInfo
from avdf.pipeline.silence import silence_in

CHANNELS_CANCEL = "the two audio channels cancel each other: the louder one is used"

_MOST_NAMED = 5  # stretches that stand still, or that are silent


def notes_on(
    media: MediaInfo,
    decoded: DecodedVideo,
) -> list[str]:
    """Notes on the file, or a stretch of it, and its streams. Times are file time."""
    notes = [*media.notes]
    if decoded.channels_cancel:
        notes.append(CHANNELS_CANCEL)
    if decoded.damage:
        notes.append(f"partly read: {decoded.damage}")
    without_sound = decoded.frames_stop - decoded.stop
    if media.audio_stream is not None and without_sound >= SEGMENT_FRAMES:
        start = decoded.stop / FRAME_RATE + media.offset
        end = decoded.frames_stop / FRAME_RATE + media.offset
        notes.append(
            f"the picture has no sound from {start:.1f} to {end:.1f} s: left out"
        )
    still = notes_on_frozen(decoded, media.offset)
    notes += [f"{note}: left out" for note in still[:_MOST_NAMED]]
    return notes


def notes_on_frozen(decoded: DecodedVideo, offset: float) -> list[str]:
    """From when to when the video repeats one frame, in words.

    Args:
        offset: file time of the decoder's time 0, in seconds.
    """
    return [
        f"the video stands still from {span.first / FRAME_RATE + offset:.1f} "
        f"to {(span.last + 1) / FRAME_RATE + offset:.1f} s"
        for span in decoded.frozen
    ]


def note_on_other_faces(
    kept: Sequence[FollowedFace],
    probable: Sequence[FollowedFace],
) -> list[str]:
    """A note on long faces that are there beside those that are kept; none where none is."""
    others = [face.track for face in probable if face not in kept]
    long = [track for track in others if len(track) >= SEGMENT_FRAMES]
    count = count_other_faces([face.track for face in kept], long)
    if not count:
        return []
    return [f"{count} other face{'s' if count > 1 else ''} beside the one that is kept"]


def note_on_silence(tracks: Sequence[Track], offset: float) -> list[str]:
    """A note on times in which a whole segment or more is silent; none where there are none.

    Args:
        offset: file time of the tracks' time 0, in seconds.
    """
    silence = silence_in(tracks)
    if not silence.spans:
        return []
    times = [
        f"{start + offset:.1f}-{end + offset:.1f} s"
        for start, end in silence.spans[:_MOST_NAMED]
    ]
    more = len(silence.spans) - _MOST_NAMED
    where = ", ".join(times) + (f" and {more} more" if more > 0 else "")
    note = (
        f"the sound is silent (never louder than {SILENCE_DB} dB) at {where}, "
        "so nothing can be said of it there"
    )
    if silence.prevails:
        note += (
            f": only {silence.heard:.1f} s of the {silence.seconds:.1f} s have sound"
        )
    return [note]


def note_on_little_sound(tracks: Sequence[Track]) -> list[str]:
    """A note on one face among several, as a predicate; none where most of its time has sound."""
    silence = silence_in(tracks)
    if not silence.prevails:
        return []
    # Silent to the last row, where no run of it is too short to count.
    if not any(track.has_audio for track in tracks):
        return ["has no sound while it is seen"]
    return [
        f"has sound for only {silence.heard:.1f} s of the {silence.seconds:.1f} s "
        "in which it is seen"
    ]
