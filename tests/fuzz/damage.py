"""How files are damaged: each function takes a whole one and returns a damaged one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

Generator = np.random.Generator
_LARGE = 1 << 25  # bytes

# What people and programs put where a number, a name or an object is expected.
HOSTILE: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1,
    7,
    0.5,
    1e308,
    float("nan"),
    float("inf"),
    -float("inf"),
    2**31,
    2**63,
    2**70,
    10**400,
    "",
    "x",
    "nan",
    "0,5",
    "x" * 5000,
    "../x",
    "/etc/passwd",
    "=1+1",
    "\x1b[31mred",
    "\ud800",
    "a\0b",
    [],
    {},
    [[]],
    {"a": 1},
    [1, 2],
    [None],
)
_WORDS = (
    "",
    "nan",
    "inf",
    "-inf",
    "1e999",
    "-1",
    "2",
    "0,5",
    '"',
    '""',
    "'",
    "\x1b[2J",
    "\0",
    "x" * 140_000,
    "ä",
    "../../x",
    "=SUM(A1)",
    "0.5",
    "train",
    "test",
    "fake",
    "real",
    "\u202e",
    "1_0",
    " 1 ",
    "0x1",
    "\ufeff",
)


def damage_bytes(content: bytes, generator: Generator) -> bytes:
    """Bytes flipped, overwritten, cut out, doubled or cut off.

    Most are near the head, where formats keep their notes.
    """
    data = bytearray(content)
    for _ in range(int(generator.integers(1, 5))):
        if not data:
            break
        place = int(len(data) * generator.beta(0.4, 1.6))
        length = int(generator.integers(1, 64))
        match int(generator.integers(6)):
            case 0:
                data[place] ^= 1 << int(generator.integers(8))
            case 1:
                data[place : place + length] = generator.bytes(length)
            case 2:
                data[place : place + length] = bytes([255]) * length
            case 3:
                del data[place : place + length]
            case 4:
                data[place:place] = data[place : place + length]
            case _:
                del data[place:]
    return bytes(data)


def damage_table(text: str, generator: Generator) -> bytes:
    """A CSV table with values, quotes, columns and lines that are wrong, doubled or missing."""
    lines = text.splitlines(keepends=True)
    for _ in range(int(generator.integers(1, 3))):
        at = int(generator.integers(len(lines)))
        values = lines[at].rstrip("\n").split(",")
        which = int(generator.integers(len(values)))
        match int(generator.integers(12)):
            case 0 | 1 | 8 | 9 | 10:
                values[which] = _WORDS[int(generator.integers(len(_WORDS)))]
            case 2:
                values[which] = f'"{values[which]}'
            case 3:
                del values[which]
            case 4:
                values.insert(which, values[which])
            case 5:
                lines.insert(at, lines[int(generator.integers(len(lines)))])
                continue
            case 6:
                lines = lines[: at + 1]
                continue
            case _:
                if len(lines) > 1:
                    del lines[at]
                continue
        lines[at] = ",".join(values) + "\n"
    whole = "".join(lines).encode("utf-8", "surrogatepass")
    return damage_bytes(whole, generator) if generator.random() < 0.15 else whole


def damage_json(text: str, generator: Generator) -> bytes:
    """A JSON document: a value of another kind, a key too many or too few, nesting, or bytes."""
    kind = int(generator.integers(10))
    if kind == 0:
        return damage_bytes(text.encode(), generator)
    if kind == 1:
        return b"[" * 100_000
    content = json.loads(text)
    for _ in range(int(generator.integers(1, 3))):
        _damage_value(content, generator)
    return json.dumps(content).encode("utf-8", "surrogatepass")


def _damage_value(content: Any, generator: Generator) -> None:
    """Walk down to some place of a document and change what is there."""
    while True:
        keys = list(content) if isinstance(content, dict) else list(range(len(content)))
        if not keys:
            return
        key = keys[int(generator.integers(len(keys)))]
        if (
            isinstance(content[key], dict | list)
            and content[key]
            and generator.random() < 0.85
        ):
            content = content[key]
            continue
        break
    match int(generator.integers(4)):
        case 0:
            del content[key]
        case 1 if isinstance(content, dict):
            content[f"{key}x"] = content[key]
        case _:
            content[key] = HOSTILE[int(generator.integers(len(HOSTILE)))]


def damage_shard(path: Path, generator: Generator) -> None:
    """A shard that is still HDF5: columns and attributes say something else."""
    with h5py.File(path, "r+") as file:
        for _ in range(int(generator.integers(1, 3))):
            columns = [
                f"{group}/{name}"
                for group, members in file.items()
                if isinstance(members, h5py.Group)
                for name in members
                if isinstance(members.get(name, getlink=True), h5py.HardLink)
            ]
            name = columns[int(generator.integers(len(columns)))]
            _COLUMN_DAMAGES[int(generator.integers(len(_COLUMN_DAMAGES)))](
                file, name, generator
            )


def _set_values(file: h5py.File, name: str, generator: Generator) -> None:
    column = file[name]
    if not len(column):
        return
    at = int(generator.integers(len(column)))
    if h5py.check_string_dtype(column.dtype):
        column[at] = ("", "x" * 5000, "\x1b[31m", "noise-000001", "=1", "train")[
            int(generator.integers(6))
        ]
    elif column.dtype.kind == "f":
        column[at] = (np.nan, np.inf, -1.0, 1e30)[int(generator.integers(4))]
    else:
        limits = np.iinfo(column.dtype)
        column[at] = (limits.min, limits.max, 0, 1)[int(generator.integers(4))]


def _exchange(file: h5py.File, name: str, generator: Generator) -> None:
    column = file[name]
    if len(column) > 1:
        one, other = (int(value) for value in generator.integers(len(column), size=2))
        column[one], column[other] = column[other], column[one]


def _resize(file: h5py.File, name: str, generator: Generator) -> None:
    most = (
        10**9
        if len(file[name].shape) == 1 and generator.random() < 0.5
        else 2 * len(file[name]) + 2
    )
    file[name].resize(int(generator.integers(most)), axis=0)


def _retype(file: h5py.File, name: str, generator: Generator) -> None:
    shape = file[name].shape
    del file[name]
    kind = ("f8", "i8", "u1", "S4", "f4")[int(generator.integers(5))]
    file.create_dataset(name, shape=shape, dtype=kind)


def _remove(file: h5py.File, name: str, generator: Generator) -> None:
    del file[name if generator.random() < 0.7 else name.partition("/")[0]]
    if generator.random() < 0.3:
        file[name] = h5py.SoftLink("/videos/id")


def _repack(file: h5py.File, name: str, generator: Generator) -> None:
    """The same values in one giant chunk, or a chunk that holds other bytes."""
    column = file[name]
    if h5py.check_string_dtype(column.dtype) or not len(column):
        return
    if column.size * column.dtype.itemsize > _LARGE:
        return
    values = column[()]
    if generator.random() < 0.5 and column.compression:
        column.id.write_direct_chunk((0,) * values.ndim, generator.bytes(1000))
        return
    del file[name]
    chunk = (int(generator.integers(1, 10**8)), *values.shape[1:])
    whole = int(np.prod(chunk, dtype=np.float64)) * values.itemsize
    made = file.create_dataset(
        name,
        values.shape,
        values.dtype,
        maxshape=(None, *values.shape[1:]),
        chunks=chunk,
        compression="gzip",
    )
    # A larger one is only declared: to write it would take as much memory here.
    if whole < _LARGE:
        made[...] = values


def _set_attribute(file: h5py.File, _: str, generator: Generator) -> None:
    names = list(file.attrs)
    key = names[int(generator.integers(len(names)))]
    values = (
        -1,
        0,
        10**6,
        "x",
        "{",
        "[" * 20_000,
        b"\xff",
        [1, 2],
        np.nan,
        "png",
        "raw",
        2,
    )
    if generator.random() < 0.2:
        del file.attrs[key]
    else:
        file.attrs[key] = values[int(generator.integers(len(values)))]


def _add_periods(file: h5py.File, _: str, generator: Generator) -> None:
    if "periods" not in file:
        times = (0.0, 0.5, np.nan, np.inf, -1.0)
        start, end = (times[int(which)] for which in generator.integers(5, size=2))
        columns = {
            "video": ("u4", generator.integers(12)),
            "start": ("f4", start),
            "end": ("f4", end),
        }
        columns |= {"visual": ("i1", generator.integers(-2, 4)), "audio": ("i1", 0)}
        for key, (kind, value) in columns.items():
            file.create_dataset(
                f"periods/{key}",
                data=np.array([value] * int(generator.integers(1, 3)), kind),
            )


_COLUMN_DAMAGES: tuple[Callable[[h5py.File, str, Generator], None], ...] = (
    _set_values,
    _set_values,
    _exchange,
    _exchange,
    _resize,
    _retype,
    _remove,
    _repack,
    _set_attribute,
    _add_periods,
)
