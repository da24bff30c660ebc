"""Small synthetic datasets of talking faces with synthetic speech, laid out as the published ones.

Each generator writes a whole dataset below a folder: FakeAVCeleb, KoDF or LAV-DF. They serve the
demo and the tests; nothing that is measured on them says anything about real deepfakes.
"""

from avdf.pipeline.synthetic.fakeavceleb import generate_fakeavceleb
from avdf.pipeline.synthetic.kodf import generate_kodf
from avdf.pipeline.synthetic.lavdf import generate_lavdf

__all__ = ["generate_fakeavceleb", "generate_kodf", "generate_lavdf"]
