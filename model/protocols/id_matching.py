"""Ids of videos as other tables spell them: which listed video does each of them mean?"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from avdf.cache.core.errors import SettingsError

_Parts = tuple[str, ...]  # folders and file of a name, spelled alike
_SEPARATORS = re.compile(r"[/\\]")
_NOT_SPELLING = re.compile(r"[\W_]+")


def match_ids(given: Iterable[str], listed: Iterable[str]) -> dict[str, str]:
    """Given name -> listed id, for each name that means exactly one listed video.

    The same name is the same video. Other names are compared by the file's name and by the letters
    and digits of its folders, as many as both have: `FakeAVCeleb/FakeVideo/Asian_East/id1/a.mp4`
    means `FakeVideo/Asian (East)/id1/a.mp4`. Names that still match nothing are compared once
    more without the ending of the file.
    """
    names = list(dict.fromkeys(given))
    ids = set(listed)
    found = {name: name for name in names if name in ids}
    for with_ending in (True, False):
        rest = [name for name in names if name not in found]
        if rest:
            found |= _match_by_parts(rest, ids, with_ending)
    return found


def _match_by_parts(
    names: Sequence[str],
    ids: Iterable[str],
    with_ending: bool,
) -> dict[str, str]:
    """Names that agree with exactly one id in all parts of the shorter of the two."""
    # `FakeAVCeleb/RealVideo/id1/a.mp4` has 4 parts, the listed `RealVideo/id1/a.mp4` has 3. Only
    # the last 3 can be compared, and all 3 must agree.
    parts_of = {name: _parts(name, with_ending) for name in ids}
    depths = {len(parts) for parts in parts_of.values()}
    wanted = {name: _parts(name, with_ending) for name in names}

    # Grouping ids by their last parts once makes each name a look-up instead of a search.
    lengths_of = {name: _lengths(parts, depths) for name, parts in wanted.items()}
    all_lengths = set().union(*lengths_of.values())
    by_end = {length: _group_by_end(parts_of, length) for length in all_lengths}

    found = {}
    # With ids of 1 and 3 parts, 3 parts are tried first: `x/id1/a.mp4` means the id `x/id1/a.mp4`,
    # not another dataset's `a.mp4`.
    for name, parts in wanted.items():
        # The longest agreement decides, whether it names one video or several.
        for length in lengths_of[name]:
            # The ids that end as the name does.
            same = by_end[length].get(parts[-length:], [])
            if length < len(parts):
                # The id must be the shorter one then, and agree as a whole.
                same = [one for one in same if len(parts_of[one]) == length]
            if same:
                # Two videos of the same name: a guess would give one of them the other's score.
                if len(same) == 1:
                    found[name] = same[0]
                break
    return found


def _lengths(parts: _Parts, depths: Iterable[int]) -> list[int]:
    """How many parts can be compared with ids of these depths, the largest number first."""
    lengths = {min(len(parts), depth) for depth in depths}
    return sorted(lengths, reverse=True)


def _group_by_end(
    parts_of: Mapping[str, _Parts], length: int
) -> dict[_Parts, list[str]]:
    """The last `length` parts -> the ids that end so."""
    found: dict[_Parts, list[str]] = {}
    for name, parts in parts_of.items():
        if len(parts) >= length:
            found.setdefault(parts[-length:], []).append(name)
    return found


def _parts(name: str, with_ending: bool) -> _Parts:
    """The folders and the file of a name, in small letters, folders without punctuation."""
    # avdf's tables have an apostrophe before a name that a spreadsheet would take for a formula;
    # other tables have none.
    bare = name.removeprefix("'")
    pieces = _SEPARATORS.split(bare)
    parts = [part for part in pieces if part not in ("", ".")]
    # A name of separators alone stands for itself.
    if not parts:
        parts = [name]
    file = parts[-1].casefold()
    folders = (_NOT_SPELLING.sub("", part.casefold()) for part in parts[:-1])
    if not with_ending:
        file = PurePosixPath(file).stem
    return (*folders, file)


def refuse_mostly_unknown(
    table: object,
    given: Sequence[str],
    missing: Sequence[str],
    listed: Sequence[str],
    used: Iterable[str],
    what: str,
) -> None:
    """Refuse a table of which most names are not listed: it belongs to other data.

    Args:
        table: its path, for the message.
        given: the names in the table.
        missing: those of them that were not found.
        listed: the names they were looked for in.
        used: those of the listed names that were found.
        what: what a name stands for: `id` or `identity`.

    Raises:
        SettingsError: most are missing; the message shows a name of each side.
    """
    if 2 * len(missing) <= len(given):
        return
    found = set(used)
    unused = [name for name in listed if name not in found]
    other = next(iter([*unused, *listed]), "none")
    raise SettingsError(
        f"{table}: {len(missing)} of {len(given)} rows are of no listed video: the table has the "
        f"{what} {missing[0]!r}, the list has {other!r}; give the data that the table is of, or "
        "leave out the rows that are of other data"
    )
