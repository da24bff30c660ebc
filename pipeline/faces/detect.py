"""Finding faces: MTCNN on small copies of frames; its last network alone follows a known face."""

from collections.abc import Sequence

import numpy as np
import torch

from avdf.pipeline.faces.boxes import square_around
from avdf.pipeline.faces.detection import Box, Detection, long_side
from avdf.pipeline.faces.mtcnn import MTCNN, batched_nms
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.settings import FaceSettings

# Of MTCNN's three networks. The last is above the default of 0.7: fewer false faces on video.
_THRESHOLDS = [0.6, 0.7, 0.9]
_REFINE_SIDE = 48  # pixels: the input of MTCNN's last network
_SAME_FACE = 0.5  # overlap from which on two detections are of one face
# Pixels of the smallest face, in the copy of the frame that is searched.
_LEAST_SEARCHED = 20
_LEAST_POSSIBLE = 12  # pixels: the smallest face that MTCNN can find
# A face whose long side is more than this share of the frame's short side fills the frame.
_FILLING = 0.85
_PASSES = 3  # of the last network, until it has settled on a face that fills the frame


class FaceDetector:
    """MTCNN (Zhang et al. 2016; facenet-pytorch) on one device, loaded once per worker."""

    def __init__(self, settings: FaceSettings, device: str = "cpu") -> None:
        self.settings = settings
        self.device = torch.device(device)
        network = MTCNN(thresholds=_THRESHOLDS, device=self.device).eval()
        # This order of values in memory is a third faster on a processor.
        self._network = network.to(memory_format=torch.channels_last)

    def search(
        self, frames: Sequence[DecodedFrame], smallest: float = 0.0
    ) -> list[list[Detection]]:
        """All faces of each frame. The frames, all of one size, go through MTCNN as one batch.

        Args:
            smallest: size of the smallest face as a fraction of the frame's long side; 0: as the
                settings say. Small faces are searched in a larger copy of the frame, which takes
                several times as long.
        """
        if not frames:
            return []
        smallest = smallest or self.settings.search_face
        is_coarse = smallest >= self.settings.search_face
        side = self.settings.search_side if is_coarse else self.settings.fine_side
        side = max(side, round(_LEAST_SEARCHED / smallest))
        face_side = smallest * min(side, max(frames[0].width, frames[0].height))
        self._network.min_face_size = max(_LEAST_POSSIBLE, round(face_side))

        # MTCNN fails on an image that is smaller than the smallest face: narrow frames are padded.
        least = self._network.min_face_size + 1
        copies = [frame.small(side, least) for frame in frames]
        images = torch.from_numpy(np.stack([image for image, _ in copies]))
        boxes, probabilities = self._network.detect(_planes_in_memory(images))
        answer: list[list[Detection]] = []
        for index, frame in enumerate(frames):
            scale = copies[index][1]
            found: list[Detection] = []
            if boxes[index] is not None:
                for box, probability in zip(
                    boxes[index], probabilities[index], strict=True
                ):
                    in_frame = np.asarray(box * scale, np.float32)
                    found.append(Detection(in_frame, float(probability)))
            answer.append([self._settled(frame, face) for face in _distinct(found)])
        return answer

    def refine(
        self, frames: Sequence[DecodedFrame], guesses: Sequence[Box]
    ) -> list[Detection]:
        """The face at each guessed box of a frame, by MTCNN's last network alone.

        A low probability means that there is no face.
        """
        found = self._refine_once(frames, guesses)
        # Where a face fills the frame, the network goes to and fro around its true location: the
        # mean of two passes is there.
        filling = [
            index for index, frame in enumerate(frames) if _fills(frame, guesses[index])
        ]
        filled_frames = [frames[index] for index in filling]
        again = self._refine_once(
            filled_frames, [found[index].box for index in filling]
        )
        for index, second in zip(filling, again, strict=True):
            first = found[index]
            box = np.asarray((first.box + second.box) / 2, np.float32)
            probability = max(first.probability, second.probability)
            found[index] = Detection(box, probability, searched=False)
        return found

    def _settled(self, frame: DecodedFrame, face: Detection) -> Detection:
        """A searched face, at its true size.

        A face that fills the frame is found too large. The last network, run again on its own
        answer, settles on the true location.
        """
        if not _fills(frame, face.box):
            return face
        limits = np.array([frame.width, frame.height] * 2, np.float32)
        box = np.clip(face.box, 0, limits)
        for _ in range(_PASSES):
            (found,) = self.refine([frame], [box])
            box = found.box
        if found.probability < self.settings.confirm:
            return face
        return Detection(box, face.probability)

    @torch.inference_mode()
    def _refine_once(
        self, frames: Sequence[DecodedFrame], guesses: Sequence[Box]
    ) -> list[Detection]:
        if not guesses:
            return []
        squares = [square_around(guess) for guess in guesses]
        patches = [
            frame.quick_crop(square, _REFINE_SIDE)
            for frame, square in zip(frames, squares, strict=True)
        ]
        # The stacked patches have their channels last in memory, as the network wants them.
        stacked = torch.from_numpy(np.stack(patches)).to(self.device)
        batch = stacked.permute(0, 3, 1, 2).float()
        shifts, _, scores = self._network.onet((batch - 127.5) / 128.0)

        # The network answers with shifts of the corners, in units of the square's side.
        corners = np.stack(squares)
        sides = (corners[:, 2] - corners[:, 0])[:, None]
        boxes = (corners + shifts.cpu().numpy() * sides).astype(np.float32)
        return [
            Detection(box, float(score), searched=False)
            for box, score in zip(boxes, scores[:, 1].tolist(), strict=True)
        ]


def _planes_in_memory(images: torch.Tensor) -> torch.Tensor:
    """The same (n, height, width, 3), with each colour's values together in memory.

    MTCNN averages dozens of areas of an image. PyTorch does that several times as fast where the
    colours are not interleaved, with the same result to the bit.
    """
    return images.permute(0, 3, 1, 2).contiguous().permute(0, 2, 3, 1)


def _fills(frame: DecodedFrame, box: Box) -> bool:
    """Whether a face is so large that the square around it hardly fits into the frame."""
    return long_side(box) > _FILLING * min(frame.width, frame.height)


def _distinct(faces: list[Detection]) -> list[Detection]:
    """Each face once. MTCNN may report one face twice: the more probable detection is kept."""
    if len(faces) < 2:
        return faces
    boxes = torch.from_numpy(np.stack([face.box for face in faces]))
    scores = torch.tensor([face.probability for face in faces])
    one_class = torch.zeros(len(faces), dtype=torch.int64)
    kept = batched_nms(boxes, scores, one_class, _SAME_FACE)
    return [faces[index] for index in kept.tolist()]
