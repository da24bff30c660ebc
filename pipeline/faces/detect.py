"""Finding faces: MTCNN on small pictures, and its last network alone to follow a face that is already known."""

from collections.abc import Sequence

import numpy as np
import torch
from facenet_pytorch import MTCNN
from torchvision.ops import batched_nms

from avdf.pipeline.faces.detection import Box, Detection
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.settings import FaceSettings

_THRESHOLDS = [
    0.6,
    0.7,
    0.9,
]  # the last is above MTCNN's default of 0.7: fewer false faces on video
_REFINE_SIDE = 48  # pixels: what MTCNN's last network looks at
_OVERLAP = 0.5
_SEEN = 20  # pixels that the smallest face has at least in the copy of the picture in which it is searched
_LEAST_SEEN = 12  # pixels: MTCNN's own least
_FILLED = (
    0.85  # long side of a face, of the picture's short side, from which on it fills the picture
)
_PASSES = 3  # of the last network, until it has settled on a face that fills the picture


class FaceDetector:
    """MTCNN (Zhang et al. 2016; facenet-pytorch) on one device, loaded once per worker."""

    def __init__(self, settings: FaceSettings, device: str = "cpu") -> None:
        self.settings = settings
        self.device = torch.device(device)
        network = MTCNN(thresholds=_THRESHOLDS, device=self.device)
        self._network = network.eval().to(
            memory_format=torch.channels_last
        )  # a third faster on a processor

    def search(
        self, pictures: Sequence[DecodedFrame], smallest: float = 0.0
    ) -> list[list[Detection]]:
        """All faces of each picture; the pictures, all of one size, go through the networks as one batch.

        `smallest` is the size of the smallest face, of the picture's long side (0: as the settings say). Small faces
        are looked for in a larger copy of the picture, which takes several times as long.
        """
        if not pictures:
            return []
        smallest = smallest or self.settings.search_face
        side = (
            self.settings.search_side
            if smallest >= self.settings.search_face
            else self.settings.fine_side
        )
        side = max(side, round(_SEEN / smallest))
        face = smallest * min(side, max(pictures[0].width, pictures[0].height))
        self._network.min_face_size = max(_LEAST_SEEN, round(face))
        least = self._network.min_face_size + 1  # of a smaller picture MTCNN makes no pyramid
        small = [picture.small(side, least) for picture in pictures]
        boxes, probabilities = self._network.detect(np.stack([image for image, _ in small]))
        found: list[list[Detection]] = []
        for (_, scale), faces, sure in zip(small, boxes, probabilities, strict=True):
            pairs = [] if faces is None else zip(faces, sure, strict=True)
            found.append(
                _distinct(
                    [Detection(np.asarray(box * scale, np.float32), float(p)) for box, p in pairs]
                )
            )
        return [
            [self._settled(picture, face) for face in faces]
            for picture, faces in zip(pictures, found, strict=True)
        ]

    def _settled(self, picture: DecodedFrame, face: Detection) -> Detection:
        """A face that fills the picture is found too large.

        The last network, run again on what it gave, settles on the true place.
        """
        if not _fills(picture, face.box):
            return face
        limits = np.array([picture.width, picture.height] * 2, np.float32)
        box = np.clip(face.box, 0, limits)
        for _ in range(_PASSES):
            (found,) = self.refine([picture], [box])
            box = found.box
        if found.probability < self.settings.confirm:
            return face
        return Detection(box, face.probability)

    def refine(self, pictures: Sequence[DecodedFrame], guesses: Sequence[Box]) -> list[Detection]:
        """For each picture and guessed box, the face that is there, with its probability (low: no face there).

        Where a face fills the picture, the network goes to and fro around its place: the mean of two passes is there.
        """
        found = self._refine_once(pictures, guesses)
        filling = [
            index for index, picture in enumerate(pictures) if _fills(picture, guesses[index])
        ]
        again = self._refine_once([pictures[i] for i in filling], [found[i].box for i in filling])
        for index, second in zip(filling, again, strict=True):
            first = found[index]
            box = np.asarray((first.box + second.box) / 2, np.float32)
            found[index] = Detection(
                box, max(first.probability, second.probability), searched=False
            )
        return found

    @torch.inference_mode()
    def _refine_once(
        self, pictures: Sequence[DecodedFrame], guesses: Sequence[Box]
    ) -> list[Detection]:
        if not guesses:
            return []
        squares = [_square(guess) for guess in guesses]
        patches = np.stack(
            [
                picture.quick_crop(square, _REFINE_SIDE)
                for picture, square in zip(pictures, squares, strict=True)
            ]
        )
        batch = (
            torch.from_numpy(patches).to(self.device).permute(0, 3, 1, 2).float()
        )  # channels last, as it lies
        shift, _, scores = self._network.onet((batch - 127.5) / 128.0)
        corners = np.stack(squares)
        sides = (corners[:, 2] - corners[:, 0])[:, None]
        boxes = (corners + shift.cpu().numpy() * sides).astype(np.float32)
        return [
            Detection(box, float(score), searched=False)
            for box, score in zip(boxes, scores[:, 1].tolist(), strict=True)
        ]


def _fills(picture: DecodedFrame, box: Box) -> bool:
    """Whether a face is so large that the square around it hardly fits the picture."""
    return float(max(box[2] - box[0], box[3] - box[1])) > _FILLED * min(
        picture.width, picture.height
    )


def _square(box: Box) -> Box:
    centre, half = (box[:2] + box[2:]) / 2, max(box[2] - box[0], box[3] - box[1]) / 2
    return np.concatenate([centre - half, centre + half]).astype(np.float32)


def _distinct(faces: list[Detection]) -> list[Detection]:
    """MTCNN sometimes reports one face twice, one box inside the other: keep the surer."""
    if len(faces) < 2:
        return faces
    boxes = torch.from_numpy(np.stack([face.box for face in faces]))
    scores = torch.tensor([face.probability for face in faces])
    kept = batched_nms(boxes, scores, torch.zeros(len(faces), dtype=torch.int64), _OVERLAP)
    return [faces[index] for index in kept.tolist()]
