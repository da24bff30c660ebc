"""How fast preparation is here: beside decoding alone, and beside MTCNN on every full-size picture."""

import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import numpy.typing as npt
import torch
from facenet_pytorch import MTCNN

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.core.errors import MediaError, SourceError
from avdf.cache.core.video import PreparedVideo, VideoInfo
from avdf.cache.shards.codec import decode_frame
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.job.processes import process_pool
from avdf.pipeline.media.decode import Decoder
from avdf.pipeline.media.guards import guard_words
from avdf.pipeline.media.probe import probe
from avdf.pipeline.prepare import prepare_video
from avdf.pipeline.settings import Limits, PrepSettings

_INSIDE = 0.95  # of the area of a face that must lie in the crop


@dataclass(frozen=True)
class FileBench:
    """Of one file. Rates are of pictures at 25 fps, all workers together, medians of the laps.

    bound       of decoding and then encoding one crop a picture, and nothing else
    contained   share of the compared pictures in which 95 % of the face that full-size MTCNN finds lies in our crop
    compared    pictures in which full-size MTCNN finds a face and we have a crop
    missed      pictures in which it finds one of at least 0.99 and we have no crop
    jitter      typical unsteadiness of the crop: root mean square of the second difference of its centre, by its side
    """

    file: str
    width: int
    height: int
    frames: int
    frames_per_second: float
    decode_frames_per_second: float
    bound_frames_per_second: float
    naive_frames_per_second: float
    contained: float
    compared: int
    missed: int
    jitter: float


@dataclass(frozen=True)
class PrepBench:
    """Of all files together: pictures by the time that they took, each rate over the same files and cores."""

    workers: int
    device: str
    laps: int
    frames_per_second: float
    decode_frames_per_second: float
    bound_frames_per_second: float
    naive_frames_per_second: float
    share_of_decode: float
    share_of_bound: float
    times_naive: float
    contained: float
    files: tuple[FileBench, ...]


def bench_prep(
    files: Sequence[Path],
    settings: PrepSettings,
    workers: int,
    laps: int = 3,
    compare: int = 60,
    device: str = "cpu",
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> PrepBench:
    """Prepare each file `workers` times at once, `laps` times, and set it beside the two others.

    Args:
        compare: pictures of each file, spread evenly, on which full-size MTCNN is run.

    Raises:
        SourceError: no files, or one cannot be prepared.
    """
    if not files:
        raise SourceError(
            "nothing to measure: name some video files with faces, of about a minute each"
        )
    results = []
    with process_pool(workers, _begin, (settings, device)) as pool:
        list(pool.map(_ready, range(4 * workers)))
        for number, path in enumerate(files):
            try:
                results.append(_bench_file(path, settings, pool, workers, laps, compare, device))
            except MediaError as error:
                raise SourceError(
                    f"{path}: {error.status}, {error}; measure with files that can be prepared"
                ) from None
            on_progress(number + 1, len(files))
    rates = {
        name: sum(one.frames for one in results)
        / sum(one.frames / getattr(one, name) for one in results)
        for name in (
            "frames_per_second",
            "decode_frames_per_second",
            "bound_frames_per_second",
            "naive_frames_per_second",
        )
    }
    compared = sum(one.compared for one in results)
    return PrepBench(
        workers=workers,
        device=device,
        laps=laps,
        **rates,
        share_of_decode=rates["frames_per_second"] / rates["decode_frames_per_second"],
        share_of_bound=rates["frames_per_second"] / rates["bound_frames_per_second"],
        times_naive=rates["frames_per_second"] / rates["naive_frames_per_second"],
        contained=sum(one.contained * one.compared for one in results) / max(1, compared),
        files=tuple(results),
    )


def _bench_file(
    path: Path,
    settings: PrepSettings,
    pool: ProcessPoolExecutor,
    workers: int,
    laps: int,
    compare: int,
    device: str,
) -> FileBench:
    info = VideoInfo(id=path.name, path=str(path.absolute()))
    ours, bound = [], []
    for _ in range(laps):  # by turns, so that a slow spell of the machine hits both
        started = time.perf_counter()
        list(pool.map(_prepare, [info] * workers))
        ours.append(time.perf_counter() - started)
        bound.append(min(_decode_all(path, workers, threads) for threads in (1, 0)))
    video = prepare_video(info, settings, FaceDetector(settings.face, device))
    frames = round(video.duration * FRAME_RATE)
    media, seconds, faces = _naive(path, settings, frames, compare, device)
    decode = frames * workers / median(bound)
    shares = [_inside(box, video, row) for row, box, _ in faces]
    compared = [share for share in shares if share is not None]
    return FileBench(
        file=path.name,
        width=media[0],
        height=media[1],
        frames=frames,
        frames_per_second=frames * workers / median(ours),
        decode_frames_per_second=decode,
        bound_frames_per_second=1 / (1 / decode + _encode_seconds(video, settings) / workers),
        naive_frames_per_second=1 / median(seconds),
        contained=float(np.mean([share >= _INSIDE for share in compared])) if compared else 0.0,
        compared=len(compared),
        missed=sum(
            share is None and sure >= 0.99
            for share, (_, _, sure) in zip(shares, faces, strict=True)
        ),
        jitter=_jitter(video),
    )


_worker: tuple[PrepSettings, FaceDetector] | None = None


def _begin(settings: PrepSettings, device: str) -> None:
    global _worker  # noqa: PLW0603  # a worker's own, set once when it starts
    torch.set_num_threads(1)
    _worker = settings, FaceDetector(settings.face, device)


def _ready(_: int) -> None:
    time.sleep(0.2)  # so that each worker of the pool has taken one, and has loaded what it needs


def _prepare(info: VideoInfo) -> int:
    assert _worker is not None
    settings, detector = _worker
    return len(prepare_video(info, settings, detector).tracks)


def _decode_all(path: Path, copies: int, threads: int) -> float:
    """Seconds for `copies` processes to decode the file at once to raw pictures that nobody reads."""
    media = probe(path, Limits())
    guards = guard_words()
    command = [
        media.program, "-v", "error", "-nostdin", "-threads", str(threads), *guards, "-i",
        f"file:{path.resolve()}", "-map", "0:v:0", "-f", "rawvideo", "-y", "/dev/null",
    ]  # fmt: skip
    started = time.perf_counter()
    running = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(copies)]
    codes = [process.wait() for process in running]
    if any(codes):
        raise MediaError("corrupt", f"{path}: ffmpeg cannot decode it to the end")
    return time.perf_counter() - started


def _encode_seconds(video: PreparedVideo, settings: PrepSettings) -> float:
    """Seconds to encode one of the video's own crops, on one core."""
    images = [
        decode_frame(np.frombuffer(crop, np.uint8), video.frame_codec, video.frame_size)
        for track in video.tracks
        for crop in track.crops[:: max(1, len(track) // 50)]
    ]
    seconds = []
    for image in images:
        started = time.perf_counter()
        settings.codec.encode(image)
        seconds.append(time.perf_counter() - started)
    return median(seconds)


def _naive(
    path: Path, settings: PrepSettings, frames: int, compare: int, device: str
) -> tuple[tuple[int, int], list[float], list[tuple[int, npt.NDArray[np.float32], float]]]:
    """MTCNN as it comes, on full-size RGB: (width, height), seconds a picture, and (row, largest face, probability)."""
    network = MTCNN(keep_all=True, device=torch.device(device)).eval()
    wanted = set(np.linspace(0, frames - 1, min(compare, frames)).round().astype(int).tolist())
    seconds, faces = [], []
    size = (0, 0)
    with Decoder(probe(path, settings.limits), settings.limits) as decoder:
        for picture in decoder.frames():
            if picture.row not in wanted:
                continue
            size = (picture.width, picture.height)
            started = time.perf_counter()
            image, _ = picture.small(max(size))
            boxes, probabilities = network.detect(image)
            seconds.append(time.perf_counter() - started)
            if boxes is not None:
                sides = [max(box[2] - box[0], box[3] - box[1]) for box in boxes]
                largest = int(np.argmax(sides))
                faces.append(
                    (
                        picture.row,
                        boxes[largest].astype(np.float32),
                        float(probabilities[largest]),
                    )
                )
    return size, seconds, faces


def _inside(face: npt.NDArray[np.float32], video: PreparedVideo, row: int) -> float | None:
    """Share of a face's area that lies in the crop of that row; None where there is no crop."""
    for track in video.tracks:
        at = row - round(track.start * FRAME_RATE)
        if 0 <= at < len(track):
            box = track.boxes[at]
            width, height = np.minimum(face[2:], box[2:]) - np.maximum(face[:2], box[:2])
            area = float(np.prod(face[2:] - face[:2]))
            return max(0.0, float(width)) * max(0.0, float(height)) / area
    return None


def _jitter(video: PreparedVideo) -> float:
    steps = []
    for track in video.tracks:
        side = (track.boxes[:, 2] - track.boxes[:, 0])[:, None]
        centre = (track.boxes[:, :2] + track.boxes[:, 2:]) / 2
        steps.append(np.diff(centre, 2, axis=0) / side[1:-1])
    return float(np.sqrt(np.mean(np.concatenate(steps) ** 2)))
