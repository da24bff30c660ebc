"""Where DFDC's tables of labels are, and which split the names of their folders tell."""

from pathlib import Path

from avdf.pipeline.sources.json_file import json_head

METADATA = "metadata.json"
LABELS_TABLE = "labels.csv"
_PART = "dfdc_train_part_"
# what the name of a folder begins with -> the split of the videos in it
_FOLDERS = {
    "train": "train",
    "dfdc_train": "train",
    "val": "val",
    "test": "test",
}


def find_tables(root: Path) -> list[Path]:
    """The tables at the root, in folders of the dataset's names, and in the parts these hold."""
    below = _named_folders(root)
    parts = [part for folder in below for part in _named_folders(folder)]
    tables = [_table_of(folder) for folder in (root, *below, *parts)]
    return [table for table in tables if table is not None]


def split_of_folder(root: Path, folder: Path) -> str:
    """The split that the names of folders tell; training where they tell none.

    The root's own name counts last.
    """
    for name in (*folder.relative_to(root).parts, root.name):
        for beginning, split in _FOLDERS.items():
            if name.lower().startswith(beginning):
                return split
    return "train"


def _named_folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    beginnings = tuple(_FOLDERS)
    return sorted(
        path
        for path in folder.iterdir()
        if path.name.lower().startswith(beginnings) and path.is_dir()
    )


def _table_of(folder: Path) -> Path | None:
    """The table of one folder. Of two, `labels.csv`, by which the authors evaluate."""
    labels = folder / LABELS_TABLE
    metadata = folder / METADATA
    if labels.is_file() and _has_label_columns(labels):
        return labels
    head = json_head(metadata)
    has_labels = '"label"' in head and ('"REAL"' in head or '"FAKE"' in head)
    # A part whose metadata is damaged is still a part.
    is_part = folder.name.lower().startswith(_PART) and metadata.is_file()
    is_table = head.startswith("{") and has_labels
    return metadata if is_table or is_part else None


def _has_label_columns(table: Path) -> bool:
    with table.open(encoding="utf-8-sig", errors="replace") as file:
        header = file.readline(1000)
    columns = {name.strip() for name in header.split(",")}
    return {"filename", "label"} <= columns
