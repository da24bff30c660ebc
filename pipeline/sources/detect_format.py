"""Which adapter reads a source: by its name, or by what is at its root or a little below."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from avdf.cache.core.errors import SourceError
from avdf.pipeline.sources.adapter import Adapter
from avdf.pipeline.sources.given_label import labelled
from avdf.pipeline.sources.label_signs import signs_of_labels
from avdf.pipeline.sources.listing import Listing, join
from avdf.pipeline.sources.manifest import read_manifest
from avdf.pipeline.sources.media_files import other_files
from avdf.pipeline.sources.nested_datasets import datasets_below, read_nested
from avdf.pipeline.sources.packed_videos import PackedVideos
from avdf.pipeline.sources.plain_folder import PlainFolder, read_single_file
from avdf.pipeline.sources.registry import ADAPTERS
from avdf.pipeline.sources.safe_names import with_safe_names
from avdf.pipeline.sources.synthetic_marker import marked


def list_videos(
    sources: Sequence[Path],
    dataset: str | None = None,
    label: str = "",
) -> Listing:
    """All videos of the sources, each once. Those of generated datasets are flagged as synthetic.

    Args:
        dataset: name of the adapter that reads every source; None: the one that recognises it.
        label: `real` or `fake`: what videos are that the source has no label of; '': unknown.

    Raises:
        SourceError: a source is missing or cannot be read, the dataset's name is unknown, an id
            occurs twice.
    """
    check_dataset(dataset)
    if not sources:
        raise SourceError(
            "no source given; name a dataset's root, a CSV manifest, a folder or video files"
        )
    adapter = ADAPTERS[dataset] if dataset is not None else None
    once, notes = _each_once(sources)
    found = join(adapter.read(source) if adapter else _read(source) for source in once)
    return replace(
        found,
        videos=PackedVideos(with_safe_names(marked(labelled(found.videos, label)))),
        notes=(*notes, *found.notes),
    )


def _each_once(sources: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """The sources without those that are one with an earlier one, and a note on each of these."""
    first: dict[str, Path] = {}
    notes = []
    for source in sources:
        # A link is the file that it leads to: its video would be counted twice.
        real = os.path.realpath(source)
        if real in first:
            notes.append(f"{source} and {first[real]} are one source: it is read once")
        first.setdefault(real, source)
    return list(first.values()), notes


def check_dataset(dataset: str | None) -> None:
    """Refuse the name of a dataset that no adapter reads; None is always right.

    Raises:
        SourceError: the name is unknown.
    """
    if dataset is not None and dataset not in ADAPTERS:
        raise SourceError(
            f"dataset {dataset!r} is unknown; use one of {', '.join(ADAPTERS)}"
        )


def recognise(folder: Path) -> Adapter | None:
    """The adapter for a folder that looks like a dataset's root; None for any other folder."""
    for adapter in ADAPTERS.values():
        if not isinstance(adapter, PlainFolder) and adapter.recognises(folder):
            return adapter
    return None


def _read(source: Path) -> Listing:
    if not source.exists():
        raise SourceError(f"{source}: no such file or folder")
    if not source.is_dir():
        is_table = source.suffix.lower() == ".csv"
        return read_manifest(source) if is_table else read_single_file(source)
    adapter = recognise(source)
    if adapter is not None:
        return adapter.read(source)
    # A root that is named a level too high, or a folder that holds several datasets.
    below = datasets_below(source, recognise)
    return read_nested(source, below) if below else _read_plain(source)


def _read_plain(source: Path) -> Listing:
    """A folder without labels; notes name what may be labels, and what is left out."""
    listing = PlainFolder().read(source)
    notes = [signs_of_labels(source)]
    others = other_files(source)
    if others:
        notes.append(
            f"{len(others)} files are no media by their names, and left out: {others[0]} ..."
        )
    return replace(listing, notes=tuple(note for note in notes if note))
