"""Speech through the vocoder WORLD, by the package pyworld (the extra `forge`)."""

import warnings
from typing import Any

import numpy as np

from avdf.cache.core.errors import SettingsError
from avdf.model.waveform import Waveform

_FRAME = 5.0  # ms, WORLD's own
_HISS = 1e-5  # of full scale: WORLD cannot analyse exact silence


def resynthesise(
    samples: Waveform,
    rate: int,
    generator: np.random.Generator,
) -> Waveform:
    """Speech from its pitch, spectral envelope and aperiodicity.

    Source: Morise et al. 2016, "WORLD: a vocoder-based high-quality speech synthesis system"; the
    pitch is found by DIO and StoneMask.

    Raises:
        SettingsError: the package pyworld is not installed.
    """
    world = _world()
    heard = samples + generator.normal(scale=_HISS, size=len(samples))
    rough, times = world.dio(heard, rate, frame_period=_FRAME)
    pitch = world.stonemask(heard, rough, times, rate)
    envelope = world.cheaptrick(heard, pitch, times, rate)
    aperiodicity = world.d4c(heard, pitch, times, rate)
    spoken = world.synthesize(pitch, envelope, aperiodicity, rate, _FRAME)
    # WORLD synthesises whole frames.
    missing = max(0, len(samples) - len(spoken))
    return np.pad(spoken[: len(samples)], (0, missing))


def _world() -> Any:
    """The package, which warns about setuptools when it is imported."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pyworld
    except ImportError as error:
        raise SettingsError(
            f"the forger `world` needs the package pyworld ({error}); "
            "`pip install 'avdf[forge]'`, or leave `world` out of the forgers"
        ) from error
    return pyworld
