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


def test_a_long_video_is_forged_in_part() -> None:
    """Each second lies in two windows, of which at least one is open in 1 - 0.4^2 of the cases."""
    gates = [random_gate(1500, np.random.default_rng(seed)) for seed in range(40)]
    shares = [float((gate > 0).mean()) for gate in gates]
    assert abs(float(np.mean(shares)) - 0.84) < 0.03
    assert all((gate == 0).any() for gate in gates)
