"""`avdf.describe_file`: what a media file says of itself."""

from dataclasses import dataclass
from typing import Any

from avdf.arguments import as_path
from avdf.cache.core.errors import MediaError, SourceError
from avdf.cache.core.safe_text import printable
from avdf.pipeline.settings import Limits
from avdf.pipeline.statement.file_statement import FileStatement
from avdf.pipeline.statement.reading import read_statement
from avdf.pipeline.statement.statement_words import statement_words
from avdf.sources import AnyPath


@dataclass(frozen=True, repr=False)
class FileDescription:
    """What a media file says of itself.

    statement  container, streams, times, repeated frames, Content Credentials
    """

    statement: FileStatement

    def as_dict(self) -> dict[str, Any]:
        """The statement as dictionaries, lists, texts, numbers and None."""
        return self.statement.as_dict()

    def __repr__(self) -> str:
        found = self.statement
        return f"{printable(found.path)}: {found.container}, {found.size} bytes"

    def __str__(self) -> str:
        lines = [printable(self.statement.path)]
        for name, own in statement_words(self.statement).items():
            # Tags can hold anything, also what a terminal would obey.
            lines += [f"  {name}:", *(f"    {printable(line)}" for line in own)]
        return "\n".join(lines)


def describe_file(path: AnyPath) -> FileDescription:
    """Read what a media file says of itself. Nothing of it plays a part in a score.

    At most the first 3,000 frames are decoded, for at most a minute.

    Raises:
        SourceError: it is no media file, or cannot be read.
    """
    file = as_path(path, "path")
    try:
        return FileDescription(read_statement(file, Limits()))
    except MediaError as error:
        raise SourceError(
            f"{file}: {error} ({error.status}); name a media file"
        ) from None
