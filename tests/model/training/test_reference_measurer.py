"""The validation videos are measured once, and training does not notice it."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from avdf.cache.stream.index import VideoRef, index_folder
from avdf.cache.stream.measured_videos import measures_in_shards
from avdf.model.likelihood.reference_videos import summarise
from avdf.model.runs.checkpoint_reader import read_checkpoint_info
from avdf.model.training import reference_measurer
from avdf.model.training.distributed import Ranks
from avdf.model.training.reference_measurer import ReferenceMeasurer


@pytest.fixture(scope="module")
def videos(shards: Path) -> tuple[VideoRef, ...]:
    return index_folder(shards).videos


@pytest.mark.parametrize("checkpoint", ["best", "last"])
def test_a_run_keeps_what_its_validation_videos_look_like(
    run: Path, videos: tuple[VideoRef, ...], checkpoint: str
) -> None:
    val = [video for video in videos if video.info.split == "val"]
    measures = [one for one in measures_in_shards(val) if one is not None]
    found = read_checkpoint_info(run / checkpoint).reference
    assert len(measures) == 3
    assert found is not None and found == summarise(measures)


def test_they_are_measured_once_and_no_random_number_is_drawn(
    videos: tuple[VideoRef, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def states() -> list[object]:
        kind, keys, *rest = np.random.get_state()  # noqa: NPY002  # nobody may touch it
        numpy_state = [kind, np.asarray(keys).tolist(), *rest]
        return [torch.get_rng_state().tolist(), numpy_state, random.getstate()]

    before = states()
    measurer = ReferenceMeasurer(videos[:2], Ranks())
    found = measurer.measure()
    assert states() == before

    def again(_: object) -> None:
        raise AssertionError("measured a second time")

    monkeypatch.setattr(reference_measurer, "measures_in_shards", again)
    assert found is not None and measurer.measure() == found


def test_of_many_videos_some_are_measured_spread_over_the_list_and_the_ranks(
    videos: tuple[VideoRef, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference_measurer, "_MOST_VIDEOS", 4)
    measured: list[str] = []

    def note(chosen: list[VideoRef]) -> list[None]:
        measured.extend(video.info.id for video in chosen)
        return [None] * len(chosen)

    class SecondOfTwo(Ranks):
        def collect(self, value: object) -> list[object]:
            return [value]

    monkeypatch.setattr(reference_measurer, "measures_in_shards", note)
    many = [
        replace(videos[0], info=replace(videos[0].info, id=str(number)))
        for number in range(10)
    ]
    for rank in (0, 1):
        assert ReferenceMeasurer(many, SecondOfTwo(rank, 2)).measure() is None
    assert measured == ["0", "6", "3", "9"]
