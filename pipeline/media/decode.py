"""Decoding one file: pictures at 25 fps and sound at 16 kHz on one time line, in one pass of one ffmpeg process.

Picture and sound each have a filter graph of their own. Where a stream changes its size, rate or channels, ffmpeg
builds that graph anew; the new one knows nothing of what came before. So no graph fills anything up from time 0: ffmpeg
says of each picture and of each block of sound when it begins, and they are put in their places here.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from queue import SimpleQueue
from typing import IO, Self, TypeVar

import ffmpeg
import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import FRAME_RATE, SAMPLE_RATE
from avdf.cache.core.errors import DecoderKilledError, MediaError
from avdf.pipeline.media.audio import DecodedAudio
from avdf.pipeline.media.audio_runs import AudioRuns
from avdf.pipeline.media.colour import Colour
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.guards import GUARDS
from avdf.pipeline.media.mixer import ChannelMixer
from avdf.pipeline.media.probe import MediaInfo, last_line
from avdf.pipeline.settings import Limits

_PIPE_BYTES = 1 << 20
_FRAME_MARK = b"FRAME\n"
_LISTEN_BYTES = 1 << 16
_TIMED_ROWS = 600 * FRAME_RATE  # what `Limits.decode_timeout` is allowed for
_SHORTFALL = 1.0  # seconds that may be missing at a file's end before that is said
T = TypeVar("T")
_LONGEST_LINE = 1000
# Said at the seam of two filter graphs, of times that nobody uses: those of the output.
_HARMLESS = (b"non monotonically increasing dts to muxer",)
_PIPES = ("picture", "picture_times", "sound", "sound_times")

_INPUT = "file:INPUT"  # stands for the file's name, which ffmpeg-python takes in UTF-8 alone


def decode_command(media: MediaInfo, limits: Limits, pipes: dict[str, int]) -> list[str]:
    """The ffmpeg command: pictures as yuv4mpeg and sound as 16-bit samples, each to its pipe, their times to others.

    Within a graph, `fps` and `aresample` fill gaps (a picture repeated, silence) and drop overlaps, so that row and
    sample counts stand for time; what lies before time 0 is trimmed. ffmpeg turns pictures upright by their rotation
    metadata and applies edit lists.
    """
    source = ffmpeg.input(
        _INPUT,
        **GUARDS,
        threads=1,
        max_pixels=limits.pixels,
        t=limits.seconds + media.start + 1,
    )
    conversion = media.conversion
    pictures = [
        f"setpts=PTS-{media.start:.6f}/TB",
        *conversion.before,
        f"fps=fps={FRAME_RATE}:round=near",
        "trim=start=0",
        *conversion.after,
        f"format={media.planes}",
    ]
    sound = [
        f"asetpts=PTS-{media.start:.6f}/TB",
        f"aresample={SAMPLE_RATE}",
        f"aresample={SAMPLE_RATE}:async=1:min_hard_comp=0.02",
        "atrim=start=0",
    ]
    command: list[str] = (
        ffmpeg.merge_outputs(
            ffmpeg.output(
                source[str(media.video_stream)],
                f"pipe:{pipes['picture']}",
                vf=",".join(pictures),
                format="yuv4mpegpipe",
                strict=-1,
                fps_mode="passthrough",
                stats_enc_pre=f"pipe:{pipes['picture_times']}",
                stats_enc_pre_fmt="{pts} {tb}",
            ),
            ffmpeg.output(
                source[str(media.audio_stream)],
                f"pipe:{pipes['sound']}",
                af=",".join(sound),
                format="s16le",
                ac=media.channels,
                ar=SAMPLE_RATE,
                stats_enc_pre=f"pipe:{pipes['sound_times']}",
                stats_enc_pre_fmt="{pts} {samp}",
            ),
        )
        .global_args("-v", "error", "-nostdin", "-filter_threads", "1")
        .compile(cmd=media.program)
    )
    return [f"file:{media.path.resolve()}" if word == _INPUT else word for word in command]


class Decoder:
    """Context manager over one ffmpeg process. Take all `frames()`, then `audio()`, then `damage()`.

    A process that stalls, or runs past its limit, is killed and reported as `timeout`. Memory is bounded: a few
    pictures in the pipe, and the sound of at most `limits.seconds`.
    """

    def __init__(self, media: MediaInfo, limits: Limits) -> None:
        self.media, self.limits = media, limits
        self.cancelled = False  # the mean of both channels is near silence; one of them was taken
        self._mixer, self._line = ChannelMixer(media.channels), AudioRuns()
        self._sound: DecodedAudio | None = None
        self._complaints: deque[bytes] = deque(maxlen=64)
        self._damaged_at: int | None = None  # row near which the decoder complained first
        self.first_row = 0  # of the first picture that could be decoded
        self._rows = 0
        self._ahead = 0  # row that ffmpeg has come to; the pictures up to there are on their way
        self._times: SimpleQueue[int | None] = SimpleQueue()
        self._killed = ""
        self._waiting_since: float | None = None
        self._over = threading.Event()

    def __enter__(self) -> Self:
        self._start = time.monotonic()
        ends = {name: os.pipe() for name in _PIPES}
        with contextlib.suppress(OSError):  # a larger pipe is only faster
            fcntl.fcntl(ends["picture"][0], fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self._video = os.fdopen(ends["picture"][0], "rb", buffering=0)
        sound, sound_times, times = (
            os.fdopen(ends[name][0], "rb") for name in ("sound", "sound_times", "picture_times")
        )
        inputs = {name: pair[1] for name, pair in ends.items()}
        try:
            self._process = subprocess.Popen(
                decode_command(self.media, self.limits, inputs),
                pass_fds=tuple(inputs.values()),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                process_group=0,  # Ctrl-C must not end a decoder early: its file would look shorter than it is
            )
        finally:
            for end in inputs.values():
                os.close(end)
        assert self._process.stderr is not None
        self._hearing = [
            self._thread(self._listen, sound),
            self._thread(self._read_sound_times, sound_times),
        ]
        self._timing = self._thread(self._read_picture_times, times)
        self._overhearing = self._thread(self._overhear, self._process.stderr)
        self._watching = self._thread(self._watch)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._video.close()
        for thread in (*self._hearing, self._timing, self._overhearing, self._watching):
            thread.join()

    def frames(self) -> Iterator[DecodedFrame]:
        """The pictures in order, one for each 1/25 s, from the first that can be decoded on.

        Between two runs of the filter graph a picture may be missing or come twice: the one before stands for the
        missing one.

        Raises:
            MediaError: `timeout`.
            DecoderKilledError: the process was ended by a signal.
        """
        last: DecodedFrame | None = None
        for row, picture in self._timed_pictures():
            if last is not None and row <= last.index:
                continue
            while last is not None and last.index + 1 < min(row, self._most_rows()):
                last = replace(last, index=last.index + 1)
                yield last
            if last is None:
                self.first_row = row
            last = replace(picture, index=row)
            self._rows = row + 1
            yield last
        self._raise_if_killed(wait=0)  # the sound may go on

    def audio(self) -> DecodedAudio:
        """All samples from the first that can be decoded on; waits for the end of the process."""
        if self._sound is None:
            for thread in self._hearing:
                thread.join()
            self._raise_if_killed()
            self._sound = self._line.place(
                self._mixer.finish(), self._most_rows() * SAMPLE_RATE // FRAME_RATE
            )
            self.cancelled = self._mixer.cancelled
        return self._sound

    def damage(self) -> str:
        """What was met on the way that was not as it should be, and where; '' for a file that is whole.

        Raises:
            DecoderKilledError: the process was ended by a signal.
        """
        sound = self.audio()
        code = self._process.wait()
        self._overhearing.join(timeout=5)
        parts = []
        if self._damaged_at is not None:
            where = self._damaged_at / FRAME_RATE + self.media.offset
            parts.append(f"damaged near {where:.1f} s ({self.complaint()})")
        elif code:
            parts.append(f"the decoder ended with code {code}")
        parts += self._missing(sound.stop / SAMPLE_RATE)
        return "; ".join(parts)

    def complaint(self) -> str:
        """What ffmpeg said last, or ''."""
        self._overhearing.join(timeout=5)
        text = b"".join(self._complaints).decode(errors="replace")
        return last_line(text, self.media.path) if text.strip() else ""

    def _missing(self, sound_ends: float) -> list[str]:
        """What the file says that it holds, and does not."""
        told = self.media.picture_ends, self.media.sound_ends
        found = self._rows / FRAME_RATE, sound_ends
        return [
            f"{what} ends at {end + self.media.offset:.1f} s of {said + self.media.offset:.1f} s"
            for what, said, end in zip(("picture", "sound"), told, found, strict=True)
            if said - end > _SHORTFALL
        ]

    def _timed_pictures(self) -> Iterator[tuple[int, DecodedFrame]]:
        """Each picture as it comes, with its row. Its own index means nothing."""
        read: Callable[[], DecodedFrame | None] | None = None
        while (row := self._waited(self._times.get)) is not None:
            if read is None:
                header = self._header()
                if header is None:
                    return
                read = self._reader(header)
            picture = read()
            if picture is None:
                return
            yield row, picture

    def _reader(self, header: str) -> Callable[[], DecodedFrame | None]:
        """Reads one picture, of the size and kind that the stream's header says."""
        fields = {part[:1]: part[1:] for part in header.split(" ")[1:] if not part.startswith("X")}
        width, height = int(fields["W"]), int(fields["H"])
        colour = Colour(self.media.matrix, full_range="XCOLORRANGE=FULL" in header)
        half = self.media.planes == "yuv420p"
        chroma = ((height + 1) // 2, (width + 1) // 2) if half else (height, width)
        luma_bytes, chroma_bytes = height * width, chroma[0] * chroma[1]

        def read() -> DecodedFrame | None:
            data = self._read(len(_FRAME_MARK) + luma_bytes + 2 * chroma_bytes)
            if data is None:
                return None
            body = data[len(_FRAME_MARK) :]
            planes = (
                body[:luma_bytes].reshape(height, width),
                body[luma_bytes : luma_bytes + chroma_bytes].reshape(chroma),
                body[luma_bytes + chroma_bytes :].reshape(chroma),
            )
            return DecodedFrame(0, planes, colour)

        return read

    def _header(self) -> str | None:
        line = bytearray()
        while not line.endswith(b"\n"):
            byte = self._read(1)
            if byte is None or len(line) > 1024:
                return None
            line += byte.tobytes()
        return line.decode("ascii", errors="replace").strip()

    def _read(self, size: int) -> npt.NDArray[np.uint8] | None:
        data = np.empty(size, np.uint8)
        view, at = data.data, 0
        while at < size:
            count = self._waited(lambda at=at: self._video.readinto(view[at:]))  # type: ignore[misc]
            if not count:
                return None
            at += count
        return data

    def _waited(self, read: Callable[[], T]) -> T:
        """What a read gives, with the watch on while it waits."""
        self._waiting_since = time.monotonic()
        try:
            return read()
        finally:
            self._waiting_since = None

    def _most_rows(self) -> int:
        return round((self.limits.seconds + 1) * FRAME_RATE)

    @staticmethod
    def _thread(run: Callable[..., None], *pipe: IO[bytes]) -> threading.Thread:
        thread = threading.Thread(target=run, args=pipe, daemon=True)
        thread.start()
        return thread

    def _listen(self, pipe: IO[bytes]) -> None:
        with pipe:
            while data := pipe.read1(_LISTEN_BYTES):  # type: ignore[attr-defined]
                self._mixer.feed(data)

    def _read_sound_times(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                start, _, samples = line.partition(b" ")
                if samples:
                    self._line.add(int(start), int(samples))

    def _read_picture_times(self, pipe: IO[bytes]) -> None:
        """When each picture is to be seen; None after the last."""
        with pipe:
            for line in pipe:
                number, _, unit = line.strip().partition(b" ")
                if unit:
                    above, _, below = unit.partition(b"/")
                    self._ahead = round(int(number) * int(above) * FRAME_RATE / int(below))
                    self._times.put(self._ahead)
        self._times.put(None)

    def _overhear(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                if not any(words in line for words in _HARMLESS):
                    self._complaints.append(line[:_LONGEST_LINE])
                    if self._damaged_at is None:
                        self._damaged_at = self._ahead

    def _watch(self) -> None:
        """Kill a process that hangs: that lets us wait, or runs too long for what it has given."""
        while not self._over.wait(0.5):
            now, since = time.monotonic(), self._waiting_since
            allowed = self.limits.decode_timeout * (1 + self._rows // _TIMED_ROWS)
            if now - self._start > allowed:
                self._killed = f"decoding took longer than {allowed:.0f} s"
            elif since is not None and now - since > self.limits.stall_timeout:
                self._killed = f"the decoder gave nothing for {self.limits.stall_timeout:.0f} s"
            if self._killed:
                with contextlib.suppress(ProcessLookupError):
                    self._process.send_signal(signal.SIGKILL)
                return
            if self._process.poll() is not None:
                return

    def _raise_if_killed(self, wait: float = 5) -> None:
        """`wait`: seconds that the process may take to end."""
        if self._killed:
            raise MediaError("timeout", self._killed)
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(timeout=wait)
            if code < 0:
                raise DecoderKilledError(f"the decoder was ended by {_signal_name(-code)}")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
