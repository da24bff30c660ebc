"""Runs of windows that follow each other, against a plain loop over the windows."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from avdf.cache.stream.windows import Window
from avdf.model.output import DetectorOutput
from avdf.model.synchrony.aligned_run import AlignedRun, RunCollector
from avdf.model.synchrony.offset_curves import offset_curves

WIDTH = 3
START = Window(video=4, shard=Path("a"), row=0)


def output_of(first: int, count: int) -> DetectorOutput:
    """Windows of which number n has features n, or -n in the sound, throughout."""
    numbers = torch.arange(first, first + count, dtype=torch.float32)
    features = numbers[:, None, None].expand(count, 16, WIDTH).clone()
    logits = torch.zeros(count, 2)
    return DetectorOutput(logits, logits, logits, features, -features)


def loud(windows: int) -> torch.Tensor:
    """Samples of windows that are never silent."""
    return torch.full((windows, 16 * 640), 1000, dtype=torch.int16)


def collected(windows: list[Window], batch: int) -> list[AlignedRun]:
    """The runs of windows that come in batches of one size."""
    collector = RunCollector()
    runs: list[AlignedRun] = []
    for first in range(0, len(windows), batch):
        part = windows[first : first + batch]
        runs += collector.add(part, output_of(first, len(part)), loud(len(part)))
    return [*runs, *collector.end()]


def numbers_of(run: AlignedRun) -> list[int]:
    """The numbers of the windows of a run."""
    assert torch.equal(run.visual, -run.audio)
    rows = run.visual.reshape(-1, 16, WIDTH)
    assert (rows == rows[:, :1, :1]).all()
    return [int(number) for number in rows[:, 0, 0]]


def after(window: Window) -> Window:
    return replace(window, row=window.row + 16)


def test_windows_that_follow_each_other_are_one_run() -> None:
    windows = [START, after(START), after(after(START))]

    (run,) = collected(windows, 2)

    assert run.video == 4
    assert numbers_of(run) == [0, 1, 2]


@pytest.mark.parametrize(
    "change",
    [
        {"video": 5},
        {"track": 1},
        {"shard": Path("b")},
        {"row": 17},
        {"row": 15},
        {"row": 32},
        {"row": 0},
    ],
)
@pytest.mark.parametrize("batch", [1, 2])
def test_other_windows_begin_another_run(change: dict[str, object], batch: int) -> None:
    following = replace(after(START), **change)  # type: ignore[arg-type]

    runs = collected([START, following], batch)

    assert [numbers_of(run) for run in runs] == [[0], [1]]
    assert [run.video for run in runs] == [4, following.video]


PLACES = st.tuples(
    st.integers(0, 1), st.integers(0, 1), st.integers(0, 1), st.integers(0, 3)
)


@given(st.lists(PLACES, max_size=12), st.integers(1, 5))
def test_runs_are_those_of_a_plain_loop(
    places: list[tuple[int, int, int, int]], batch: int
) -> None:
    windows = [
        Window(video, Path(str(shard)), 16 * row, track=track)
        for video, shard, track, row in places
    ]
    wanted: list[list[int]] = []
    for number, place in enumerate(places):
        *here, row = place
        before = places[number - 1] if number else None
        if before and [*before[:3], before[3] + 1] == [*here, row]:
            wanted[-1].append(number)
        else:
            wanted.append([number])

    runs = collected(windows, batch)

    assert [numbers_of(run) for run in runs] == wanted


def test_without_windows_there_is_no_run() -> None:
    assert not list(RunCollector().end())


def test_silent_frames_have_no_audio_feature() -> None:
    pcm = loud(1)
    # Frame 3 has nothing above -60 dB, frame 4 one sample of the least number there is.
    pcm[0, 3 * 640 : 4 * 640] = 33
    pcm[0, 4 * 640 : 5 * 640] = 0
    pcm[0, 5 * 640 - 1] = -32768
    collector = RunCollector()

    assert not list(collector.add([START], output_of(1, 1), pcm))
    (run,) = collector.end()

    is_silent = run.audio.isnan().all(dim=1)
    assert is_silent.nonzero().flatten().tolist() == [3]
    assert not run.visual.isnan().any()
    assert int(offset_curves(run.visual, run.audio).pairs[0, 25]) == 15


def test_a_collector_that_has_ended_begins_anew() -> None:
    collector = RunCollector()
    assert not list(collector.add([START], output_of(0, 1), loud(1)))
    assert len(list(collector.end())) == 1
    assert not list(collector.end())


def test_features_of_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="expected the same shape"):
        AlignedRun(0, torch.zeros(16, 2), torch.zeros(15, 2))
