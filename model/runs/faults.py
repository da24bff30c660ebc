"""A wrong value in our own words: pydantic speaks of inputs, parsing and types."""

from typing import Any

_KINDS = {
    "int": "must be a whole number",
    "float": "must be a number",
    "bool": "must be true or false",
    "string": "must be text",
}


def describe_fault(error: Any) -> str:
    """One fault of a value in our own words: pydantic speaks of inputs, parsing and types."""
    kind = str(error["type"])
    if kind == "literal_error":
        return f"must be one of {error['ctx']['expected']}"
    if kind == "value_error":
        return str(error["ctx"]["error"])
    if kind == "missing":
        return "is missing"
    return _KINDS.get(kind.partition("_")[0], "has a value of the wrong kind")
