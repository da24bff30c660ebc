"""The stages of preparation after decoding: lengths, the choice of faces, notes, and failures."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avdf.cache.core.errors import MediaError
from avdf.cache.core.video import VideoInfo
from avdf.cache.shards.inputs_table import Unprepared
from avdf.pipeline import prepare, stretch
from avdf.pipeline.decoded_video import DecodedVideo
from avdf.pipeline.face_choice import choose_faces
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.faces.followed_face import FollowedFace
from avdf.pipeline.faces.row_span import RowSpan
from avdf.pipeline.media.audio import DecodedAudio
from avdf.pipeline.media.media_info import MediaInfo
from avdf.pipeline.preparation_notes import note_on_other_faces, notes_on
from avdf.pipeline.prepare import attempt_video
from avdf.pipeline.settings import Limits, PrepSettings
from tests.helpers.tracks import make_face

SETTINGS = PrepSettings()
MEDIA = MediaInfo(Path("a.mp4"), "ffmpeg", 0, 1, 640, 480, 0.0, 2.0, "yuv420p", "bt709")
WHOLE = DecodedVideo(
    faces=[make_face(0, 99)],
    audio=DecodedAudio(0, np.ones(64_000, np.int16)),
    first=0,
    stop=100,
    frames_stop=100,
    frozen=[],
    damage="",
    complaint="",
    channels_cancel=False,
)


def changed(**fields: Any) -> DecodedVideo:
    return replace(WHOLE, **fields)


def chosen(
    decoded: DecodedVideo,
    settings: PrepSettings = SETTINGS,
) -> list[FollowedFace]:
    return choose_faces(decoded, 2.0, settings)


def refusal(decoded: DecodedVideo) -> MediaError:
    with pytest.raises(MediaError) as caught:
        chosen(decoded)
    return caught.value


def length_refusal(
    decoded: DecodedVideo,
    settings: PrepSettings = SETTINGS,
) -> MediaError:
    with pytest.raises(MediaError) as caught:
        stretch._check_length(decoded, settings)
    return caught.value


def test_a_face_shares_the_rows_that_have_audio() -> None:
    decoded = changed(first=10, stop=60)
    assert decoded.rows == 50
    assert decoded.shared_rows(make_face(0, 99)) == range(10, 60)
    assert len(decoded.shared_rows(make_face(70, 99))) == 0


def test_the_main_face_is_chosen() -> None:
    long, brief = make_face(0, 99), make_face(10, 40)
    assert chosen(changed(faces=[brief, long])) == [long]


def test_all_long_faces_are_chosen_where_all_are_asked_for() -> None:
    long, brief, too_short = make_face(0, 99), make_face(10, 40), make_face(50, 60)
    decoded = changed(faces=[long, brief, too_short])
    assert chosen(decoded, PrepSettings(faces="all")) == [long, brief]


def test_an_improbable_face_is_none() -> None:
    face = make_face(0, 99)
    face.track.detections = [
        replace(seen, probability=0.5) for seen in face.track.detections
    ]
    assert refusal(changed(faces=[face])).status == "no_face"


def test_a_face_for_less_than_a_segment_is_too_short() -> None:
    error = refusal(changed(faces=[make_face(0, 14)]))
    assert error.status == "too_short"
    assert "at most 15 consecutive frames, a segment needs 16" in str(error)


def test_rows_that_stand_still_are_named_where_too_little_is_left() -> None:
    frozen = [RowSpan(15, 99)]
    error = refusal(changed(faces=[make_face(0, 14)], frozen=frozen))
    assert str(error).endswith("needs 16 (the video stands still from 2.6 to 6.0 s)")
    error = refusal(changed(faces=[], frozen=frozen))
    assert str(error).endswith("100 frames (the video stands still from 2.6 to 6.0 s)")


def test_a_face_where_there_is_no_audio_is_reported_with_its_time() -> None:
    error = refusal(changed(faces=[make_face(50, 99)], stop=25))
    assert error.status == "no_face"
    assert "face at 4.0-6.0 s, video and audio at 2.0-3.0 s" in str(error)


def test_a_whole_video_passes_the_check_of_its_length() -> None:
    stretch._check_length(WHOLE, SETTINGS)


def test_a_video_without_frames_is_corrupt() -> None:
    error = length_refusal(changed(frames_stop=0, complaint="Invalid data"))
    assert (error.status, str(error)) == (
        "corrupt",
        "no frame can be decoded: Invalid data",
    )


def test_a_video_without_samples_is_corrupt() -> None:
    silent = changed(audio=DecodedAudio(0, np.empty(0, np.int16)), damage="cut")
    error = length_refusal(silent)
    assert (error.status, str(error)) == (
        "corrupt",
        "no audio can be decoded: the stream is empty",
    )


def test_streams_without_a_common_time_are_too_short() -> None:
    assert length_refusal(changed(frames_stop=0)).status == "too_short"


def test_a_video_that_hid_its_length_is_too_long() -> None:
    settings = PrepSettings(limits=Limits(seconds=3.9))
    assert length_refusal(WHOLE, settings).status == "too_long"


def test_less_than_a_segment_is_too_short_and_names_the_damage() -> None:
    error = length_refusal(changed(stop=9, damage="damaged near 1.0 s"))
    assert error.status == "too_short"
    assert str(error) == "9 frames with audio, a segment needs 16 (damaged near 1.0 s)"


def test_notes_name_what_is_special_in_file_time() -> None:
    decoded = changed(channels_cancel=True, damage="a gap", frozen=[RowSpan(25, 74)])
    notes = notes_on(replace(MEDIA, notes=("deinterlaced",)), decoded)
    assert notes == [
        "deinterlaced",
        "the two audio channels cancel each other: the louder one is used",
        "partly read: a gap",
        "the video stands still from 3.0 to 5.0 s: left out",
    ]


def test_five_still_stretches_are_named_at_most() -> None:
    frozen = [RowSpan(start, start + 49) for start in range(0, 1000, 100)]
    notes = notes_on(MEDIA, changed(frozen=frozen))
    assert sum("stands still" in note for note in notes) == 5


def test_other_faces_are_counted_in_a_note() -> None:
    kept, other, third = make_face(0, 99), make_face(0, 50), make_face(10, 60)
    assert note_on_other_faces([kept], [kept]) == []
    (one,) = note_on_other_faces([kept], [kept, other])
    (two,) = note_on_other_faces([kept], [kept, other, third])
    assert one == "1 other face beside the one that is kept"
    assert two == "2 other faces beside the one that is kept"


def attempt(
    detector: FaceDetector,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> Unprepared:
    """What becomes of a video whose preparation fails."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(prepare, "probe", fail)
    found = attempt_video(VideoInfo(id="a", path="a.mp4"), SETTINGS, detector)
    assert isinstance(found, Unprepared)
    return found


def test_an_unusable_file_is_a_row_with_its_status(
    detector: FaceDetector,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = attempt(detector, monkeypatch, MediaError("no_audio", "no audio stream"))
    assert (found.status, found.reason) == ("no_audio", "no audio stream")


def test_an_error_of_the_system_is_unreadable(
    detector: FaceDetector,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = attempt(detector, monkeypatch, OSError(5, "Input/output error"))
    assert (found.status, found.reason) == ("unreadable", "Input/output error")


def test_a_defect_is_a_row_that_names_its_line(
    detector: FaceDetector,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = attempt(detector, monkeypatch, RuntimeError("oops"))
    assert found.status == "internal"
    assert found.reason.startswith("RuntimeError: oops (test_prepare.py:")


def test_a_file_that_is_changed_while_it_is_read_is_unreadable(
    detector: FaceDetector,
    synthetic_manifest: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its hash would be that of other content than was decoded."""
    file = tmp_path / "a.mp4"
    shutil.copy(synthetic_manifest.parent / "p4_real.mp4", file)
    decode: Callable[..., DecodedVideo] = vars(stretch)["decode_video"]

    def decode_and_change(*given: Any) -> DecodedVideo:
        decoded = decode(*given)
        with file.open("ab") as writer:
            writer.write(b"more")
        return decoded

    monkeypatch.setattr(stretch, "decode_video", decode_and_change)
    found = attempt_video(VideoInfo(id="a", path=str(file)), SETTINGS, detector)
    assert isinstance(found, Unprepared)
    assert found.status == "unreadable"
    assert found.reason.startswith("the file was changed while it was read")


def test_a_faulty_entry_is_not_opened(detector: FaceDetector) -> None:
    info = VideoInfo(id="a", path="a.mp4", fault="the label is 'maybe'")
    found = attempt_video(info, SETTINGS, detector)
    assert isinstance(found, Unprepared)
    assert (found.status, found.reason) == ("bad_entry", "the label is 'maybe'")
