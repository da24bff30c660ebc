"""The limit of open files of this process, and how much of it one user may take."""

import resource
from contextlib import suppress

# More descriptors than that serve no folder of shards, and make starting programs slow: a child
# process closes each of them that may exist.
_MOST = 1 << 16
# Of the files that are allowed, one in so many for each user of this function: training and
# validation read at the same time, and the rest of the process opens files too.
_SHARE = 4


def raise_open_file_limit() -> int:
    """Raise the soft limit of the process, for as long as it runs, where the system allows it.

    Returns:
        How many files one pool may keep open.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = _MOST if hard == resource.RLIM_INFINITY else min(hard, _MOST)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        # A sandbox may forbid it; then the present limit stays.
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    known = _MOST if soft == resource.RLIM_INFINITY else min(soft, _MOST)
    return max(1, known // _SHARE)
