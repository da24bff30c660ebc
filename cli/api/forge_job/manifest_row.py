"""A row of the manifest of forgeries, as `avdf prep` reads it."""

from dataclasses import asdict, dataclass
from typing import Any

from avdf.cache.core.identities import identity_of
from avdf.cache.core.labels import REAL, UNKNOWN
from avdf.cache.core.video import VideoInfo
from avdf.model.forging.genuine_clip import ClipPlace
from avdf.model.forging.recipe import Recipe


@dataclass(frozen=True)
class ManifestRow:
    """One clip.

    path      relative to the folder of the manifest
    label, label_visual, label_audio  0 real, 1 fake, -1 for what the clip does not have
    split     that of the genuine video
    method    the forgers; '' for a genuine clip
    identity  the person whose video it is: a genuine clip and its forgeries stay in one split
    source    the id of the genuine video
    """

    path: str
    label: int
    label_visual: int
    label_audio: int
    split: str
    method: str
    identity: str
    source: str

    @classmethod
    def of(cls, path: str, place: ClipPlace, recipe: Recipe | None) -> "ManifestRow":
        """The row of a clip; a recipe of None: of the genuine one."""
        info: VideoInfo = place.video.info
        visual = recipe.labels.visual if recipe else REAL
        audio = recipe.labels.audio if recipe else REAL
        return cls(
            path=path,
            label=recipe.labels.video if recipe else REAL,
            label_visual=visual if place.track.has_picture else UNKNOWN,
            label_audio=audio if place.track.has_audio else UNKNOWN,
            split=info.split,
            method=recipe.name if recipe else "",
            identity=identity_of(info),
            source=info.id,
        )

    def as_dict(self) -> dict[str, Any]:
        """Its columns."""
        return asdict(self)
