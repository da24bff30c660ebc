"""Small synthetic datasets of talking faces with synthetic speech, laid out as the published ones.

Each generator writes a whole dataset below a folder: FakeAVCeleb, KoDF or LAV-DF. One more stands
for none of these: in its pairs of picture and sound, both are genuine, but may not belong together.
They serve the demo and the tests; nothing that is measured on them says anything about real
deepfakes.
"""

from avdf.pipeline.synthetic.fakeavceleb import generate_fakeavceleb
from avdf.pipeline.synthetic.kodf import generate_kodf
from avdf.pipeline.synthetic.lavdf import generate_lavdf
from avdf.pipeline.synthetic.pair_options import PairOptions
from avdf.pipeline.synthetic.pairs import generate_pairs

__all__ = [
    "PairOptions",
    "generate_fakeavceleb",
    "generate_kodf",
    "generate_lavdf",
    "generate_pairs",
]
