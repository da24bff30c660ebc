"""A case that the user wants of a file, and how far it is."""

from dataclasses import dataclass
from typing import Any, Literal

from avdf.cache.core.errors import SettingsError

CaseState = Literal["waiting", "making", "made", "failed"]
_LONGEST = 2000  # characters of a question or a name


@dataclass(frozen=True)
class CaseWish:
    """What a case shall state, and how far it is.

    ask       the question that the examination answers; '': a general one
    examiner  who examines the file; '': not stated
    copy      put a copy of the file into the case
    words     of a case that is made, the name of its folder; of one that failed, why

    Raises:
        SettingsError: a value of a wrong type, or a text that is too long.
    """

    ask: str
    examiner: str = ""
    copy: bool = False
    state: CaseState = "waiting"
    words: str = ""

    def __post_init__(self) -> None:
        for text in (self.ask, self.examiner):
            if not isinstance(text, str) or len(text) > _LONGEST:
                raise SettingsError(
                    f"a question or a name has at most {_LONGEST} characters"
                )
        if not isinstance(self.copy, bool):
            raise SettingsError("whether to copy the file is true or false")

    @classmethod
    def parse(cls, document: Any) -> "CaseWish":
        """What the page has sent.

        Raises:
            SettingsError: it is not what the page sends.
        """
        if not isinstance(document, dict) or set(document) != {
            "ask",
            "examiner",
            "copy",
        }:
            raise SettingsError("a case needs a question, an examiner, and copy")
        wish = cls(**document)
        return cls(wish.ask.strip(), wish.examiner.strip(), wish.copy)
