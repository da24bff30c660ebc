"""What every dataset adapter has."""

from pathlib import Path
from typing import Protocol

from avdf.pipeline.sources.listing import Listing


class Adapter(Protocol):
    """Reads one dataset, or one kind of folder.

    name  as the option `dataset` takes it
    """

    name: str

    def recognises(self, root: Path) -> bool:
        """Whether a folder looks like the dataset's root. Must be fast, and must not raise."""

    def read(self, root: Path) -> Listing:
        """Every video below the root, with its labels.

        Raises:
            SourceError: the folder is not the dataset, or most of it cannot be understood. The
                message says where the dataset is to be had.
        """
