"""Side effects of forging do not tell forged pictures from genuine ones, once both are augmented.

A detector that is trained on forgeries takes the easiest way: if they were blurrier, more reddish
or less blocky than genuine windows, it would learn that, and nothing of forgery.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from sklearn.metrics import roc_auc_score

from avdf.cache.core.arrays import UInt8Array
from avdf.cache.shards.codec import FrameCodec, decode_frame
from avdf.model.augment.frames import augment_frames
from avdf.model.forging.forger import Forger
from avdf.model.forging.picture import PICTURE_FORGERS
from avdf.pipeline.job.run import run_prep
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import list_videos
from tests.conftest import MakeOnce
from tests.helpers.face_windows import (
    prepared_windows,
    silent_footage,
    synthetic_windows,
)
from tests.helpers.picture_measures import MEASURES, blockiness

Change = Callable[[UInt8Array, np.random.Generator], UInt8Array]
Table = npt.NDArray[np.float64]  # (windows, measures)

SPEAKERS = ("s01", "s02", "s16", "s25", "s26", "s27", "s30", "s31")  # of the recordings
PEOPLE = 24  # synthetic ones
SAMPLES = (
    144  # of each kind: by chance, an AUC is then off by 0.034 (standard deviation)
)
FEWER = 48  # of what is caught easily
MOST = 0.6  # AUC


@pytest.fixture(scope="module", params=["synthetic", "recorded"])
def windows(request: pytest.FixtureRequest) -> list[UInt8Array]:
    """Genuine windows (16, 224, 224, 3)."""
    if request.param == "synthetic":
        return synthetic_windows(PEOPLE)
    found: list[UInt8Array] = request.getfixturevalue("recorded_windows")
    return found


@pytest.fixture(scope="module")
def recorded_windows(media: Path, make_once: MakeOnce) -> list[UInt8Array]:
    """Four windows of each of eight speakers."""

    def fill(folder: Path) -> None:
        clips = [
            sorted((media / "clips").glob(f"*_{who}_*.mpg"))[0] for who in SPEAKERS
        ]
        run_prep(list_videos(clips), folder, PrepSettings(), workers=2)

    shards = make_once("recorded_faces", fill)
    found = prepared_windows(shards, starts=(2, 20, 38, 56))
    assert len(found) == 4 * len(SPEAKERS)
    return found


@pytest.fixture(scope="module")
def genuine(windows: list[UInt8Array]) -> Table:
    return measured(windows, lambda frames, _: frames, seed=0)


@pytest.fixture(scope="module")
def forged(windows: list[UInt8Array]) -> dict[str, Table]:
    """The measures of each forger's windows."""
    tables = {}
    for number, forger in enumerate(PICTURE_FORGERS, start=1):

        def change(
            frames: UInt8Array,
            generator: np.random.Generator,
            forger: Forger = forger,
        ) -> UInt8Array:
            return forger.change(silent_footage(frames), generator).frames

        tables[forger.name] = measured(windows, change, seed=number)
    return tables


def measured(
    windows: list[UInt8Array], change: Change, seed: int, samples: int = SAMPLES
) -> Table:
    """Each measure of one frame of changed windows, augmented as in training."""
    rows = []
    for sample in range(samples):
        generator = np.random.default_rng([31, seed, sample])
        frames = change(windows[sample % len(windows)], generator)
        # The augmentation is the same for all frames, and one of them is enough.
        chosen = frames[generator.integers(len(frames))][None]
        (crop,) = augment_frames(chosen, generator)
        rows.append([measure(crop) for measure in MEASURES.values()])
    return np.array(rows)


def separations(genuine: Table, forged: Iterable[Table]) -> dict[str, float]:
    """How well each measure tells the two apart: AUC, whichever way round."""
    fake = np.concatenate(list(forged))
    labels = np.repeat([0, 1], [len(genuine), len(fake)])
    values = np.concatenate([genuine, fake])
    found = {}
    for name, column in zip(MEASURES, values.T, strict=True):
        auc = float(roc_auc_score(labels, column))
        found[name] = max(auc, 1 - auc)
    return found


@pytest.mark.parametrize("name", [forger.name for forger in PICTURE_FORGERS])
def test_no_measure_finds_a_forger(
    name: str, genuine: Table, forged: dict[str, Table]
) -> None:
    found = separations(genuine, [forged[name]])
    assert max(found.values()) <= MOST, found


def test_no_measure_finds_the_mix(genuine: Table, forged: dict[str, Table]) -> None:
    found = separations(genuine, forged.values())
    assert max(found.values()) <= MOST, found


def blurred(frames: UInt8Array, _: np.random.Generator) -> UInt8Array:
    return np.stack([cv2.GaussianBlur(frame, (0, 0), 1.2) for frame in frames])


def reddened(frames: UInt8Array, _: np.random.Generator) -> UInt8Array:
    """Red made stronger everywhere."""
    more = frames.astype(np.int16) + np.array([50, 0, 0], np.int16)
    return np.clip(more, 0, 255).astype(np.uint8)


CARELESS: Mapping[str, Change] = {"blurred": blurred, "reddened": reddened}


@pytest.fixture(scope="module")
def careless(windows: list[UInt8Array]) -> dict[str, Table]:
    """The measures of the windows of careless forgers."""
    return {
        name: measured(windows, change, seed=99, samples=FEWER)
        for name, change in CARELESS.items()
    }


@pytest.mark.parametrize(
    ("name", "caught_by"),
    [
        ("blurred", "sharpness"),
        ("blurred", "sharpness of the face"),
        ("blurred", "sharpness of the mouth"),
        ("blurred", "high frequencies"),
        ("blurred", "high frequencies of the face"),
        ("reddened", "red"),
    ],
)
def test_a_careless_forger_is_caught(
    name: str, caught_by: str, genuine: Table, careless: dict[str, Table]
) -> None:
    assert separations(genuine, [careless[name]])[caught_by] > MOST


def test_blockiness_is_seen(windows: list[UInt8Array]) -> None:
    """Without augmentation: nothing else on this page has blocks that it could miss."""
    codec = FrameCodec(quality=20)
    for window in windows[:: len(windows) // 6]:
        coded = np.frombuffer(codec.encode(window[0]), np.uint8)
        blocky = decode_frame(coded, codec.name, len(window[0]))
        assert blockiness(blocky) > 1.1 * blockiness(window[0])
