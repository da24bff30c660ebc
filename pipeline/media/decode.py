"""Decoding of one file: frames at 25 fps and audio at 16 kHz on one time line, by one process.

Frames and audio each pass through a filter graph of their own. Where a stream changes its size,
rate or channels, ffmpeg builds that graph anew, and the new graph knows nothing of the time before.
So no graph fills gaps from time 0 on. Instead, ffmpeg reports when each frame and each block of
audio begins, and the decoder puts them in place.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from io import FileIO
from typing import IO, Self

import numpy as np

from avdf.cache.core.clock import FRAME_RATE, SAMPLE_RATE, SAMPLES_PER_FRAME
from avdf.cache.core.errors import DecoderKilledError, MediaError
from avdf.pipeline.media.audio import DecodedAudio
from avdf.pipeline.media.audio_runs import AudioRuns
from avdf.pipeline.media.complaints import CUT_SHORT, Complaints
from avdf.pipeline.media.decode_command import PIPES, decode_command
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.frame_times import FrameTimes
from avdf.pipeline.media.media_info import MediaInfo
from avdf.pipeline.media.mixer import ChannelMixer
from avdf.pipeline.media.watchdog import Watchdog
from avdf.pipeline.media.yuv4mpeg import FrameReader
from avdf.pipeline.settings import Limits

_PIPE_BYTES = 1 << 20
_AUDIO_BYTES = 1 << 16  # of one read
_REPORTED_SHORTFALL = 1.0  # seconds that may be missing at a file's end without a word
_UNSETTLED_ROWS = 12  # at the start of an excerpt
_END_TIMEOUT = 5.0  # seconds that ffmpeg may take to end after its last output


class Decoder:
    """Context manager over one ffmpeg process.

    Read all `frames()` first, then `audio()`, then `damage()`. A process that stalls or runs past
    its limit is killed and reported with the status `timeout`. Memory is bounded: a few frames in
    the pipe, and the audio of at most `limits.seconds`.

    first_row        row of the first frame that could be decoded
    channels_cancel  whether the mean of both audio channels is near silence, so that one of them
                     was taken; known after `audio()`
    """

    def __init__(self, media: MediaInfo, limits: Limits) -> None:
        self.media = media
        self.limits = limits
        self.first_row = 0
        self.channels_cancel = False
        self._stop_row = 0  # the row after the last frame
        self._audio: DecodedAudio | None = None
        self._frame_times = FrameTimes()
        self._mixer = ChannelMixer(media.channels)
        self._audio_runs = AudioRuns()
        self._complaints = Complaints(media.unused_codecs)

    def __enter__(self) -> Self:
        self._watchdog = Watchdog(self.limits, rows_done=lambda: self._stop_row)
        pipes = {name: os.pipe() for name in PIPES}
        read_ends = {name: read_end for name, (read_end, _) in pipes.items()}
        write_ends = {name: write_end for name, (_, write_end) in pipes.items()}
        # The caller reads the frames itself, as fast as it can use them; threads read the rest.
        self._frame_pipe = _open_frame_pipe(read_ends.pop("frames"))
        others = {name: os.fdopen(pipe, "rb") for name, pipe in read_ends.items()}
        self._process = self._start(write_ends)
        self._start_threads(others)
        return self

    def _start_threads(self, pipes: Mapping[str, IO[bytes]]) -> None:
        """Read each pipe by a thread of its own: ffmpeg waits where any one of them is full.

        Args:
            pipes: all but that of the frames.
        """
        errors = self._process.stderr
        assert errors is not None

        def newest_row() -> int | None:
            if self.media.video_stream is None:
                return self._audio_runs.reached // SAMPLES_PER_FRAME
            row = self._frame_times.newest_row
            # A decoder that seeks may land between two packets. What ffmpeg says of that comes a
            # little later than the first frames of an excerpt, and is no damage.
            return None if self.media.seek and row < _UNSETTLED_ROWS else row

        self._audio_threads = [
            _run_thread(lambda: self._read_audio(pipes["audio"])),
            _run_thread(lambda: self._read_audio_times(pipes["audio_times"])),
        ]
        self._complaint_thread = _run_thread(
            lambda: self._complaints.listen(errors, newest_row)
        )
        self._other_threads = [
            _run_thread(lambda: self._frame_times.listen(pipes["frame_times"])),
            _run_thread(lambda: self._watchdog.watch(self._process)),
        ]

    def __exit__(self, *_: object) -> None:
        self._watchdog.stop()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._frame_pipe.close()
        for thread in (
            *self._audio_threads,
            self._complaint_thread,
            *self._other_threads,
        ):
            thread.join()

    def frames(self) -> Iterator[DecodedFrame]:
        """The frames in order, one for each 1/25 s, from the first that can be decoded on.

        Raises:
            MediaError: `timeout`.
            DecoderKilledError: the process was ended by a signal.
        """
        last: DecodedFrame | None = None
        for frame in self._timed_frames():
            if last is None:
                self.first_row = frame.row
            elif frame.row <= last.row:
                continue
            else:
                # Between two filter graphs a frame may be missing: the one before stands for it.
                for row in range(last.row + 1, min(frame.row, self._most_rows())):
                    yield replace(last, row=row)
            last = frame
            self._stop_row = frame.row + 1
            yield frame
        self._raise_if_killed(timeout=0)  # ffmpeg may still be decoding audio

    def audio(self) -> DecodedAudio:
        """All audio from the first that can be decoded on. Waits for the end of the process."""
        if self._audio is None:
            for thread in self._audio_threads:
                thread.join()
            self._raise_if_killed(timeout=_END_TIMEOUT)
            self._audio = self._heard()
            self.channels_cancel = self._mixer.channels_cancel
        return self._audio

    def _heard(self) -> DecodedAudio:
        """The samples that ffmpeg gave; of a file without audio, silence under all frames."""
        if self.media.audio_stream is None:
            first = self.first_row * SAMPLES_PER_FRAME
            count = (self._stop_row - self.first_row) * SAMPLES_PER_FRAME
            return DecodedAudio(first, np.zeros(count, np.int16))
        most_samples = self._most_rows() * SAMPLE_RATE // FRAME_RATE
        return self._audio_runs.place(self._mixer.finish(), most_samples)

    def damage(self) -> str:
        """What is wrong with the file, and where; '' for a file that is whole.

        Raises:
            DecoderKilledError: the process was ended by a signal.
        """
        audio = self.audio()
        code = self._process.wait()
        complaint = self.complaint()
        parts = []
        if self._complaints.first_row is not None:
            is_cut_short = CUT_SHORT in complaint
            near = self._near(self._complaints.first_row, audio, is_cut_short)
            parts.append(f"damaged near {near} ({complaint})")
        elif code:
            parts.append(f"the decoder ended with code {code}")
        parts += self._shortfall(
            "video", self.media.video_ends, self._stop_row / FRAME_RATE
        )
        parts += self._shortfall(
            "audio", self.media.audio_ends, audio.stop / SAMPLE_RATE
        )
        return ", ".join(parts)

    def _near(self, row: int, audio: DecodedAudio, is_cut_short: bool) -> str:
        """Where damage is, in file time, so that the same file has the same answer each time.

        ffmpeg complains while it reads ahead of the frames that it gives, by less or more from run
        to run. Damage in the last second, and that of a file that is cut short, is at the end,
        which is known; other times are rough.
        """
        end = max(self._stop_row, audio.stop // SAMPLES_PER_FRAME)
        if is_cut_short or end - row <= FRAME_RATE:
            return f"{end / FRAME_RATE + self.media.offset:.1f} s"
        return f"{row / FRAME_RATE + self.media.offset:.0f} s"

    def complaint(self) -> str:
        """The last line that ffmpeg printed, or that a file is cut short; '' where it is silent."""
        self._complaint_thread.join(timeout=_END_TIMEOUT)
        return self._complaints.last(self.media.path)

    def _shortfall(
        self,
        stream: str,
        announced: float,
        found: float,
    ) -> list[str]:
        """How much earlier a stream ends than the file says, if it is worth reporting."""
        if announced - found <= _REPORTED_SHORTFALL:
            return []
        ends, expected = found + self.media.offset, announced + self.media.offset
        return [f"{stream} ends at {ends:.1f} s instead of {expected:.1f} s"]

    def _timed_frames(self) -> Iterator[DecodedFrame]:
        """The frames as they come; their rows may leave gaps, or come twice."""
        reader = FrameReader(self._frame_pipe, self.media, self._watchdog.waited)
        while (row := self._watchdog.waited(self._frame_times.next_row)) is not None:
            frame = reader.read(row)
            if frame is None:
                return
            yield frame

    def _most_rows(self) -> int:
        return round((self.limits.seconds + 1) * FRAME_RATE)

    def _start(self, pipes: dict[str, int]) -> subprocess.Popen[bytes]:
        """Start ffmpeg with the ends of the pipes that it writes to."""
        try:
            return subprocess.Popen(
                decode_command(self.media, self.limits, pipes),
                pass_fds=tuple(pipes.values()),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                # Ctrl-C must not end a decoder early: its file would look shorter than it is.
                process_group=0,
            )
        finally:
            for write_end in pipes.values():
                os.close(write_end)

    def _read_audio(self, pipe: IO[bytes]) -> None:
        with pipe:
            while data := pipe.read1(_AUDIO_BYTES):  # type: ignore[attr-defined]
                self._mixer.feed(data)

    def _read_audio_times(self, pipe: IO[bytes]) -> None:
        """Read lines of `{pts} {samples}`: where each block of audio begins, and its length."""
        with pipe:
            for line in pipe:
                start, _, samples = line.partition(b" ")
                if samples:
                    self._audio_runs.add(int(start), int(samples))

    def _raise_if_killed(self, timeout: float) -> None:
        """Raise where the process was killed. It may take `timeout` seconds to end."""
        if self._watchdog.reason:
            raise MediaError("timeout", self._watchdog.reason)
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(timeout=timeout)
            if code < 0:
                raise DecoderKilledError(
                    f"the decoder was ended by {_signal_name(-code)}"
                )


def _open_frame_pipe(read_end: int) -> FileIO:
    """The pipe that frames come through; a larger one is only faster, so it may fail to grow."""
    with contextlib.suppress(OSError):
        fcntl.fcntl(read_end, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return os.fdopen(read_end, "rb", buffering=0)


def _run_thread(target: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    return thread


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
