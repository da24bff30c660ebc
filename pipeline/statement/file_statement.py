"""What a media file says of itself, as records. None of it plays a part in a score."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

CredentialState = Literal["valid", "invalid", "none", "not read"]


@dataclass(frozen=True)
class StreamStatement:
    """What a file states of one stream.

    number    within the file
    kind      `video`, `audio`, `subtitle`, `data`, ...
    codec     name and profile
    format    size and pixel format, or channels and sampling rate, in words
    start     seconds of the first time stamp; None where the file does not say
    duration  seconds; None where the file does not say
    frames    number of frames; None where the file does not say
    tags      what programs wrote beside it: creation time, encoder, language, ...
    """

    number: int
    kind: str
    codec: str
    format: str
    start: float | None
    duration: float | None
    frames: int | None
    tags: Mapping[str, str]


@dataclass(frozen=True)
class EditEntry:
    """One line of an edit list: a part of a track that is shown.

    start     seconds within the media of the track; None for a pause, in which nothing is shown
    duration  seconds for which it is shown; 0: to the end
    rate      speed, 1 in nearly all files
    """

    start: float | None
    duration: float
    rate: float


@dataclass(frozen=True)
class EditList:
    """The edit list of one track of an MP4 or QuickTime file.

    track  its number in the file, from 1 on as the file counts
    """

    track: int
    entries: tuple[EditEntry, ...]


@dataclass(frozen=True)
class TimeGap:
    """A place where the time stamps of a stream leave out more time than usual, or jump back.

    start    seconds: the last time stamp before it
    seconds  from there to the next time stamp
    """

    start: float
    seconds: float


@dataclass(frozen=True)
class StreamTimes:
    """The time stamps of one stream, in the order of time.

    stream     number within the file
    packets    how many time stamps there are
    first, last  in seconds; None without any
    step       the median of the differences in seconds; None with fewer than two
    irregular  differences that are more than half a step away from the step
    repeated   time stamps that occur again
    gaps       the longest gaps, at most 20, in the order of time
    all_gaps   how many gaps there are
    jumps      where a time stamp lies more than a second before the one that precedes it in the
               file: the first 20, with negative seconds
    """

    stream: int
    packets: int
    first: float | None
    last: float | None
    step: float | None
    irregular: int
    repeated: int
    gaps: tuple[TimeGap, ...]
    all_gaps: int
    jumps: tuple[TimeGap, ...] = ()


@dataclass(frozen=True)
class FrameRun:
    """Decoded frames that are equal to the last bit and follow each other.

    start   seconds of the first
    frames  how many they are
    """

    start: float
    frames: int


@dataclass(frozen=True)
class RepeatedFrames:
    """Exact repetitions among the decoded frames of the video stream.

    examined     how many frames were compared, from the start on
    is_all       whether these are all frames of the file
    repeats      frames that equal the frame before them
    runs         the longest runs of equal frames, at most 20, in the order of time
    later_again  frames that do not equal the one before, but an earlier one
    """

    examined: int
    is_all: bool
    repeats: int
    runs: tuple[FrameRun, ...]
    later_again: int


@dataclass(frozen=True)
class Credentials:
    """The Content Credentials (C2PA) of a file.

    state      `valid`: signature and content fit together. Whether the signer can be trusted is
               another question. `invalid`: they do not. `none`: the file has none, which is true
               of nearly all files and no evidence. `not read`: see `notes`
    signer     whom the certificate names, and who issued it; '' without one
    signed     when, as the signature states; '' where it does not
    generator  the program that wrote them
    actions    what they say was done to the file, with the kind of source, in words
    notes      why they are invalid or were not read, and every other remark of the validation
    """

    state: CredentialState
    signer: str = ""
    signed: str = ""
    generator: str = ""
    actions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileStatement:
    """What a media file says of itself.

    path         as it was given
    size         in bytes
    container    names of the container as ffmpeg knows them
    duration     seconds; None where the file does not say
    tags         of the whole file: creation time, encoder, brands, device, ...
    streams      in the order of the file
    encoder      what the video encoder wrote into the first frame; '' where nothing is found
    edits        edit lists that do more than begin at the start
    times        time stamps of each video and audio stream
    repeated     None where no frames were decoded
    credentials  Content Credentials
    notes        what was noticed beside, and what could not be read, with the reason
    """

    path: str
    size: int
    container: str
    duration: float | None
    tags: Mapping[str, str]
    streams: tuple[StreamStatement, ...]
    encoder: str
    edits: tuple[EditList, ...]
    times: tuple[StreamTimes, ...]
    repeated: RepeatedFrames | None
    credentials: Credentials
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Everything as dictionaries, lists, texts, numbers and None."""
        return asdict(self)
