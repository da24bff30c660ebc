"""Where the mouth is in a crop, and the means of an image encoder's patch tokens over it."""

import torch
from torch import Tensor, nn

# Shares of the height and of the width of a crop, from the top left. `avdf prep` cuts crops with a
# fixed margin around the face, so that the mouth of a face seen from the front lies here.
MOUTH_ROWS = (5 / 8, 7 / 8)
MOUTH_COLUMNS = (1 / 4, 3 / 4)
# The region is divided into fields of equal size, row by row. Each is an eighth of the crop wide
# and high: as large as one patch of the demo's encoder, or as 2 x 2 patches of ViT-L/14.
FIELD_ROWS, FIELD_COLUMNS = 2, 4
FIELDS = FIELD_ROWS * FIELD_COLUMNS


class MouthPooling(nn.Module):
    """Patch tokens (N, used, D) over the mouth -> their means over the fields (N, 8, D).

    Each mean is weighted by the area that a patch and a field have in common. So the fields are
    the same part of the face for every size of patch; where patches are larger than fields, as in
    ViT-B/32, neighbouring fields share patches.

    places  (used,) numbers of the patches that meet the region, counted row by row

    Args:
        rows, columns: patches of the encoder over the whole crop.
    """

    places: Tensor
    weights: Tensor

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__()
        self.patches = rows * columns
        weights = mouth_weights(rows, columns)
        places = weights.sum(dim=0).nonzero().flatten()
        # Constants: they move with the module but are neither trained nor saved.
        self.register_buffer("places", places, persistent=False)
        self.register_buffer("weights", weights[:, places], persistent=False)

    def forward(self, patches: Tensor) -> Tensor:
        return self.weights @ patches.float()


def mouth_weights(rows: int, columns: int) -> Tensor:
    """The share that each of rows x columns patches has in each field: (8, rows * columns).

    Every row sums to 1.
    """
    down = _shares(rows, MOUTH_ROWS, FIELD_ROWS)
    across = _shares(columns, MOUTH_COLUMNS, FIELD_COLUMNS)
    # (field row, field column, patch row, patch column)
    areas = down[:, None, :, None] * across[None, :, None, :]
    return areas.reshape(FIELDS, rows * columns).float()


def _shares(patches: int, span: tuple[float, float], fields: int) -> Tensor:
    """Along one side of the crop: the share of each field that each patch covers.

    Returns:
        (fields, patches) float64.
    """
    edges = torch.linspace(*span, fields + 1, dtype=torch.float64)
    begin, end = edges[:-1, None], edges[1:, None]
    places = torch.arange(patches, dtype=torch.float64)
    first = torch.maximum(begin, places / patches)
    last = torch.minimum(end, (places + 1) / patches)
    return (last - first).clamp(min=0) / (end - begin)
