"""How long a whole job takes, from the command to its end."""

import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from avdf.cache.core.errors import SourceError

_COMMAND = "from avdf.cli.main import main; main()"


def whole_job_seconds(path: Path, copies: int, workers: int, device: str) -> float:
    """Seconds that `avdf prep` takes for a folder with the file under so many names.

    A user waits for all of it: the command and its workers load, shards and tables are written.

    Raises:
        SourceError: the command fails.
    """
    with TemporaryDirectory() as folder:
        videos = Path(folder) / "videos"
        videos.mkdir()
        for number in range(copies):
            (videos / f"{number:05}{path.suffix}").symlink_to(path.resolve())
        # Without -P, the current folder could bring modules of its own.
        command = [sys.executable, "-P", "-c", _COMMAND, "prep", str(videos)]
        command += ["--out", str(Path(folder) / "shards"), "--device", device]
        command += ["--workers", str(workers)]
        started = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - started
    if done.returncode:
        printed = (done.stderr or done.stdout).strip().splitlines()
        raise SourceError(f"{path}: `avdf prep` failed: {' '.join(printed[-1:])}")
    return seconds
