"""Names and texts from outside, made safe to show and to store."""

import re

# Control characters (a terminal obeys them), marks that change the reading direction, and bytes of
# a file name that are not UTF-8, which Python keeps as surrogates.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
# Python keeps a byte b that is not UTF-8 as the character 0xDC00 + b.
_SURROGATE = 0xDC00

# What a spreadsheet takes for a formula. Many names begin with a plus or minus (`-0YWf6c.mp4`);
# that is a formula only if a call, a pipe or a reference to another sheet follows.
_FORMULA = re.compile(r"[=@]|[+-].*[(|!]")


def printable(text: str, keep: str = "") -> str:
    r"""The text with its unsafe characters, except those to `keep`, written as escapes.

    The character that begins the commands of a terminal, for example, becomes `\x1b`.
    """
    if not _UNSAFE.search(text):
        return text

    def replacement(match: re.Match[str]) -> str:
        character = match[0]
        return character if character in keep else _escape(character)

    return _UNSAFE.sub(replacement, text)


def spreadsheet_safe(text: str) -> str:
    """Printable text for a table; an apostrophe precedes what a spreadsheet would calculate."""
    text = printable(text)
    return f"'{text}" if _FORMULA.match(text) else text


def _escape(character: str) -> str:
    code = ord(character)
    if 0x80 <= code - _SURROGATE <= 0xFF:
        code -= _SURROGATE
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"
