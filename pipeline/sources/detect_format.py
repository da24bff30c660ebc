"""Which adapter reads a source: by its name, or by what lies at its root or a little below."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from avdf.cache.core.errors import SourceError
from avdf.pipeline.sources.avdeepfake1m import avdeepfake1m, is_avdeepfake1m
from avdf.pipeline.sources.dfdc import dfdc, is_dfdc
from avdf.pipeline.sources.fakeavceleb import fakeavceleb, is_fakeavceleb
from avdf.pipeline.sources.files import (
    folder,
    is_real_fake,
    labelled_by_folder,
    real_fake,
    signs_of_labels,
    single_file,
)
from avdf.pipeline.sources.id_names import with_harmless_names
from avdf.pipeline.sources.kodf import is_kodf, kodf
from avdf.pipeline.sources.lavdf import is_lavdf, lavdf
from avdf.pipeline.sources.listing import Listing, join, media_files, other_files, real_path
from avdf.pipeline.sources.manifest import manifest
from avdf.pipeline.sources.synthetic_marker import marked

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
_REAL_FAKE, _FOLDER = "real-fake", "folder"
_LEVELS = 2  # below a source, in which datasets are looked for
_MOST_FOLDERS = 500  # of one level: a folder with more of them is no shelf of datasets


def list_videos(sources: Sequence[Path], dataset: str | None = None) -> Listing:
    """All videos of the sources, each once. Those of generated datasets are flagged as synthetic.

    Raises:
        SourceError: a source is missing or cannot be read, the dataset's name is unknown, an id occurs twice.
    """
    if dataset is not None and dataset not in ADAPTERS:
        raise SourceError(f"dataset {dataset!r} is unknown; use one of {', '.join(ADAPTERS)}")
    if not sources:
        raise SourceError(
            "no source given; name a dataset's root, a CSV manifest, a folder or video files"
        )
    found = join(_one(source, dataset) for source in sources)
    return replace(found, videos=with_harmless_names(marked(found.videos)))


def _one(source: Path, dataset: str | None) -> Listing:
    if dataset is not None:
        return ADAPTERS[dataset][1](source)
    if not source.exists():
        raise SourceError(f"{source}: no such file or folder")
    if not source.is_dir():
        return manifest(source) if source.suffix.lower() == ".csv" else single_file(source)
    name = recognised(source)
    if name is not None:
        return ADAPTERS[name][1](source)
    below = _recognised_below(source, _LEVELS)
    return _shelf(source, below) if below else _plain_folder(source)


def recognised(folder: Path) -> str | None:
    """The name of the adapter for a folder that looks like a dataset's root; None for any other folder."""
    return next(
        (
            name
            for name, (looks_like, _) in ADAPTERS.items()
            if name != _FOLDER and looks_like(folder)
        ),
        None,
    )


def _recognised_below(folder: Path, levels: int) -> list[tuple[str, Path]]:
    """(adapter, root) of datasets in the folders below, the nearest of each branch."""
    found: list[tuple[str, Path]] = []
    inner = [
        place
        for place in sorted(folder.iterdir())
        if place.is_dir() and not place.name.startswith(".")
    ]
    if len(inner) > _MOST_FOLDERS:
        return []
    for place in inner:
        try:
            name = recognised(place)
            if name is not None:
                found.append((name, place))
            elif levels > 1:
                found += _recognised_below(place, levels - 1)
        except PermissionError:
            continue
    return found


def _shelf(source: Path, below: Sequence[tuple[str, Path]]) -> Listing:
    """Datasets that lie below a folder, and the other videos beside them, which have no labels. Notes name each."""
    parts: list[Listing] = []
    notes = [f"{place}: recognised as {name}" for name, place in below]
    by_folder = [
        video
        for name, place in below
        if name == _REAL_FAKE
        for video in labelled_by_folder(place, source)
    ]
    if by_folder:
        parts.append(Listing(real_path(source).name, tuple(by_folder)))
    parts += [ADAPTERS[name][1](place) for name, place in below if name != _REAL_FAKE]
    rest = media_files(source, [place for _, place in below])
    if rest:
        parts.append(folder(source, [place for _, place in below]))
        notes.append(
            f"{source}: {len(rest)} files beside these are listed without labels ({rest[0]} ...)"
        )
    return replace(join(parts), notes=(*notes, *(note for part in parts for note in part.notes)))


def _plain_folder(source: Path) -> Listing:
    """A folder without labels; a note names what may be labels, so that none is lost silently."""
    others = other_files(source)
    left = (
        f"{len(others)} files are no media by their names, and left out: {others[0]} ..."
        if others
        else ""
    )
    return replace(
        folder(source), notes=tuple(note for note in (signs_of_labels(source), left) if note)
    )
