"""Datasets below a folder: a root that is named a level too high, or a collection of datasets."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from avdf.cache.files.ownership import is_output
from avdf.pipeline.sources.adapter import Adapter
from avdf.pipeline.sources.listing import Listing, join
from avdf.pipeline.sources.media_files import media_files
from avdf.pipeline.sources.paths import real_path
from avdf.pipeline.sources.plain_folder import list_folder
from avdf.pipeline.sources.real_fake import RealFake, labelled_by_folder

Found = tuple[Adapter, Path]
"""An adapter and the root that it recognises."""

_LEVELS = 2  # below a source, in which datasets are looked for
# A folder that holds more folders than these is no collection of datasets.
_MOST_FOLDERS = 500


def datasets_below(
    folder: Path,
    recognise: Callable[[Path], Adapter | None],
    levels: int = _LEVELS,
) -> list[Found]:
    """The datasets in the folders below, the nearest of each branch, in the order of names."""
    inner = [
        path
        for path in sorted(folder.iterdir())
        if path.is_dir() and not path.name.startswith(".") and not is_output(path)
    ]
    if len(inner) > _MOST_FOLDERS:
        return []
    found: list[Found] = []
    for path in inner:
        try:
            adapter = recognise(path)
            if adapter is not None:
                found.append((adapter, path))
            elif levels > 1:
                found += datasets_below(path, recognise, levels - 1)
        except PermissionError:
            continue
    return found


def read_nested(source: Path, below: Sequence[Found]) -> Listing:
    """The datasets below a folder, and the videos beside them, without labels. Notes name each."""
    notes = [f"{root}: recognised as {adapter.name}" for adapter, root in below]
    parts: list[Listing] = []

    # Folders `real/` and `fake/` of several splits are one dataset, named after the source.
    by_folder = [
        video
        for adapter, root in below
        if isinstance(adapter, RealFake)
        for video in labelled_by_folder(root, source)
    ]
    if by_folder:
        parts.append(Listing(real_path(source).name, tuple(by_folder)))
    parts += [
        adapter.read(root)
        for adapter, root in below
        if not isinstance(adapter, RealFake)
    ]

    roots = [root for _, root in below]
    rest = media_files(source, without=roots)
    if rest:
        parts.append(list_folder(source, without=roots))
        notes.append(
            f"{source}: {len(rest)} files beside these are listed without labels ({rest[0]} ...)"
        )
    for part in parts:
        notes += part.notes
    return replace(join(parts), notes=tuple(notes))
