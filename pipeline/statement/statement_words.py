"""What a file says of itself, in words: a few lines under each name."""

from collections.abc import Iterator, Mapping, Sequence

from avdf.cache.core.counted import counted
from avdf.pipeline.statement.file_statement import (
    Credentials,
    EditEntry,
    FileStatement,
    RepeatedFrames,
    StreamStatement,
    StreamTimes,
)

Words = Mapping[str, Sequence[str]]

_MOST_LISTED = 6
_STATES = {
    "valid": "valid: signature and content fit together",
    "invalid": "INVALID: signature and content do not fit together",
    "none": "none, as in nearly all files; this is no evidence",
    "not read": "not read",
}


def statement_words(found: FileStatement) -> Words:
    """Name -> lines, in the order in which they are shown."""
    words: dict[str, list[str]] = {"container": _container(found)}
    if found.tags:
        words["tags of the file"] = _tags(found.tags)
    for stream in found.streams:
        words[f"stream {stream.number}, {stream.kind}"] = _stream(stream)
    if found.encoder:
        words["encoder, as the first frame names it"] = [found.encoder]
    for edits in found.edits:
        lines = [_edit(entry) for entry in edits.entries[:_MOST_LISTED]]
        words[f"edit list of track {edits.track}"] = [
            *lines,
            *_more(len(edits.entries) - len(lines)),
        ]
    for times in found.times:
        words[f"time stamps of stream {times.stream}"] = list(_times(times))
    if found.repeated is not None:
        words["frames that repeat exactly"] = list(_repeated(found.repeated))
    words["Content Credentials"] = list(_credentials(found.credentials))
    if found.notes:
        words["noticed"] = list(found.notes)
    return words


def _container(found: FileStatement) -> list[str]:
    length = "" if found.duration is None else f", {found.duration:.3f} s"
    return [f"{found.container}{length}, {found.size} bytes"]


def _tags(tags: Mapping[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in tags.items()]


def _stream(stream: StreamStatement) -> list[str]:
    parts = [stream.codec, stream.format]
    if stream.start is not None:
        parts.append(f"begins at {stream.start:.3f} s")
    if stream.duration is not None:
        parts.append(f"lasts {stream.duration:.3f} s")
    if stream.frames is not None:
        what = "frame" if stream.kind == "video" else "packet"
        parts.append(counted(stream.frames, what))
    return [", ".join(part for part in parts if part), *_tags(stream.tags)]


def _edit(entry: EditEntry) -> str:
    length = "to the end" if not entry.duration else f"for {entry.duration:.3f} s"
    if entry.start is None:
        return f"shows nothing {length}"
    speed = "" if entry.rate == 1 else f", at {entry.rate:g} times the speed"
    return f"shows the track from {entry.start:.3f} s on, {length}{speed}"


def _times(times: StreamTimes) -> Iterator[str]:
    line = counted(times.packets, "time stamp")
    if times.step is not None:
        line += f", usually {times.step:.4f} s apart"
        line += f"; {times.irregular} of the distances differ clearly"
    if times.repeated:
        line += f"; {times.repeated} occur twice"
    yield line
    for jump in times.jumps[:_MOST_LISTED]:
        yield f"jumps back by {-jump.seconds:.2f} s after {jump.start:.2f} s"
    if not times.all_gaps:
        return
    shown = [
        f"{gap.seconds:.2f} s after {gap.start:.2f} s"
        for gap in times.gaps[:_MOST_LISTED]
    ]
    gaps = counted(times.all_gaps, "gap")
    yield "; ".join(
        [f"{gaps}: {', '.join(shown)}", *_more(times.all_gaps - len(shown))]
    )


def _repeated(found: RepeatedFrames) -> Iterator[str]:
    which = "all" if found.is_all else "the first"
    yield (
        f"{which} {counted(found.examined, 'frame')} compared: {found.repeats} equal the frame "
        f"before, {found.later_again} equal an earlier one"
    )
    if found.runs:
        runs = [
            f"{run.frames} from {run.start:.2f} s on"
            for run in found.runs[:_MOST_LISTED]
        ]
        yield f"equal frames in a row: {', '.join(runs)}"
        yield "still scenes, screen recordings and a raised frame rate look like this, too"


def _credentials(found: Credentials) -> Iterator[str]:
    yield _STATES[found.state]
    if found.signer:
        yield f"the certificate names: {found.signer}"
    if found.signed:
        yield f"signed: {found.signed}"
    if found.generator:
        yield f"written by: {found.generator}"
    if found.actions:
        yield f"stated actions: {', '.join(found.actions)}"
    yield from found.notes


def _more(count: int) -> list[str]:
    return [f"and {count} more"] if count > 0 else []
