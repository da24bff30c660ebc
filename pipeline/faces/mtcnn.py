"""MTCNN of facenet-pytorch and its suppression of overlaps, imported without what they do not use.

facenet-pytorch brings networks that recognise persons, and a client of the web; torchvision brings
data sets, other networks and a compiler. Together they take longer to import than PyTorch itself.
"""

from avdf.cache.machine.light_import import import_alone

import_alone(
    (
        "torchvision.transforms._functional_pil",
        "torchvision.transforms._functional_tensor",
        "torchvision.transforms.functional",
        "facenet_pytorch.models.mtcnn",
    ),
    packages=(
        "torchvision",
        "torchvision.ops",
        "torchvision.transforms",
        "facenet_pytorch",
    ),
)
from facenet_pytorch.models.mtcnn import MTCNN  # noqa: E402  # after the import above
from torchvision.ops.boxes import batched_nms  # noqa: E402

__all__ = ["MTCNN", "batched_nms"]
