"""Faces in scenes as cameras and editors make them: several, covered, cut, small, large."""

import csv
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from typer.testing import CliRunner

from avdf.cache import Shard, shard_paths
from avdf.cache.core.errors import SettingsError
from avdf.cache.core.video import PreparedVideo, VideoInfo
from avdf.cache.shards.inputs_table import Unprepared
from avdf.cli.main import app
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.faces.detection import Detection
from avdf.pipeline.faces.follow import follow
from avdf.pipeline.faces.followed_face import FollowedFace
from avdf.pipeline.faces.main_face import main_tracks
from avdf.pipeline.faces.track import FaceTrack
from avdf.pipeline.job.video_row import VideoRow
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.prepare import attempt_video
from avdf.pipeline.settings import FaceSettings, PrepSettings
from avdf.pipeline.synthetic.clip import generate_clip
from avdf.pipeline.synthetic.speaker import random_speaker
from tests.helpers.scenes import Frames, pictures, speaker, write_scene


def prep(*words: object) -> tuple[int, list[dict[str, str]]]:
    """Run `avdf prep`; its exit code and the rows of videos.csv. The last word is its --out."""
    out = Path(str(words[-1]))
    result = CliRunner().invoke(
        app, ["prep", *map(str, words[:-1]), "--workers", "1", "--out", str(out)]
    )
    with (out / "videos.csv").open(encoding="utf-8", newline="") as file:
        return result.exit_code, list(csv.DictReader(file))


def test_two_faces_side_by_side_are_two_tracks(tmp_path: Path) -> None:
    both = np.concatenate([speaker(1)[:40], speaker(2)[:40]], axis=2)
    code, (row,) = prep(
        write_scene(tmp_path / "two.mp4", both), "--faces", "all", tmp_path / "out"
    )
    assert code == 0 and row["status"] == "ok", row["reason"]
    assert (row["faces"], row["tracks"], row["frames"]) == ("2", "2", "80")
    with Shard(shard_paths(tmp_path / "out")[0]) as shard:
        centres = shard.column("frames/box")[:, [0, 2]].mean(axis=1)
    assert ((centres < 256).sum(), (centres > 256).sum()) == (40, 40)


def test_what_holds_arrays_is_compared_by_identity() -> None:
    """Two boxes that are equal element by element have no single truth value: `==` would raise."""
    from avdf.cache.core.video import PreparedVideo, Track
    from avdf.pipeline.faces.detection import Detection
    from avdf.pipeline.faces.followed_face import FollowedFace
    from avdf.pipeline.faces.track import FaceTrack
    from avdf.pipeline.media.frame import DecodedFrame

    for holder in (
        Detection,
        FaceTrack,
        FollowedFace,
        DecodedFrame,
        Track,
        PreparedVideo,
    ):
        assert holder.__eq__ is object.__eq__, holder


def followed(frames: Frames, detector: FaceDetector) -> list[FollowedFace]:
    """The long faces that MTCNN finds. Each has one crop for each row, of that very row."""
    faces, rows, *_ = follow(
        pictures(frames), detector, lambda picture, _: b"%d" % picture.row
    )
    assert rows == len(frames)
    for face in faces:
        assert face.crops == [
            b"%d" % row for row in range(face.track.first, face.track.last + 1)
        ]
        assert (
            len(face.square_boxes())
            == len(face.track)
            == len(face.track.probabilities(face.track.first, face.track.last + 1))
        )
    return [
        face
        for face in faces
        if len(face.track) >= 16 and face.track.probability >= 0.95
    ]


def spans(faces: list[FollowedFace]) -> list[tuple[int, int]]:
    return [(face.track.first, face.track.last) for face in faces]


DISTURBANCES: dict[str, Callable[[Frames], Frames]] = {
    "flash": lambda picture: np.clip(picture.astype(int) + 150, 0, 255).astype(
        np.uint8
    ),
    "white": lambda picture: np.full_like(picture, 255),
    "black": np.zeros_like,
    "torn": lambda picture: np.concatenate(
        [picture[:120], np.roll(picture[120:], 90, axis=1)]
    ),
}


@pytest.mark.parametrize("name", DISTURBANCES)
@pytest.mark.parametrize("rows", [(30,), (30, 31)], ids=["one", "two"])
def test_a_disturbed_frame_breaks_nothing(
    name: str, rows: tuple[int, ...], detector: FaceDetector
) -> None:
    frames = speaker(2)[:60].copy()
    for row in rows:
        frames[row] = DISTURBANCES[name](frames[row])
    assert spans(followed(frames, detector)) == [(0, 59)]


def test_a_repeated_frame_breaks_nothing(detector: FaceDetector) -> None:
    frames = speaker(2)[:60].copy()
    frames[30], frames[40] = frames[29], frames[20]
    assert spans(followed(frames, detector)) == [(0, 59)]


def test_a_flash_at_a_cut_hides_no_cut(detector: FaceDetector) -> None:
    frames = np.concatenate([speaker(2)[:30], speaker(4)[:30]])
    frames[30] = 255
    assert spans(followed(frames, detector)) == [(0, 29), (31, 59)]


def like_the_wall_of(frames: Frames, other: Frames) -> Frames:
    """The frames at the brightness and contrast of others: a cut between them changes little."""
    shifted = (frames.astype(np.float32) - frames.mean()) * (
        other.std() / frames.std()
    ) + other.mean()
    return np.asarray(np.clip(shifted, 0, 255), np.uint8)


@pytest.mark.parametrize(("before", "after"), [(1, 2), (2, 4), (3, 6), (2, 7)])
@pytest.mark.parametrize("row", [23, 40])
def test_a_cut_between_similar_shots_is_where_it_is(
    before: int, after: int, row: int, detector: FaceDetector
) -> None:
    frames = np.concatenate(
        [
            speaker(before)[:row],
            like_the_wall_of(speaker(after), speaker(before))[: 70 - row],
        ]
    )
    assert spans(followed(frames, detector)) == [(0, row - 1), (row, 69)]


def test_another_light_on_the_same_face_is_no_cut(detector: FaceDetector) -> None:
    frames = speaker(2)[:60].copy()
    frames[30:] = (frames[30:] * 0.55).astype(np.uint8)
    assert spans(followed(frames, detector)) == [(0, 59)]


def test_another_person_in_one_part_of_the_frame_is_another_track(
    detector: FaceDetector,
) -> None:
    """A call of several persons: one tile changes, which is little for the whole frame."""
    frames = np.full((70, 512, 768, 3), 120, np.uint8)
    frames[:, :256, :256] = speaker(1)[:70]
    frames[:, 256:, 512:] = np.concatenate([speaker(2)[:33], speaker(4)[:37]])
    assert sorted(spans(followed(frames, detector))) == [(0, 32), (0, 69), (33, 69)]


def test_real_speakers_before_one_wall_are_cut_apart(
    media: Path, detector: FaceDetector, tmp_path: Path
) -> None:
    from itertools import pairwise

    from avdf.pipeline.media.decode import Decoder
    from avdf.pipeline.media.frame import DecodedFrame
    from avdf.pipeline.media.probe import probe
    from avdf.pipeline.settings import Limits

    names = (
        "s01_bbaf2n",
        "s02_pwij3p",
        "s16_bgal9n",
        "s25_bbwx8n",
        "s26_lbbo3n",
        "s27_bbbp8n",
        "s30_bwwy5n",
        "s31_bgix8n",
    )
    shots = []
    for name in names:
        with Decoder(
            probe(media / "clips" / f"grid_{name}.mpg", Limits()), Limits()
        ) as decoder:
            shots.append(list(decoder.frames())[:27])
    for before, after in pairwise(shots):
        joined = [
            DecodedFrame(row, picture.planes, picture.colour)
            for row, picture in enumerate([*before, *after])
        ]
        faces, *_ = follow(joined, detector, lambda *_: b"")
        assert spans(faces) == [(0, 26), (27, 53)]


@pytest.mark.parametrize("hidden", [8, 14, 18, 40])
def test_after_a_cover_the_face_is_followed_again(
    hidden: int, detector: FaceDetector
) -> None:
    """Something comes in from the side, covers the face, and leaves: all other rows are kept."""
    frames = speaker(2)[:100].copy()
    for row in range(20, 32 + hidden):
        reach = round(256 * min(1, (row - 20) / 6, (32 + hidden - row) / 6))
        frames[row, 30:, :reach] = (90, 110, 90)
    found = spans(followed(frames, detector))
    assert (found[0][0] == 0 and 19 <= found[0][1] <= 25) or found == [(0, 99)]
    assert found[-1][1] == 99 and found[-1][0] <= 34 + hidden
    assert len(found) == (1 if found[0][1] == 99 else 2)


def test_a_cover_in_a_calm_frame_costs_no_row_after_it(detector: FaceDetector) -> None:
    """The face is seen before and after the cover between two searches: nothing else changes."""
    frames = np.full((74, 256, 1024, 3), 150, np.uint8)
    frames[:, :, :256] = speaker(2)[:74]
    frames[28:46, 20:250, 20:236] = 120
    assert spans(followed(frames, detector)) == [(0, 27), (46, 73)]


def test_a_face_that_joins_a_calm_frame_is_followed_from_its_first_row(
    detector: FaceDetector,
) -> None:
    frames = np.full((90, 256, 768, 3), 150, np.uint8)
    frames[:, :, :256] = speaker(2)[:90]
    frames[31:, 128:256, 600:728] = speaker(4)[:59, ::2, ::2]
    assert sorted(spans(followed(frames, detector))) == [(0, 89), (31, 89)]


def mixed(kind: str, length: int) -> Frames:
    """40 rows of one speaker, a transition of `length` rows, 40 rows of another."""
    first, second = speaker(2)[: 40 + length], speaker(4)[: 40 + length]
    frames = np.concatenate([first, second[length:]]).copy()
    for step in range(length):
        share, row = (step + 1) / (length + 1), 40 + step
        old, new = first[row].astype(np.float32), second[step].astype(np.float32)
        if kind == "dissolve":
            frames[row] = old * (1 - share) + new * share
        elif kind == "wipe":
            edge = round(256 * share)
            frames[row, :, :edge] = new[:, :edge]
        else:  # down to black, and up again
            frames[row] = old * max(0.0, 1 - 2 * share) + new * max(0.0, 2 * share - 1)
    return frames


@pytest.mark.parametrize("kind", ["dissolve", "wipe", "fade"])
@pytest.mark.parametrize("length", [12, 25])
def test_no_row_of_a_transition_is_a_face(
    kind: str, length: int, detector: FaceDetector
) -> None:
    """Each speaker is a track. Rows that show both, or that are nearly black, belong to none."""
    found = spans(followed(mixed(kind, length), detector))
    assert len(found) == 2 and found[0][0] == 0 and found[1][1] == 79 + length, found
    # A wipe reaches the face late.
    clean = 0.35 * length if kind in ("wipe", "fade") else 0.1 * length
    assert 38 <= found[0][1] <= 40 + clean, found
    assert 39 + length - clean <= found[1][0] <= 43 + length, found


def test_rows_need_not_begin_at_zero(detector: FaceDetector) -> None:
    """A video that starts after its audio has later rows; the rows of a fade count from there."""
    late = [
        DecodedFrame(picture.row + 50, picture.planes, picture.colour)
        for picture in pictures(mixed("fade", 25))
    ]
    faces, *_ = follow(late, detector, lambda *_: b"")
    before, after = spans([face for face in faces if len(face.track) >= 16])
    assert (
        before[0] == 50
        and 88 <= before[1] <= 98
        and 105 <= after[0] <= 118
        and after[1] == 154
    )


def test_a_face_that_flies_by_is_followed_as_long_as_it_is_seen(
    detector: FaceDetector,
) -> None:
    frames = np.full((80, 256, 1000, 3), 150, np.uint8)
    face = speaker(2)[:80, 30:230, 56:200]
    for row in range(10, 75):
        left = -144 + 18 * (row - 10)
        seen = slice(max(0, left), min(1000, left + 144))
        if seen.start < seen.stop:
            frames[row, 28:228, seen] = face[
                row, :, seen.start - left : seen.stop - left
            ]
    (span,) = spans(followed(frames, detector))
    whole = [row for row in range(10, 75) if 0 <= -144 + 18 * (row - 10) <= 856]
    assert span[0] <= whole[0] and span[1] >= whole[-1], (span, whole[0], whole[-1])


def test_a_camera_that_pans_over_a_face_makes_no_transition(
    detector: FaceDetector,
) -> None:
    wide = np.full((256, 700, 3), 150, np.uint8)
    grain = np.random.default_rng(0).integers(0, 60, (16, 44, 1), dtype=np.uint8)
    wide = wide + np.kron(grain, np.ones((16, 16, 1), np.uint8))[:256, :700]
    frames = np.empty((75, 256, 400, 3), np.uint8)
    for row in range(75):
        scene = wide.copy()
        scene[:, 250:506] = speaker(2)[row]
        frames[row] = scene[:, 200 - 2 * abs(row - 37) : 600 - 2 * abs(row - 37)]
    assert spans(followed(frames, detector)) == [(0, 74)]


def black_share(squares: npt.NDArray[np.float32], width: int, height: int) -> float:
    """The largest share of a square that lies outside of the picture."""
    inside = np.minimum(squares[:, 2:], [width, height]) - np.maximum(squares[:, :2], 0)
    return float(
        1
        - (inside.clip(min=0).prod(axis=1) / (squares[:, 2] - squares[:, 0]) ** 2).min()
    )


@pytest.mark.parametrize("seed", [2, 4, 5])
def test_a_face_that_fills_the_frame_is_cropped_whole_and_still(
    seed: int, detector: FaceDetector
) -> None:
    near = speaker(seed)[:50, 62:212, 66:190].repeat(4, axis=1).repeat(4, axis=2)
    (face,) = followed(near, detector)
    squares = face.square_boxes()
    assert len(face.track) == 50 and black_share(squares, 496, 600) < 0.25
    assert (squares[:, 2] - squares[:, 0]).max() <= 601
    assert np.abs(np.diff(squares, axis=0)).max() < 0.03 * 600


def test_a_long_track_costs_no_more_than_its_rows() -> None:
    """Two hours of one face: what a piece of it costs does not grow with the rest."""
    box = np.array([10, 10, 90, 110], np.float32)
    track = FaceTrack(list(range(0, 180_000, 5)), [Detection(box, 0.99)] * 36_000)
    tracemalloc.start()
    assert track.probabilities(0, 179_996).shape == (179_996,)
    whole = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    track.squares(90_000, 90_025, 6, 1.3)
    piece = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert whole < 20_000_000 and piece < 100_000, (whole, piece)


def beside_a_photograph() -> Frames:
    """A small person who talks, and a photograph four times as large."""
    noise = np.random.default_rng(1).integers(-5, 6, (50, 512, 512, 1))
    photograph = speaker(4)[0].repeat(2, axis=0).repeat(2, axis=1)[None] + noise
    frames = np.full((50, 512, 800, 3), 140, np.uint8)
    frames[:, :, 288:] = np.clip(photograph, 0, 255)
    frames[:, 128:384, :256] = speaker(2)[:50]
    return frames


def test_the_face_that_talks_wins_over_a_larger_photograph(
    tmp_path: Path, detector: FaceDetector
) -> None:
    """The row says that somebody else was there, too."""
    path = write_scene(tmp_path / "photo.mp4", beside_a_photograph())
    video = attempt_video(
        VideoInfo(id="photo", path=str(path)), PrepSettings(), detector
    )
    assert isinstance(video, PreparedVideo) and [
        len(track) for track in video.tracks
    ] == [50]
    assert (video.tracks[0].boxes[:, 2] < 300).all()
    row = VideoRow.prepared(video, "")
    assert row.faces == 2 and "1 other face beside the one that is kept" in row.reason


def test_a_photograph_does_not_move_a_speaker_does(
    media: Path, detector: FaceDetector
) -> None:
    from avdf.pipeline.media.decode import Decoder
    from avdf.pipeline.media.probe import probe
    from avdf.pipeline.settings import Limits

    for name in ("s02_pwij3p", "s26_bgbsza", "s30_bwwy5n"):
        with Decoder(
            probe(media / "clips" / f"grid_{name}.mpg", Limits()), Limits()
        ) as decoder:
            shot = list(decoder.frames())
        (talking,), *_ = follow(shot, detector, lambda *_: b"")
        (still,), *_ = follow(
            [shaking_photograph(shot[5], row) for row in range(75)],
            detector,
            lambda *_: b"",
        )
        tracks, motions = (
            [talking.track, still.track],
            [talking.motion(), still.motion()],
        )
        assert motions[0] > 1.5 * motions[1]
        assert main_tracks(tracks, 16, motions) == [talking.track]


def shaking_photograph(photograph: DecodedFrame, row: int) -> DecodedFrame:
    """One picture before a camera in the hand, with its noise."""
    height, width = photograph.planes[0].shape
    move = np.array([[1, 0, 5 * np.sin(row / 3)], [0, 1, 4 * np.sin(row / 4)]])
    moved = cv2.warpAffine(
        photograph.planes[0], move, (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    noisy = moved + np.random.default_rng(row).normal(scale=2.5, size=moved.shape)
    luma = np.clip(noisy, 0, 255).astype(np.uint8)
    return DecodedFrame(row, (luma, *photograph.planes[1:]), photograph.colour)


def test_a_still_face_is_kept_where_nobody_else_is(detector: FaceDetector) -> None:
    """There is no face to prefer: a portrait that does not move is judged as well."""
    (face,) = followed(np.repeat(speaker(4)[:1], 40, axis=0), detector)
    assert face.motion() < 0.03
    assert main_tracks([face.track], 16, [face.motion()]) == [face.track]


def large_and_small() -> Frames:
    """A face of 270 pixels and one of 34, as in a discussion filmed from afar."""
    frames = np.full((40, 540, 960, 3), 140, np.uint8)
    frames[:, 14:526, 20:532] = speaker(2)[:40].repeat(2, axis=1).repeat(2, axis=2)
    small = np.stack(
        [
            cv2.resize(frame, (64, 64), interpolation=cv2.INTER_AREA)
            for frame in speaker(4)[:40]
        ]
    )
    frames[:, 400:464, 800:864] = small
    return frames


@pytest.mark.parametrize(
    ("settings", "sides"),
    [
        (PrepSettings(), [270]),
        (PrepSettings(faces="all"), [34, 270]),
        (PrepSettings(faces="all", face=FaceSettings(smallest=200)), [270]),
    ],
    ids=["main", "all", "all above 200"],
)
def test_all_finds_faces_of_unequal_size(
    settings: PrepSettings, sides: list[int], tmp_path: Path
) -> None:
    path = write_scene(tmp_path / "sizes.mp4", large_and_small())
    video = attempt_video(
        VideoInfo(id="sizes", path=str(path)), settings, FaceDetector(settings.face)
    )
    assert isinstance(video, PreparedVideo) and [
        len(track) for track in video.tracks
    ] == [40] * len(sides)
    found = sorted(
        float(np.mean(track.boxes[:, 2] - track.boxes[:, 0])) / 1.3
        for track in video.tracks
    )
    np.testing.assert_allclose(found, sides, rtol=0.25)


def test_a_smaller_face_is_found_where_it_is_asked_for() -> None:
    tiny = np.full((20, 540, 960, 3), 140, np.uint8)
    tiny[:, 100:148, 100:148] = np.stack(
        [
            cv2.resize(frame, (48, 48), interpolation=cv2.INTER_AREA)
            for frame in speaker(2)[:20]
        ]
    )
    assert followed(tiny, FaceDetector(FaceSettings())) == []
    (face,) = followed(tiny, FaceDetector(FaceSettings(smallest=20)))
    assert len(face.track) == 20 and face.track.side < 36


def test_prep_takes_the_smallest_face(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def remember(
        listing: object, out: object, settings: PrepSettings, **_: object
    ) -> None:
        asked.append(settings.face.smallest)
        raise SettingsError("enough")

    monkeypatch.setattr("avdf.preparing.run_prep", remember)
    path = write_scene(tmp_path / "one.mp4", speaker(2)[:5])
    for size, code in (("30", 2), ("5", 2)):
        words = [
            "prep",
            str(path),
            "--smallest-face",
            size,
            "--out",
            str(tmp_path / "out"),
        ]
        result = CliRunner().invoke(app, words)
        assert isinstance(result.exception, SettingsError) or result.exit_code == code
    assert asked == [30]


def test_score_takes_the_smallest_face(
    run: Path, synthetic_manifest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def remember(info: VideoInfo, settings: PrepSettings, _: object) -> Unprepared:
        asked.append(settings.face.smallest)
        return Unprepared(info, "no_face", "nobody")

    monkeypatch.setattr("avdf.scoring.attempt_video", remember)
    clip = synthetic_manifest.parent / "p0_real.mp4"
    result = CliRunner().invoke(
        app, ["score", str(run), str(clip), "--smallest-face", "40"]
    )
    assert result.exit_code == 3 and asked == [40]


def test_a_long_gap_filled_with_one_frame_is_no_face(detector: FaceDetector) -> None:
    frames = speaker(1)
    filled = np.concatenate(
        [frames[:40], np.repeat(frames[39:40], 80, axis=0), frames[40:80]]
    )
    faces, rows, frozen = follow(
        pictures(filled), detector, lambda picture, _: b"%d" % picture.row
    )
    assert rows == 160 and frozen == [(40, 119)]
    assert [(face.track.first, face.track.last) for face in faces] == [
        (0, 39),
        (120, 159),
    ]


def test_a_video_of_one_still_frame_is_kept(detector: FaceDetector) -> None:
    (face,), _, frozen = follow(
        pictures(np.repeat(speaker(1)[:1], 80, axis=0)), detector, lambda *_: b""
    )
    assert frozen == [] and len(face.track) == 80


def test_a_mouth_that_shuts_at_once_is_no_other_person(detector: FaceDetector) -> None:
    """In a dark face with little detail, an open mouth is most of the contrast."""
    person = random_speaker(np.random.default_rng([11, 2, 0]), "women")
    frames = generate_clip(person, 1.6, np.random.default_rng([11, 2, 9])).frames
    assert spans(followed(frames, detector)) == [(0, len(frames) - 1)]
