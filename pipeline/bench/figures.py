"""The figures of a benchmark of preparation. Their names are the keys of `--json`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FileBench:
    """Figures of one file. Rates are frames at 25 fps, all workers together, medians of the laps.

    frames_per_second         of preparation
    decode_frames_per_second  of decoding with ffmpeg alone
    bound_frames_per_second   of decoding and encoding one crop for each frame, and nothing else
    naive_frames_per_second   of MTCNN on every full-size frame
    job_frames_per_second     of `avdf prep` on copies of the file, from the command to its end
    share_of_decode           of preparation, by the rate of decoding alone
    job_share_of_decode       the same for the job from the command to its end
    contained  share of the compared frames in which 95 % of the face that full-size MTCNN finds
               are inside our crop
    compared   frames in which full-size MTCNN finds a face and we have a crop
    missed     frames in which it finds a face with a probability of at least 0.99 and we have no
               crop
    jitter     unsteadiness of the crop: root mean square of the second difference of its centre,
               divided by its side
    """

    file: str
    width: int
    height: int
    frames: int
    frames_per_second: float
    decode_frames_per_second: float
    bound_frames_per_second: float
    naive_frames_per_second: float
    job_frames_per_second: float
    share_of_decode: float
    job_share_of_decode: float
    contained: float
    compared: int
    missed: int
    jitter: float


@dataclass(frozen=True)
class PrepBench:
    """Figures of all files together: frames divided by the time that they took."""

    workers: int
    device: str
    laps: int
    frames_per_second: float
    decode_frames_per_second: float
    bound_frames_per_second: float
    naive_frames_per_second: float
    job_frames_per_second: float
    share_of_decode: float
    job_share_of_decode: float
    share_of_bound: float
    times_naive: float
    contained: float
    files: tuple[FileBench, ...]
