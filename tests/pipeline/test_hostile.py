"""Broken and hostile input: every file gets its row, nothing hangs, nothing is `internal`."""

import json
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest

from avdf.cache import Shard, VideoInfo, shard_paths
from avdf.pipeline.job.run import run_prep
from avdf.pipeline.media.ffmpeg import find_tool
from avdf.pipeline.settings import Limits, PrepSettings
from avdf.pipeline.sources import list_videos
from tests.helpers.trees import write_avdeepfake1m, write_dfdc, write_kodf, write_lavdf

STATUSES = {
    "ok",
    "corrupt",
    "unsupported",
    "timeout",
    "too_short",
    "too_long",
    "too_large",
}
STATUSES |= {"no_video", "no_audio", "no_face"}
LIMITS = Limits(
    seconds=30,
    pixels=1920 * 1080,
    decode_timeout=60,
    stall_timeout=20,
    probe_timeout=20,
)
pytestmark = pytest.mark.usefixtures("in_this_process")
MUTANTS = 16  # of each container


def mutate(data: bytes, generator: np.random.Generator) -> bytes:
    """Data with bits flipped, or parts zeroed, doubled, inserted or cut; most near the head."""
    content = bytearray(data)
    for _ in range(int(generator.integers(1, 5))):
        place = int(len(content) * generator.beta(0.5, 1.5))
        length = int(generator.integers(1, max(2, len(content) // 20)))
        kind = generator.integers(6)
        if kind == 0:
            for at in generator.integers(place, len(content), 8):
                content[at] ^= 1 << int(generator.integers(8))
        elif kind == 1:
            content[place : place + length] = bytes(min(length, len(content) - place))
        elif kind == 2:
            content[place:place] = content[place : place + length]
        elif kind == 3:
            del content[place : place + length]
        elif kind == 4:
            content[place:place] = generator.bytes(length)
        else:
            content = content[: max(64, len(content) - length)]
    return bytes(content)


def test_mutated_files_never_crash_or_hang_the_job(
    synthetic_manifest: Path,
    tmp_path: Path,
) -> None:
    clip = synthetic_manifest.parent / "p0_real.mp4"
    folder, generator = tmp_path / "in", np.random.default_rng(5)
    folder.mkdir()
    for container in ("mp4", "mkv", "avi", "ts"):
        whole = tmp_path / f"whole.{container}"
        command = [
            find_tool("ffmpeg").path,
            "-v",
            "error",
            "-i",
            str(clip),
            "-c",
            "copy",
            str(whole),
        ]
        subprocess.run(command, check=True)
        for number in range(MUTANTS):
            (folder / f"{number:02d}.{container}").write_bytes(
                mutate(whole.read_bytes(), generator)
            )
    result = run_prep(
        list_videos([folder]),
        tmp_path / "out",
        PrepSettings(limits=LIMITS),
        workers=2,
    )
    assert len(result.rows) == 4 * MUTANTS
    assert {row.status for row in result.rows} <= STATUSES, [
        row for row in result.rows if row.status not in STATUSES
    ]
    assert all(row.status == "ok" or row.reason for row in result.rows)
    assert len(result.statuses) > 1  # some are broken, some are not
    for path in shard_paths(tmp_path / "out"):
        with Shard(path) as shard:
            assert len(shard.images(0, 16)) == 16


def test_mutated_recordings_never_crash_or_hang_the_job(
    media: Path,
    tmp_path: Path,
) -> None:
    generator = np.random.default_rng(6)
    (tmp_path / "in").mkdir()
    for number in range(24):
        source = sorted((media / "clips").glob("*.mp[g4]"))[number % 4 * 5]
        (tmp_path / "in" / f"{number:02d}{source.suffix}").write_bytes(
            mutate(source.read_bytes(), generator)
        )
    result = run_prep(
        list_videos([tmp_path / "in"]),
        tmp_path / "out",
        PrepSettings(limits=LIMITS),
        workers=2,
    )
    assert len(result.rows) == 24 and {row.status for row in result.rows} <= STATUSES


def test_a_video_of_three_hours_is_refused_before_it_is_decoded(
    synthetic_manifest: Path,
    tmp_path: Path,
) -> None:
    """One file says its length. Another one hides it, and is decoded no further than the limit."""
    short, long, hiding = (
        tmp_path / name for name in ("short.mp4", "long.mp4", "hiding.ts")
    )
    ffmpeg = [find_tool("ffmpeg").path, "-v", "error"]
    one_clip = ["-i", str(synthetic_manifest.parent / "p0_real.mp4")]
    subprocess.run(
        [
            *ffmpeg,
            *one_clip,
            "-vf",
            "scale=3840:2160",
            "-preset",
            "ultrafast",
            "-crf",
            "40",
            str(short),
        ],
        check=True,
    )
    loop = [
        *ffmpeg,
        "-stream_loop",
        str(3 * 3600 * 10 // 16),
        "-i",
        str(short),
        "-c",
        "copy",
        "-t",
        "10800",
    ]
    subprocess.run([*loop, str(long)], check=True)
    subprocess.run(
        [*ffmpeg, "-stream_loop", "20", *one_clip, "-c", "copy", str(hiding)],
        check=True,
    )
    settings = PrepSettings(limits=Limits(seconds=10))
    result = run_prep(
        list_videos([long, hiding]),
        tmp_path / "out",
        settings,
        workers=1,
    )
    reasons = {row.id: (row.status, row.reason) for row in result.rows}
    assert (
        reasons["long.mp4"][0] == "too_long"
        and "10800 s long" in reasons["long.mp4"][1]
    )
    assert reasons["hiding.ts"][0] == "too_long"


def test_each_dataset_goes_into_shards_with_its_splits_and_periods(
    synthetic_manifest: Path,
    tmp_path: Path,
) -> None:
    clips = sorted(synthetic_manifest.parent.glob("p?_real.mp4"))
    taken = iter(range(10**6))

    def put(path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.hardlink_to(clips[next(taken) % len(clips)])

    roots = []
    writers = {"lavdf": write_lavdf, "avdf1m": write_avdeepfake1m}
    writers |= {"dfdc": write_dfdc, "kodf": write_kodf}
    for name, write in writers.items():
        write(tmp_path / name, put)
        roots.append(tmp_path / name)
    listing = list_videos(roots)
    result = run_prep(listing, tmp_path / "out", PrepSettings(), workers=2)
    assert result.statuses == {"ok": len(listing.videos)}, result.failed
    stored: dict[str, VideoInfo] = {}
    for path in shard_paths(tmp_path / "out"):
        with Shard(path) as shard:
            stored |= {video.id: video for video in shard.videos}
        with h5py.File(path) as file:
            assert json.loads(file.attrs["settings"])["faces"] == "main"
    for video in listing.videos:
        kept = stored[video.id]
        for name in (
            "dataset",
            "split",
            "category",
            "method",
            "identity",
            "label",
            "label_visual",
            "label_audio",
        ):
            assert getattr(kept, name) == getattr(video, name)
        for theirs, ours in zip(video.periods, kept.periods, strict=True):
            assert (ours.start, ours.end) == pytest.approx((theirs.start, theirs.end))
            assert (ours.visual, ours.audio) == (theirs.visual, theirs.audio)
    assert sum(bool(video.periods) for video in stored.values()) == 9 + 6
