"""A row of the manifest of forgeries, as `avdf prep` reads it."""

from dataclasses import asdict, dataclass
from typing import Any

from avdf.cache.core.labels import REAL, UNKNOWN
from avdf.model.forging.clip_forger import ForgedClip
from avdf.model.forging.clip_place import ClipPlace


@dataclass(frozen=True)
class ManifestRow:
    """One clip.

    path      relative to the folder of the manifest
    label, label_visual, label_audio  0 real, 1 fake, -1 for what the clip does not have
    split     that of the genuine video
    method    the forgers; '' for a genuine clip
    identity  the person whose video it is: a genuine clip and its forgeries stay in one split
    targets   who else is seen or heard, separated by spaces; spaces in a name become `_`, in
              `identity` too
    source    the id of the genuine video
    """

    path: str
    label: int
    label_visual: int
    label_audio: int
    split: str
    method: str
    identity: str
    targets: str
    source: str

    @classmethod
    def of(
        cls, path: str, place: ClipPlace, forged: ForgedClip | None
    ) -> "ManifestRow":
        """The row of a clip; None: of the genuine one."""
        info = place.video.info
        recipe = forged.recipe if forged else None
        targets = info.targets.split()
        if forged and forged.donor:
            targets.append(_one_word(forged.donor.person))
            targets += forged.donor.video.info.targets.split()
        visual = recipe.labels.visual if recipe else REAL
        audio = recipe.labels.audio if recipe else REAL
        return cls(
            path=path,
            label=recipe.labels.video if recipe else REAL,
            label_visual=visual if place.track.has_picture else UNKNOWN,
            label_audio=audio if place.track.has_audio else UNKNOWN,
            split=info.split,
            method=recipe.name if recipe else "",
            identity=_one_word(place.person),
            targets=" ".join(dict.fromkeys(targets)),
            source=info.id,
        )

    def as_dict(self) -> dict[str, Any]:
        """Its columns."""
        return asdict(self)


def _one_word(name: str) -> str:
    """A name of a person as a list of names that are separated by spaces can hold it."""
    return "_".join(name.split())
