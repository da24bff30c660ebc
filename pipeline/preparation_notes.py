"""Notes on a prepared video for its row: what was converted, damaged, silent or left out."""

from collections.abc import Sequence

from avdf.cache.core.clock import FRAME_RATE, SEGMENT_FRAMES
from avdf.pipeline.decoded_video import DecodedVideo
from avdf.pipeline.faces.followed_face import FollowedFace
from avdf.pipeline.faces.main_face import count_other_faces
from avdf.pipeline.media.media_info import MediaInfo

CHANNELS_CANCEL = "the two audio channels cancel each other: the louder one is used"

_MOST_NAMED = 5  # stretches that stand still


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
    for span in decoded.frozen[:_MOST_NAMED]:
        start = span.first / FRAME_RATE + media.offset
        end = (span.last + 1) / FRAME_RATE + media.offset
        notes.append(
            f"the video stands still from {start:.1f} to {end:.1f} s: left out"
        )
    return notes


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
