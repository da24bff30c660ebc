"""Dataset adapters: each turns a folder into a `Listing`, its videos with their labels.

`list_videos` takes whatever a user names (a dataset's root, a CSV manifest, any folder, single
files), finds the adapter that recognises it (`detect_format.py`) and returns one `Listing`.

How to add a dataset:

1. Write a file like `kodf.py` with one class that has the three members of `Adapter`
   (`adapter.py`): `name`, `recognises(root)` and `read(root)`. Where the dataset is a JSON list of
   files, `lavdf.py` is the shorter model: `json_entries.py` does most of the work.
2. In `read`, make a `VideoInfo` of every video: an id that stays the same wherever the dataset is
   unpacked, labels of the modalities that are known, who is seen (`identity`), the dataset's split.
   An entry that cannot be understood becomes `faulty(...)`: a row that says why, never an error,
   so that the other videos are still listed. If most entries are like that,
   `refuse_mostly_faulty` says so.
3. Add an instance to `ADAPTERS` (`registry.py`), before `RealFake` and `PlainFolder`.
4. Write a function in `tests/helpers/trees.py` that lays out a small copy, and tests of counts,
   labels, splits, identities and broken entries in `tests/pipeline/sources`.
"""

from avdf.pipeline.sources.detect_format import list_videos
from avdf.pipeline.sources.listing import Listing

__all__ = ["Listing", "list_videos"]
