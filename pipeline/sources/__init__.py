"""Dataset adapters: each turns a root, a manifest or a folder into a listing of videos with their labels."""

from avdf.pipeline.sources.listing import Listing
from avdf.pipeline.sources.recognise import list_videos

__all__ = ["Listing", "list_videos"]
