"""What a prep job ends with."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from avdf.cache.shards.inputs_table import OK
from avdf.pipeline.job.task import Rows


@dataclass(frozen=True)
class PrepResult:
    """A row for every input that was ever given to a folder.

    new  how many of the rows this run made
    """

    folder: Path
    rows: Rows
    new: int

    @property
    def statuses(self) -> dict[str, int]:
        """Count of each status, the most frequent first."""
        return dict(Counter(row.status for row in self.rows).most_common())

    @property
    def failed(self) -> Rows:
        """The rows of videos that are in no shard."""
        return tuple(row for row in self.rows if row.status != OK)
