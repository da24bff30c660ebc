"""Results of making and of checking a case."""

from dataclasses import dataclass
from pathlib import Path

from avdf.cache.core.counted import counted
from avdf.cache.core.safe_text import printable
from avdf.cache.files.folder_digests import FolderFault
from avdf.case.manifest import MANIFEST
from avdf.case.repeated_numbers import RepeatedNumbers
from avdf.results import ScoreResult


# Compared by identity: what it holds are arrays.
@dataclass(frozen=True, repr=False, eq=False)
class Case:
    """A case that was made.

    folder           with its files
    result           the scores of the examined file
    manifest_sha256  of `manifest.json`: noted elsewhere, it shows later whether the case was
                     written anew
    signed           whether the case has a signature
    """

    folder: Path
    result: ScoreResult
    manifest_sha256: str
    signed: bool

    @property
    def complete(self) -> bool:
        """Whether the file has verdicts. The case is whole either way."""
        return self.result.complete

    def __repr__(self) -> str:
        return f"{printable(str(self.folder))}: manifest {self.manifest_sha256}"

    def __str__(self) -> str:
        signed = "signed" if self.signed else "not signed"
        return "\n".join(
            [
                str(self.result),
                f"case: {printable(str(self.folder))} ({signed})",
                f"sha256 of {MANIFEST}: {self.manifest_sha256}",
                "Note this digest outside of the case: who writes a case anew changes it.",
            ]
        )


@dataclass(frozen=True, repr=False)
class CaseCheck:
    """What a check of a case found.

    faults     files that were changed, added or removed
    files      how many files the manifest names
    signature  what is known of the signature, in a sentence
    numbers    how the numbers came out again; None where they were not computed again
    manifest_sha256  of `manifest.json` as it is now; '' where it is missing
    not_repeated     the numbers were to be computed again, but the case was changed
    """

    folder: Path
    faults: tuple[FolderFault, ...]
    files: int
    signature: str
    manifest_sha256: str = ""
    numbers: RepeatedNumbers | None = None
    not_repeated: bool = False

    @property
    def whole(self) -> bool:
        """Whether nothing was changed and, where they were computed again, the numbers agree."""
        return not self.faults and (self.numbers is None or self.numbers.agree)

    def __repr__(self) -> str:
        return f"{printable(str(self.folder))}: {self._summary}"

    def __str__(self) -> str:
        lines = [f"{printable(one.name)} {one.what}" for one in self.faults]
        lines.append(self.signature)
        if self.manifest_sha256:
            lines.append(f"sha256 of {MANIFEST}: {self.manifest_sha256}")
        if self.numbers is not None:
            lines.append(str(self.numbers))
        if self.not_repeated:
            lines.append(
                "the numbers were not computed again: first the case must be as it was made"
            )
        return "\n".join([*lines, self._summary])

    @property
    def _summary(self) -> str:
        problems = f"{counted(len(self.faults), 'problem')}"
        return f"{counted(self.files, 'file')} in the manifest, {problems}"
