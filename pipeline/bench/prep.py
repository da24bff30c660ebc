"""Measure preparation beside decoding alone and beside MTCNN on full-size frames."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.core.errors import MediaError, SourceError
from avdf.cache.core.video import PreparedVideo, VideoInfo
from avdf.pipeline.bench.crops import encoding_seconds, jitter, share_inside
from avdf.pipeline.bench.decoding import decoding_seconds
from avdf.pipeline.bench.figures import FileBench, PrepBench
from avdf.pipeline.bench.full_size_mtcnn import FullSizeDetections, detect_full_size
from avdf.pipeline.bench.whole_job import whole_job_seconds
from avdf.pipeline.bench.worker import load, prepare, wait_a_little
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.job.processes import process_pool
from avdf.pipeline.prepare import prepare_video
from avdf.pipeline.settings import PrepSettings

_INSIDE = 0.95  # share of a face's area that must be in the crop
_CERTAIN = 0.99  # probability of a face that must not be missed


@dataclass(frozen=True)
class _Bench:
    """What is measured, and with what."""

    settings: PrepSettings
    workers: int
    laps: int
    compare: int
    device: str
    job_seconds: int


def bench_prep(
    files: Sequence[Path],
    settings: PrepSettings,
    workers: int,
    laps: int = 3,
    compare: int = 60,
    device: str = "cpu",
    job_seconds: int = 600,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> PrepBench:
    """Prepare each file `workers` times at once, `laps` times, and compare it with the two others.

    Args:
        compare: number of frames of each file, spread evenly, on which full-size MTCNN is run.
        job_seconds: of video in the whole job that is measured from its command on.
        on_progress: called with the number of finished files and of all.

    Raises:
        SourceError: there are no files, or one cannot be prepared.
    """
    if not files:
        raise SourceError(
            "nothing to measure: name some video files with faces, of about a minute each"
        )
    bench = _Bench(settings, workers, laps, compare, device, job_seconds)
    results = []
    with process_pool(workers, load, (settings, device)) as pool:
        # All processes have loaded their detectors before the clock starts.
        list(pool.map(wait_a_little, range(4 * workers)))
        for done, path in enumerate(files, 1):
            try:
                results.append(_bench_file(path, bench, pool))
            except MediaError as error:
                raise SourceError(
                    f"{path}: {error.status}, {error}; measure with files that can be prepared"
                ) from None
            on_progress(done, len(files))
    return _together(results, bench)


def _bench_file(
    path: Path,
    bench: _Bench,
    pool: ProcessPoolExecutor,
) -> FileBench:
    settings, workers = bench.settings, bench.workers
    info = VideoInfo(id=path.name, path=str(path.absolute()))
    preparing, decoding = [], []
    # By turns, so that a slow moment of the machine affects both.
    for _ in range(bench.laps):
        started = time.perf_counter()
        list(pool.map(prepare, [info] * workers))
        preparing.append(time.perf_counter() - started)
        decoding.append(decoding_seconds(path, workers))

    video = prepare_video(
        info,
        settings,
        FaceDetector(settings.face, bench.device),
    )
    frames = round(video.duration * FRAME_RATE)
    # A job of some length in which the file comes many times, and decoding beside it.
    copies = max(1, round(bench.job_seconds / video.duration))
    job_rate = frames * copies / whole_job_seconds(path, copies, workers, bench.device)
    decoding.append(decoding_seconds(path, workers))
    decode_rate = frames * workers / median(decoding)
    prepare_rate = frames * workers / median(preparing)
    # No preparation can be faster than decoding all frames and encoding one crop of each.
    bound_seconds = 1 / decode_rate + encoding_seconds(video, settings) / workers

    # MTCNN on full-size frames is slow: some frames, spread over the file, stand for all.
    spread = np.linspace(
        0,
        frames - 1,
        min(bench.compare, frames),
    )
    rows = set(spread.round().astype(int).tolist())
    naive = detect_full_size(path, settings, rows, bench.device)
    contained, compared, missed = _containment(naive, video)
    return FileBench(
        file=path.name,
        width=naive.size[0],
        height=naive.size[1],
        frames=frames,
        frames_per_second=prepare_rate,
        decode_frames_per_second=decode_rate,
        bound_frames_per_second=1 / bound_seconds,
        naive_frames_per_second=1 / median(naive.seconds),
        job_frames_per_second=job_rate,
        share_of_decode=prepare_rate / decode_rate,
        job_share_of_decode=job_rate / decode_rate,
        contained=contained,
        compared=compared,
        missed=missed,
        jitter=jitter(video),
    )


def _containment(
    naive: FullSizeDetections, video: PreparedVideo
) -> tuple[float, int, int]:
    """`contained`, `compared` and `missed`, as `FileBench` explains them."""
    shares = [share_inside(face.box, video, face.row) for face in naive.faces]
    compared = [share for share in shares if share is not None]
    pairs = zip(shares, naive.faces, strict=True)
    # Full-size MTCNN also finds faces that are none: only certain ones count as missed.
    missed = [
        face for share, face in pairs if share is None and face.probability >= _CERTAIN
    ]
    contained = [share >= _INSIDE for share in compared]
    share_contained = float(np.mean(contained)) if contained else 0.0
    return share_contained, len(compared), len(missed)


def _together(files: Sequence[FileBench], bench: _Bench) -> PrepBench:
    """The figures of all files together."""

    def rate(of_file: Callable[[FileBench], float]) -> float:
        # All frames by all seconds; a mean of the rates would weigh a short file like a long one.
        seconds = sum(one.frames / of_file(one) for one in files)
        return sum(one.frames for one in files) / seconds

    ours = rate(lambda one: one.frames_per_second)
    decode = rate(lambda one: one.decode_frames_per_second)
    bound = rate(lambda one: one.bound_frames_per_second)
    naive = rate(lambda one: one.naive_frames_per_second)
    job = rate(lambda one: one.job_frames_per_second)
    compared = sum(one.compared for one in files)
    return PrepBench(
        workers=bench.workers,
        device=bench.device,
        laps=bench.laps,
        frames_per_second=ours,
        decode_frames_per_second=decode,
        bound_frames_per_second=bound,
        naive_frames_per_second=naive,
        job_frames_per_second=job,
        share_of_decode=ours / decode,
        job_share_of_decode=job / decode,
        share_of_bound=ours / bound,
        times_naive=ours / naive,
        contained=sum(one.contained * one.compared for one in files) / max(1, compared),
        files=tuple(files),
    )
