"""avdf: an audio-visual deepfake detector.

`avdf.pipeline` turns videos into aligned face crops and speech, `avdf.cache` keeps them in HDF5 shards,
`avdf.model` trains and scores the detector, `avdf.cli` is the `avdf` command.
"""

from importlib.metadata import version

__version__ = version("avdf")
__all__ = ["__version__"]
