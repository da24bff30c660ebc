"""`avdf forge`: forgeries of genuine videos, as files that `avdf prep` reads."""

import csv
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import avdf
from avdf.cache.core.clock import SAMPLES_PER_FRAME
from avdf.cache.core.errors import AvdfError
from avdf.cache.stream.index import list_shard_videos
from avdf.cache.stream.shard_pool import ShardPool
from avdf.forge_job import clip_files
from avdf.model.forging.clip_forger import ClipForger, ForgedClip
from avdf.model.forging.clip_place import ClipPlace
from avdf.pipeline.sources import list_videos
from tests.helpers.command import call
from tests.helpers.prepared import grey_track, grey_video, write_shard

MakeOnce = Callable[[str, Callable[[Path], None]], Path]
ALONE = "needs another person of the same split with as much sound"
FORGERS = ("self_blend", "lpc", "self_blend+lpc", "other_sound")


def rows_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def forged(shards: Path, make_once: MakeOnce) -> Path:
    """Forgeries of the six genuine ones of 18 synthetic clips."""

    def fill(folder: Path) -> None:
        options = avdf.ForgeOptions(FORGERS)
        result = avdf.forge(shards, folder / "out", options)
        # The only person of its split.
        assert result.failures == (f"p3_real.mp4: other_sound {ALONE}",)

    return make_once("forgeries", fill) / "out"


def test_each_genuine_video_is_forged_by_each_forger(forged: Path) -> None:
    rows = rows_of(forged)
    methods = Counter(row["method"] for row in rows)
    assert methods == {"": 6, **dict.fromkeys(FORGERS, 6), "other_sound": 5}
    # The clips that are labelled fake are left out.
    assert {row["source"].rpartition("_")[2] for row in rows} == {"real.mp4"}
    assert all((forged / row["path"]).stat().st_size for row in rows)


def test_labels_say_what_is_forged(forged: Path) -> None:
    names = ("label", "label_visual", "label_audio")
    expected = {
        "": ("0", "0", "0"),
        "self_blend": ("1", "1", "0"),
        "lpc": ("1", "0", "1"),
        "self_blend+lpc": ("1", "1", "1"),
        "other_sound": ("1", "0", "0"),
    }
    for row in rows_of(forged):
        assert tuple(row[name] for name in names) == expected[row["method"]]


def test_a_person_stays_in_one_split(forged: Path) -> None:
    splits: dict[str, set[str]] = {}
    for row in rows_of(forged):
        splits.setdefault(row["identity"], set()).add(row["split"])
    assert len(splits) == 6
    assert all(len(one) == 1 for one in splits.values())


def test_prep_lists_every_clip_with_its_labels(forged: Path) -> None:
    listing = list_videos([forged / "manifest.csv"])
    assert len(listing.videos) == 29
    labels = Counter(video.label for video in listing.videos)
    assert labels == {0: 6, 1: 23}
    assert not any(video.synthetic for video in listing.videos)


def test_clips_can_be_prepared(forged: Path, tmp_path: Path) -> None:
    rows = [row for row in rows_of(forged) if row["method"] in ("", "self_blend+lpc")]
    table = forged / "some.csv"
    chosen = [f"{row['path']},{row['label']}\n" for row in rows[:2]]
    table.write_text("path,label\n" + "".join(chosen), encoding="utf-8")
    result = avdf.prepare(table, tmp_path / "shards", avdf.PrepareOptions(workers=1))
    assert result.statuses == {"ok": 2}


def test_the_sheet_is_a_picture(forged: Path) -> None:
    sheet = cv2.imread(str(forged / "sheet.png"))
    assert sheet is not None and sheet.shape[1] == 896
    # One entry for each forger, of different heights.
    heights = 20 + 3 * 112, 20 + 112 + 3 * 80, 20 + 3 * 112 + 3 * 80, 20 + 112 + 3 * 80
    assert sheet.shape[0] == sum(heights)


def test_the_same_command_again_makes_nothing_new(shards: Path, forged: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in forged.rglob("*.mp4")}
    code, text = call(
        "forge", shards, "--out", forged, *[w for n in FORGERS for w in ("--forger", n)]
    )
    assert code == 3
    assert text.startswith("6 genuine clips, 23 forged (6 self_blend, 6 lpc, ")
    assert before == {path: path.stat().st_mtime_ns for path in forged.rglob("*.mp4")}


def test_an_interrupted_job_ends_with_the_same_files(
    shards: Path, forged: Path, tmp_path: Path
) -> None:
    out, seen = tmp_path / "out", []

    def interrupt(event: avdf.Progress | avdf.Note | avdf.Stage) -> None:
        seen.append(event)
        if isinstance(event, avdf.Progress) and event.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        avdf.forge(shards, out, avdf.ForgeOptions(FORGERS), interrupt)
    assert not (out / "manifest.csv").exists()
    avdf.forge(shards, out, avdf.ForgeOptions(FORGERS))
    for path in forged.rglob("*.mp4"):
        again = out / path.relative_to(forged)
        assert again.read_bytes() == path.read_bytes()
    assert rows_of(out) == rows_of(forged)


def test_other_settings_in_the_same_folder_are_refused(
    shards: Path, forged: Path
) -> None:
    code, text = call("forge", shards, "--out", forged, "--forger", "lpc")
    assert code == 2
    assert "was begun with other sources, options or another seed" in text


@pytest.mark.parametrize(
    ("name", "message"),
    [("self-blend", "did you mean self_blend"), ("lpc+other_sound", "can be joined")],
)
def test_forgers_that_do_not_exist_are_refused(
    name: str, message: str, shards: Path, tmp_path: Path
) -> None:
    code, text = call("forge", shards, "--out", tmp_path / "out", "--forger", name)
    assert code == 2
    assert message in text
    assert not (tmp_path / "out").exists()


def moving_shards(folder: Path, splits: Sequence[str]) -> Path:
    """Videos of grey frames and noise, each of a person of its own."""
    videos = []
    for number, split in enumerate(splits):
        generator = np.random.default_rng(number)
        samples = generator.normal(0, 3000, 64 * SAMPLES_PER_FRAME).astype(np.int16)
        known: dict[str, Any] = {"split": split, "identity": f"person {number}"}
        track = grey_track(64, pcm=samples)
        videos.append(grey_video(f"v{number}", [track], label=0, **known))
    write_shard(folder, *videos)
    return folder


def sound_shards(folder: Path, synthetic: bool = False) -> Path:
    videos = []
    for number in range(3):
        generator = np.random.default_rng(number)
        samples = generator.normal(0, 3000, 60 * SAMPLES_PER_FRAME).astype(np.int16)
        track = grey_track(60, pcm=samples)
        blind = type(track).of_sound(samples, track.log_mel)
        known = {"label": 0, "label_audio": 0, "synthetic": synthetic}
        videos.append(grey_video(f"v{number}", [blind], **known))
    write_shard(folder, *videos)
    return folder


def test_sound_alone_gives_sound_files(tmp_path: Path) -> None:
    result = avdf.forge(sound_shards(tmp_path / "shards"), tmp_path / "out")
    assert not result.failures
    rows = rows_of(tmp_path / "out")
    assert {Path(row["path"]).suffix for row in rows} == {".flac"}
    assert {(row["label_visual"], row["label_audio"]) for row in rows} == {
        ("-1", "0"),
        ("-1", "1"),
    }


def test_forgeries_of_synthetic_videos_are_synthetic(tmp_path: Path) -> None:
    shards = sound_shards(tmp_path / "shards", synthetic=True)
    avdf.forge(shards, tmp_path / "out", avdf.ForgeOptions(("lpc",)))
    listing = list_videos([tmp_path / "out" / "manifest.csv"])
    assert len(listing.videos) == 6
    assert all(video.synthetic for video in listing.videos)


def test_a_forgery_that_is_not_possible_is_named(tmp_path: Path) -> None:
    shards = sound_shards(tmp_path / "shards")
    code, text = call(
        "forge",
        *(shards, "--out", tmp_path / "out"),
        *("--forger", "self_blend", "--forger", "lpc"),
    )
    assert code == 3
    assert "v0: self_blend is not possible for what it has" in text
    assert Counter(row["method"] for row in rows_of(tmp_path / "out")) == {
        "": 3,
        "lpc": 3,
    }


def test_without_a_genuine_video_nothing_is_made(tmp_path: Path) -> None:
    write_shard(tmp_path / "shards", grey_video("v", label=1))
    code, text = call("forge", tmp_path / "shards", "--out", tmp_path / "out")
    assert code == 2
    assert "none of 1 video is genuine" in text


def test_files_without_labels_are_taken_for_genuine(
    synthetic_manifest: Path, tmp_path: Path
) -> None:
    clip = synthetic_manifest.parent / "p0_real.mp4"
    out = tmp_path / "out"
    code, text = call(
        "forge", clip, "--out", out, "--forger", "drift", "--workers", "1"
    )
    assert code == 0, text
    assert "1 video without a label: taken for genuine" in text
    assert [row["method"] for row in rows_of(out)] == ["", "drift"]
    assert len(list_shard_videos(out / "shards")) == 1


def test_settings_are_kept(forged: Path, shards: Path) -> None:
    kept = json.loads((forged / "forge.json").read_text(encoding="utf-8"))
    assert len(kept.pop("videos")) == 64
    assert kept == {"sources": [str(shards)], "forgers": list(FORGERS), "seed": 0}


def test_the_other_sound_is_of_the_same_split_and_its_person_is_named(
    tmp_path: Path,
) -> None:
    shards = moving_shards(tmp_path / "shards", splits=("train", "test") * 4)
    avdf.forge(shards, tmp_path / "out", avdf.ForgeOptions(("other_sound", "lpc")))
    rows: dict[str, list[dict[str, str]]] = {}
    for row in rows_of(tmp_path / "out"):
        rows.setdefault(row["method"], []).append(row)
    assert [row["targets"] for row in rows[""] + rows["lpc"]] == [""] * 16
    split_of = {row["identity"]: row["split"] for row in rows[""]}
    assert len(rows["other_sound"]) == 8
    for row in rows["other_sound"]:
        assert row["targets"] != row["identity"]
        assert split_of[row["targets"]] == row["split"]
    listing = list_videos([tmp_path / "out" / "manifest.csv"])
    targets = {video.targets for video in listing.videos if "other" in video.method}
    assert targets == {row["targets"] for row in rows["other_sound"]}


def test_without_another_person_in_its_split_no_sound_is_taken(tmp_path: Path) -> None:
    shards = moving_shards(tmp_path / "shards", splits=("train", "test"))
    result = avdf.forge(shards, tmp_path / "out", avdf.ForgeOptions(("other_sound",)))
    assert not result.forged
    assert ALONE in result.failures[0]


def test_a_fault_is_tried_again_and_a_refusal_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shards = moving_shards(tmp_path / "shards", splits=("", ""))
    options = avdf.ForgeOptions(("lpc", "drift"))
    written: list[str] = []

    def fail(path: Path, *_: object) -> None:
        written.append(path.name)
        if "lpc" in str(path) and "v0" in path.name:
            raise AvdfError("ffmpeg is ill")
        path.write_bytes(b"clip")

    monkeypatch.setattr(clip_files, "encode_clip", fail)
    first = avdf.forge(shards, tmp_path / "out", options)
    assert sorted(first.failures) == [
        "v0: ffmpeg is ill",
        "v0: nothing can be seen of the change",
        "v1: nothing can be seen of the change",
    ]
    # Of a video without any forgery, no genuine clip is listed.
    assert {row["source"] for row in rows_of(tmp_path / "out")} == {"v1"}

    monkeypatch.setattr(clip_files, "encode_clip", lambda path, *_: path.touch())
    forgers = forged_by(monkeypatch)
    again = avdf.forge(shards, tmp_path / "out", options)
    assert not any("ill" in failure for failure in again.failures)
    assert len(again.failures) == 2
    assert {row["source"] for row in rows_of(tmp_path / "out")} == {"v0", "v1"}
    # v1 was finished: only the sheet may have forged it again, by lpc.
    assert ("v1", "drift") not in forgers and ("v0", "drift") in forgers


def forged_by(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """From now on, which videos are forged, and how."""
    found: list[tuple[str, str]] = []
    forge = ClipForger.forge

    def noting(
        self: ClipForger, pool: ShardPool, place: ClipPlace, *others: Any
    ) -> ForgedClip:
        found.append((place.video.info.id, others[-1]))
        return forge(self, pool, place, *others)

    monkeypatch.setattr(ClipForger, "forge", noting)
    return found


def test_other_videos_in_the_shards_are_refused(tmp_path: Path) -> None:
    shards, out = tmp_path / "shards", tmp_path / "out"
    moving_shards(shards, splits=("train", "train"))
    avdf.forge(shards, out, avdf.ForgeOptions(("lpc",)))
    for splits in (("train", "val"), ("train", "train", "train")):
        moving_shards(shards, splits=splits)
        code, text = call("forge", shards, "--out", out, "--forger", "lpc")
        assert code == 2
        assert "are not the same as when" in text and "was begun" in text
    moving_shards(shards, splits=("train", "train"))
    assert call("forge", shards, "--out", out, "--forger", "lpc")[0] == 0


def test_another_file_under_the_same_name_is_refused(
    synthetic_manifest: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / "real", tmp_path / "out"
    source.mkdir()
    clip = source / "a.mp4"
    clip.write_bytes((synthetic_manifest.parent / "p0_real.mp4").read_bytes())
    command = ("forge", source, "--out", out, "--forger", "drift", "--workers", "1")
    assert call(*command)[0] == 0
    clip.write_bytes((synthetic_manifest.parent / "p1_real.mp4").read_bytes())
    code, text = call(*command)
    assert code == 2
    assert "are not the same as when" in text
