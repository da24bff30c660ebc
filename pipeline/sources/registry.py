"""The dataset adapters by name."""

from avdf.pipeline.sources.adapter import Adapter
from avdf.pipeline.sources.avdeepfake1m import AvDeepfake1M
from avdf.pipeline.sources.dfdc import Dfdc
from avdf.pipeline.sources.fakeavceleb import FakeAvCeleb
from avdf.pipeline.sources.kodf import Kodf
from avdf.pipeline.sources.lavdf import LavDf
from avdf.pipeline.sources.plain_folder import PlainFolder
from avdf.pipeline.sources.real_fake import RealFake

# A folder is read by the first adapter that recognises it.
_ORDER: tuple[Adapter, ...] = (
    FakeAvCeleb(),
    LavDf(),
    AvDeepfake1M(),
    Dfdc(),
    Kodf(),
    RealFake(),
    PlainFolder(),  # recognises every folder
)
ADAPTERS = {adapter.name: adapter for adapter in _ORDER}
