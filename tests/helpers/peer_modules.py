"""Detectors of others, written as modules into a folder, and small shards for them."""

from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from avdf.cache.core.clock import SAMPLES_PER_FRAME
from tests.helpers.prepared import grey_track, grey_video, write_shard

_NUMBERS = count()

BRIGHTNESS = """
from avdf.model.peers import PeerDescription, PerVerdict

class Brightness:
    def describe(self):
        return PeerDescription("brightness", "2.1")

    def score(self, footage):
        return [PerVerdict(one.frames.mean() / 255, .25, None) for one in footage]
"""


def write_module(folder: Path, source: str) -> str:
    """Write a module whose name no other test uses; returns its name."""
    name = f"peer_under_test_{next(_NUMBERS)}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.py").write_text(source, encoding="utf-8")
    return name


def scoring_module(folder: Path, body: str, **described: object) -> str:
    """A module with a class `Peer` whose `score(self, footage)` has this body."""
    fields = "".join(f", {name}={value!r}" for name, value in described.items())
    source = (
        "from avdf.model.peers import PeerDescription, PerVerdict\n"
        "class Peer:\n"
        f"    def describe(self): return PeerDescription('test'{fields})\n"
        "    def score(self, footage):\n"
        + "".join(f"        {line}\n" for line in body.splitlines())
    )
    return f"{write_module(folder, source)}:Peer"


def write_peer_shards(folder: Path) -> Path:
    """Shards of six test videos and four training videos, of two segments each.

    The test video `silent` has no sound; `long` has three segments and two tracks.
    """
    quiet = np.zeros(32 * SAMPLES_PER_FRAME, np.int16)
    known: dict[str, Any] = {
        "label_visual": 0,
        "label_audio": 0,
        "label": 0,
        "split": "test",
    }
    fake: dict[str, Any] = {
        "label_visual": 1,
        "label_audio": 0,
        "label": 1,
        "split": "test",
    }
    silent = grey_track(32, pcm=quiet, has_audio=False)
    videos = [
        grey_video("a", identity="p1", **known),
        grey_video("b", identity="p2", **fake),
        grey_video("silent", (silent,), identity="p3", **fake),
        grey_video(
            "long", (grey_track(16), grey_track(40, start=2.0)), identity="p4", **known
        ),
        grey_video("c", identity="p5", **fake),
        grey_video("d", identity="p6", **known),
    ]
    for number in range(4):
        label = number % 2
        info: dict[str, Any] = {
            "label": label,
            "label_visual": label,
            "label_audio": label,
        }
        videos.append(
            grey_video(f"t{number}", identity=f"q{number}", split="train", **info)
        )
    write_shard(folder, *videos)
    return folder
