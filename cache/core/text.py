"""Names from outside as text that can be shown, stored and put into tables without doing anything there."""

import re

# Control characters (a terminal acts on them), marks that turn the reading direction, and bytes of a file name that
# are not UTF-8, which Python keeps as surrogates.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_BROKEN_BYTE = 0xDC00  # a byte b that is not UTF-8 is kept as this + b

# What a spreadsheet takes for a formula. A plus or minus begins many a name (`-0YWf6c.mp4`), and is one only with a
# call, a pipe or a reference to another sheet behind it.
_FORMULA = re.compile(r"[=@]|[+-].*[(|!]")


def printable(text: str, keep: str = "") -> str:
    r"""The text with unsafe characters spelled out: `\x1b` for the one that begins a terminal's commands."""
    if not _UNSAFE.search(text):
        return text
    return _UNSAFE.sub(
        lambda found: found[0] if found[0] in keep else _spelled(ord(found[0])), text
    )


def spreadsheet_safe(text: str) -> str:
    """A name for tables: printable, and after an apostrophe where a spreadsheet would take it for a formula."""
    text = printable(text)
    return f"'{text}" if _FORMULA.match(text) else text


def _spelled(code: int) -> str:
    if code > 0xFF and 0x80 <= code - _BROKEN_BYTE <= 0xFF:
        code -= _BROKEN_BYTE
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"
