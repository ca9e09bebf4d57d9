"""Codes have the mask that segno finds by trying all eight."""

from random import Random

import numpy as np
import pytest
import segno

from prisma_batch.writers.qr_code import qr_code


@pytest.mark.parametrize("seed", range(24))
def test_the_mask_is_the_one_that_the_standard_prefers(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - no secret
    content = bytes(chance.choices(b"ACDEFINRV0123456789.-\n", k=chance.randint(1, 331)))
    expected = segno.make_qr(content, error="m", boost_error=False)
    assert np.array_equal(qr_code(content), [list(row) for row in expected.matrix])
