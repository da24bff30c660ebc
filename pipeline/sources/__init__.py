"""Dataset adapters: each turns a root, a manifest or a folder into a listing of videos with their labels."""

from avdf.pipeline.sources.detect_format import list_videos
from avdf.pipeline.sources.listing import Listing

__all__ = ["Listing", "list_videos"]
