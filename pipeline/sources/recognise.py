"""Which adapter reads a source: by its name, or by what lies at its root."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from avdf.cache.errors import SourceError
from avdf.pipeline.sources.avdeepfake1m import avdeepfake1m, is_avdeepfake1m
from avdf.pipeline.sources.dfdc import dfdc, is_dfdc
from avdf.pipeline.sources.fakeavceleb import fakeavceleb, is_fakeavceleb
from avdf.pipeline.sources.files import folder, is_real_fake, real_fake, single_file
from avdf.pipeline.sources.kodf import is_kodf, kodf
from avdf.pipeline.sources.lavdf import is_lavdf, lavdf
from avdf.pipeline.sources.listing import Listing, join
from avdf.pipeline.sources.manifest import manifest
from avdf.pipeline.sources.synthetic import marked

# name -> (does this root look like it, how to read it); the first that matches is taken
ADAPTERS: dict[str, tuple[Callable[[Path], bool], Callable[[Path], Listing]]] = {
    "fakeavceleb": (is_fakeavceleb, fakeavceleb),
    "lav-df": (is_lavdf, lavdf),
    "av-deepfake1m": (is_avdeepfake1m, avdeepfake1m),
    "dfdc": (is_dfdc, dfdc),
    "kodf": (is_kodf, kodf),
    "real-fake": (is_real_fake, real_fake),
    "folder": (Path.is_dir, folder),
}


def list_videos(sources: Sequence[Path], dataset: str | None = None) -> Listing:
    """All videos of the sources, each once. Those of generated datasets are flagged as synthetic.

    Raises:
        SourceError: a source is missing or cannot be read, the dataset's name is unknown, an id occurs twice.
    """
    if dataset is not None and dataset not in ADAPTERS:
        raise SourceError(f"dataset {dataset!r} is unknown; use one of {', '.join(ADAPTERS)}")
    if not sources:
        raise SourceError("no source given; name a dataset's root, a CSV manifest, a folder or video files")
    found = join(_one(source, dataset) for source in sources)
    return replace(found, videos=marked(found.videos))


def _one(source: Path, dataset: str | None) -> Listing:
    if dataset is not None:
        return ADAPTERS[dataset][1](source)
    if not source.exists():
        raise SourceError(f"{source}: no such file or folder")
    if source.is_dir():
        read = next(read for looks_like, read in ADAPTERS.values() if looks_like(source))
        return read(source)
    return manifest(source) if source.suffix.lower() == ".csv" else single_file(source)
