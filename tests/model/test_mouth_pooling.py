"""The region of the mouth, and the means of patch tokens over it, against plain loops."""

from fractions import Fraction

import pytest
import torch

from avdf.model.mouth_pooling import FIELDS, MouthPooling, mouth_weights

# As stated in docs/method.md: shares of the crop from the top, and from the left.
TOP, LEFT, SIDE = Fraction(5, 8), Fraction(1, 4), Fraction(1, 8)


def common(first: Fraction, second: Fraction, place: int, patches: int) -> Fraction:
    """How much of a side two intervals have in common: [first, second], and one patch."""
    begin = max(first, Fraction(place, patches))
    end = min(second, Fraction(place + 1, patches))
    return max(end - begin, Fraction(0))


def plain_weights(rows: int, columns: int) -> list[list[float]]:
    """The share of each patch in each field, by exact areas, one at a time."""
    found = []
    for field in range(8):
        top, left = TOP + field // 4 * SIDE, LEFT + field % 4 * SIDE
        shares = []
        for patch in range(rows * columns):
            high = common(top, top + SIDE, patch // columns, rows)
            wide = common(left, left + SIDE, patch % columns, columns)
            shares.append(float(high * wide / (SIDE * SIDE)))
        found.append(shares)
    return found


@pytest.mark.parametrize(
    ("rows", "columns"), [(7, 7), (8, 8), (14, 14), (16, 16), (24, 24), (9, 5)]
)
def test_weights_are_the_areas_that_patches_and_fields_share(
    rows: int, columns: int
) -> None:
    found = mouth_weights(rows, columns)
    torch.testing.assert_close(found, torch.tensor(plain_weights(rows, columns)))
    torch.testing.assert_close(found.sum(dim=1), torch.ones(FIELDS))


def test_with_8_patches_to_a_side_each_field_is_one_patch() -> None:
    numbers = torch.arange(64.0)[None, :, None]
    pooling = MouthPooling(8, 8)
    fields = pooling(numbers[:, pooling.places])
    assert fields.flatten().tolist() == [42, 43, 44, 45, 50, 51, 52, 53]


def test_with_16_patches_to_a_side_each_field_is_the_mean_of_4() -> None:
    numbers = torch.arange(256.0)[None, :, None]
    pooling = MouthPooling(16, 16)
    fields = pooling(numbers[:, pooling.places]).flatten()
    first = (10 * 16 + 4, 10 * 16 + 5, 11 * 16 + 4, 11 * 16 + 5)
    assert fields[0] == sum(first) / 4
    assert (fields[1:4] - fields[:3]).tolist() == [2, 2, 2]
    assert fields[4] - fields[0] == 32


def test_of_vit_b_32_15_patches_are_used() -> None:
    # Rows 4 to 6 of 7, and columns 1 to 5: those that meet the region.
    wanted = [row * 7 + column for row in (4, 5, 6) for column in range(1, 6)]
    assert MouthPooling(7, 7).places.tolist() == wanted


def test_the_means_are_those_of_all_values_of_a_token() -> None:
    tokens = torch.randn(3, 49, 5, generator=torch.Generator().manual_seed(0))
    pooling = MouthPooling(7, 7)
    found = pooling(tokens[:, pooling.places])
    weights = plain_weights(7, 7)
    for image in range(3):
        for field in range(8):
            parts = [
                weights[field][patch] * tokens[image, patch] for patch in range(49)
            ]
            torch.testing.assert_close(
                found[image, field], torch.stack(parts).sum(dim=0)
            )


def test_nothing_of_it_is_trained_or_saved() -> None:
    pooling = MouthPooling(7, 7)
    assert not list(pooling.parameters())
    assert not pooling.state_dict()
