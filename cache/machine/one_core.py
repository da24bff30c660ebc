"""A thread that computes on one core, where PyTorch would give each thread all of them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_threads_lock = threading.Lock()


def compute_on_one_core() -> None:
    """Let the calling thread compute on one core: others compute on the other cores.

    A thread that computes for the first time during this call may be limited to one core too.
    """
    with _threads_lock:
        # Asking first matters: a thread takes the common number when it first computes or asks.
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        # That is also the number for threads to come. A thread that ends at once sets it back for
        # them; those that run already, like scoring's, have their own number.
        others = threading.Thread(target=torch.set_num_threads, args=(before,))
        others.start()
        others.join()


@contextmanager
def computing_on_one_core() -> Iterator[None]:
    """Let the calling thread compute on one core inside, and on as many as before afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
