"""Small generated datasets of drawn talking faces with synthetic speech, in the layouts of FakeAVCeleb and KoDF."""

from avdf.pipeline.drawn.dataset import draw_fakeavceleb
from avdf.pipeline.drawn.kodf import draw_kodf

__all__ = ["draw_fakeavceleb", "draw_kodf"]
