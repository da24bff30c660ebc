"""The gate over time of a forgery."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from avdf.model.forging.picture.time_gate import RAMP, random_gate


@given(st.integers(1, 400), st.integers(0, 10_000))
def test_a_gate_has_ramps_and_is_open_somewhere(frames: int, seed: int) -> None:
    gate = random_gate(frames, np.random.default_rng(seed))
    assert gate.shape == (frames,)
    assert ((gate >= 0) & (gate <= 1)).all()
    assert gate.max() == 1.0
    # Half of a training window at least, ramp included.
    assert (gate > 0).sum() >= min(frames, 50) // 2
    # No step is steeper than a ramp.
    assert (np.abs(np.diff(gate)) <= 1 / RAMP + 1e-9).all()


@given(st.integers(17, 1500), st.integers(0, 10_000))
def test_no_part_of_a_long_clip_stays_genuine(frames: int, seed: int) -> None:
    gate = random_gate(frames, np.random.default_rng(seed))
    assert (gate > 0).all()


def test_a_long_clip_has_more_than_one_opening() -> None:
    gates = [random_gate(1500, np.random.default_rng(seed)) for seed in range(40)]
    assert all((gate < 1).any() for gate in gates)
