"""A small generated dataset of drawn talking faces with synthetic speech, in FakeAVCeleb's own layout."""

from avdf.pipeline.drawn.dataset import draw_fakeavceleb

__all__ = ["draw_fakeavceleb"]
