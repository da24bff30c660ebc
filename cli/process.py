"""What the command needs of its process: streams that are open, and a folder to work in."""

import os
import sys
from pathlib import Path


def open_closed_streams() -> None:
    """Give the standard streams that the shell has closed (`avdf info RUN >&-`) nowhere to go.

    Otherwise the next file that is opened would take their number, and whatever a library prints
    would be written into it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is not None:
            continue
        opened = os.open(os.devnull, os.O_RDWR)
        # Python has opened files of its own already, so the number may not be free any more.
        if opened != number:
            os.dup2(opened, number)
            os.close(opened)
        # For workers and ffmpeg too: what Python opens is otherwise closed in other programs.
        os.set_inheritable(number, True)
        mode = "r" if name == "stdin" else "w"
        setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def has_working_folder() -> bool:
    """Whether the current folder still exists: without it, libraries fail with odd messages."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True
