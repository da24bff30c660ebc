"""What is wrong with a value, in plain words: pydantic speaks of inputs and parsing."""

from typing import Any

from pydantic import ValidationError

# By the beginning of pydantic's name for the kind of fault.
_WORDS = {
    "int": "must be a whole number",
    "float": "must be a number",
    "bool": "must be true or false",
    "string": "must be text",
    "finite": "must be a finite number",
    "greater": "is too small",
    "less": "is too large",
    "missing": "is missing",
}


def first_fault(error: ValidationError) -> tuple[str, str, Any]:
    """The first fault of some values: where it is (`training.epochs`), what is wrong, the value."""
    # One fault at a time: after it is corrected, the others are often gone.
    first = error.errors()[0]
    location = ".".join(str(part) for part in first["loc"])
    return location, _describe(first), first["input"]


def _describe(fault: Any) -> str:
    kind = str(fault["type"])
    if kind == "literal_error":
        return f"must be one of {fault['ctx']['expected']}"
    if kind == "value_error":
        # Raised by avdf's own checks, which have written a sentence already.
        return str(fault["ctx"]["error"])
    return _WORDS.get(kind.partition("_")[0], "has a value of the wrong kind")
