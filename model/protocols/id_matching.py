"""Names of videos as other people spell them: which of the listed videos does each of them mean?"""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from avdf.cache.core.errors import SettingsError

_Parts = tuple[str, ...]
_SEPARATORS = re.compile(r"[/\\]")
_SPELLING = re.compile(r"[\W_]+")


def match_ids(given: Iterable[str], listed: Iterable[str]) -> dict[str, str]:
    """Given name -> listed id, for each name that means exactly one listed video.

    The same name is the same video. Other names are compared by the file's name and the letters and digits of its
    folders, as many as both have: `FakeAVCeleb/FakeVideo-RealAudio/Asian_East/men/id1/a.mp4` means
    `FakeVideo-RealAudio/Asian (East)/men/id1/a.mp4`. Where none fits, the ending of the file's name is left out too.
    """
    names, ids = list(dict.fromkeys(given)), set(listed)
    found = {name: name for name in names if name in ids}
    for with_ending in (True, False):
        rest = [name for name in names if name not in found]
        if rest:
            found |= _by_parts(rest, ids, with_ending)
    return found


def _by_parts(names: Sequence[str], ids: Iterable[str], with_ending: bool) -> dict[str, str]:
    """Names that agree with exactly one id in all parts of the shorter of the two."""
    parts_of = {name: _parts(name, with_ending) for name in ids}
    depths = sorted({len(parts) for parts in parts_of.values()}, reverse=True)
    wanted = {name: _parts(name, with_ending) for name in names}
    # For each number of parts that is compared: their last so many parts -> the ids that end so.
    ends: dict[int, dict[_Parts, list[str]]] = {}
    for length in {min(len(parts), depth) for parts in wanted.values() for depth in depths}:
        ends[length] = {}
        for name, parts in parts_of.items():
            if len(parts) >= length:
                ends[length].setdefault(parts[-length:], []).append(name)
    found = {}
    for name, parts in wanted.items():
        for length in sorted({min(len(parts), depth) for depth in depths}, reverse=True):
            same = ends[length].get(parts[-length:], [])
            if length < len(parts):  # then the id must be the shorter one, and agree as a whole
                same = [one for one in same if len(parts_of[one]) == length]
            if same:
                if len(same) == 1:
                    found[name] = same[0]
                break
    return found


def _parts(name: str, with_ending: bool) -> _Parts:
    # Our tables have an apostrophe before a name that a spreadsheet would take for a formula; others' have none.
    bare = name.removeprefix("'")
    parts = [part for part in _SEPARATORS.split(bare) if part not in ("", ".")] or [name]
    file = parts[-1].casefold()
    folders = (_SPELLING.sub("", part.casefold()) for part in parts[:-1])
    return (*folders, file if with_ending else PurePosixPath(file).stem)


def refuse_mostly_unknown(
    table: object,
    given: Sequence[str],
    missing: Sequence[str],
    listed: Sequence[str],
    used: Iterable[str],
    what: str,
) -> None:
    """A table of which most is not listed is spelled otherwise, or belongs to other data.

    Args:
        given: names in the table; `missing`: those of them that are not found.
        listed: what they are looked for in; `used`: what of it was found.
        what: stands for one name: `id` or `identity`.

    Raises:
        SettingsError: most are missing; the message shows a name of each side.
    """
    if 2 * len(missing) <= len(given):
        return
    found = set(used)
    other = next((name for name in listed if name not in found), next(iter(listed), "none"))
    raise SettingsError(
        f"{table}: {len(missing)} of {len(given)} rows are of no listed video: the table has the {what} "
        f"{missing[0]!r}, the list has {other!r}; "
        "give the data that the table is of, or leave out the rows that are of other data"
    )
