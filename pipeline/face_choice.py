"""Which faces of a decoded video are kept."""

from collections.abc import Sequence
from dataclasses import replace

from avdf.cache.core.clock import FRAME_RATE, SEGMENT_FRAMES
from avdf.cache.core.errors import MediaError
from avdf.cache.core.video import Track
from avdf.pipeline.decoded_video import DecodedVideo
from avdf.pipeline.faces.followed_face import FollowedFace
from avdf.pipeline.faces.main_face import main_tracks
from avdf.pipeline.faces.people import number_people
from avdf.pipeline.faces.photograph import may_be_photograph
from avdf.pipeline.preparation_notes import note_on_little_sound, notes_on_frozen
from avdf.pipeline.settings import PrepSettings

HARDLY_MOVES = "hardly moves: it may be a photograph"


def probable_faces(
    decoded: DecodedVideo,
    settings: PrepSettings,
) -> list[FollowedFace]:
    """The faces that are probable enough not to be something else."""
    least = settings.face.probability
    return [face for face in decoded.faces if face.track.probability >= least]


def choose_faces(
    decoded: DecodedVideo,
    offset: float,
    settings: PrepSettings,
) -> list[FollowedFace]:
    """The faces that are kept, in order of their first row: the main one at each time, or all.

    Each has at least one segment of rows with audio.

    Args:
        offset: file time of the decoder's time 0, in seconds.

    Raises:
        MediaError: `no_face` or `too_short`.
    """
    probable = probable_faces(decoded, settings)
    # Rows that repeat one frame are left out, whatever they show.
    still = "".join(f" ({note})" for note in notes_on_frozen(decoded, offset)[:1])
    if not probable:
        raise MediaError("no_face", f"no face found in {decoded.rows} frames{still}")
    lengths = [len(decoded.shared_rows(face)) for face in probable]
    if max(lengths) == 0:
        raise MediaError("no_face", _faces_without_audio(probable, decoded, offset))
    if max(lengths) < SEGMENT_FRAMES:
        found = f"a face in at most {max(lengths)} consecutive frames"
        raise MediaError(
            "too_short", f"{found}, a segment needs {SEGMENT_FRAMES}{still}"
        )
    with_length = zip(probable, lengths, strict=True)
    long = [face for face, length in with_length if length >= SEGMENT_FRAMES]
    return _main_faces(long) if settings.faces == "main" else long


def with_people(
    tracks: Sequence[Track], faces: Sequence[FollowedFace], codec: str
) -> tuple[Track, ...]:
    """The same tracks, with the number of the person whom each shows, and what to bear in mind.

    Args:
        faces: what each track was cut from.
        codec: how crops are encoded.
    """
    numbers = number_people(faces)
    numbered = [
        replace(track, face=number)
        for track, number in zip(tracks, numbers, strict=True)
    ]
    notes = {}
    for number in sorted(set(numbers)):
        own = [track for track in numbered if track.face == number]
        found = [HARDLY_MOVES] if may_be_photograph(own, codec) else []
        # Of one person, what is said of the whole file says it.
        if len(set(numbers)) > 1 and any(track.has_audio for track in tracks):
            found += note_on_little_sound(own)
        notes[number] = "; ".join(found)
    return tuple(replace(track, note=notes[track.face]) for track in numbered)


def _main_faces(faces: Sequence[FollowedFace]) -> list[FollowedFace]:
    # Motion takes time to measure, and is not needed where there is no other face to prefer.
    motions = [face.motion() for face in faces] if len(faces) > 1 else []
    kept = main_tracks(
        [face.track for face in faces],
        SEGMENT_FRAMES,
        motions,
    )
    kept_ids = {id(track) for track in kept}
    return [face for face in faces if id(face.track) in kept_ids]


def _faces_without_audio(
    faces: Sequence[FollowedFace],
    decoded: DecodedVideo,
    offset: float,
) -> str:
    """Where the faces are, and where the audio is, in file time."""
    first = min(face.first for face in faces)
    stop = max(face.last + 1 for face in faces)
    seen = _file_time(first, stop, offset)
    heard = _file_time(decoded.first, decoded.stop, offset)
    times = f"face at {seen}, video and audio at {heard}"
    return f"a face is there only where there is no audio ({times})"


def _file_time(first: int, stop: int, offset: float) -> str:
    return f"{first / FRAME_RATE + offset:.1f}-{stop / FRAME_RATE + offset:.1f} s"
