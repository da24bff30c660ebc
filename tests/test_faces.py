"""Faces in scenes as cameras and editors make them: several people, flashes, cuts, covers, small and large."""

import csv
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from avdf.cache import Shard, shard_paths
from avdf.cli.main import app
from tests.scenes import speaker, write_scene


def prep(*words: object) -> tuple[int, list[dict[str, str]]]:
    """Run `avdf prep` (the last word is its --out) and return its exit code and the rows of videos.csv."""
    out = Path(str(words[-1]))
    result = CliRunner().invoke(app, ["prep", *map(str, words[:-1]), "--workers", "1", "--out", str(out)])
    with (out / "videos.csv").open(encoding="utf-8", newline="") as file:
        return result.exit_code, list(csv.DictReader(file))


def test_two_people_side_by_side_are_two_tracks(tmp_path: Path) -> None:
    both = np.concatenate([speaker(1)[:40], speaker(2)[:40]], axis=2)
    code, (row,) = prep(write_scene(tmp_path / "two.mp4", both), "--faces", "all", tmp_path / "out")
    assert code == 0 and row["status"] == "ok", row["reason"]
    assert (row["faces"], row["tracks"], row["frames"]) == ("2", "2", "80")
    with Shard(shard_paths(tmp_path / "out")[0]) as shard:
        centres = shard.column("frames/box")[:, [0, 2]].mean(axis=1)
    assert ((centres < 256).sum(), (centres > 256).sum()) == (40, 40)


def test_what_holds_arrays_is_compared_by_identity() -> None:
    """Two boxes that are equal element by element have no single truth value: `==` would raise."""
    from avdf.cache.video import PreparedVideo, Track
    from avdf.pipeline.detect import Detection
    from avdf.pipeline.follow import FollowedFace
    from avdf.pipeline.picture import Picture
    from avdf.pipeline.track import FaceTrack

    for holder in (Detection, FaceTrack, FollowedFace, Picture, Track, PreparedVideo):
        assert holder.__eq__ is object.__eq__, holder
