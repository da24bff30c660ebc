"""Small generated datasets of drawn talking faces with synthetic speech, laid out as FakeAVCeleb, KoDF and LAV-DF."""

from avdf.pipeline.synthetic.fakeavceleb import draw_fakeavceleb
from avdf.pipeline.synthetic.kodf import draw_kodf
from avdf.pipeline.synthetic.lavdf import draw_lavdf

__all__ = ["draw_fakeavceleb", "draw_kodf", "draw_lavdf"]
