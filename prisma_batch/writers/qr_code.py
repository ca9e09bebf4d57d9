"""QR codes with the mask that their standard asks for, all eight of them judged at once.

Source: ISO/IEC 18004:2015, 7.8 (data masking) and 7.8.3 (evaluation, N1 to N4).
"""

import re
from functools import cache
from typing import TypeAlias

import numpy as np
import segno
from numpy.typing import NDArray
from segno import consts

Modules: TypeAlias = NDArray[np.bool_]  # dark or light, by row and column

_QUIET = 4  # light modules around a code, and beside what looks like a finder
_FINDER = rb"\x01\x00\x01\x01\x01\x00\x01"
_LIKE_A_FINDER = re.compile(_FINDER + rb"(?:(?=\x00{4})|(?<=\x00{4}" + _FINDER + rb"))")
# Written once the mask is chosen.
_LATER = (
    *(consts.TYPE_FORMAT_DARK, consts.TYPE_FORMAT_LIGHT, consts.TYPE_VERSION_DARK, consts.TYPE_VERSION_LIGHT),
    consts.TYPE_DARKMODULE,
)


def qr_code(content: bytes) -> Modules:
    """Return the code of a content at error level M."""
    code = segno.make_qr(content, error="m", boost_error=False, mask=0)
    is_evaluated, differences = _layout(int(code.version))
    candidates = _modules(code) ^ differences
    best: Modules = candidates[int(np.argmin(_penalties(candidates & is_evaluated)))]
    return best


def qr_svg(modules: Modules) -> str:
    """Return a code as SVG, with its quiet zone."""
    edges = np.diff(np.pad(modules, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, begins = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    runs = zip((begins + _QUIET).tolist(), (rows + _QUIET).tolist(), (ends - begins).tolist(), strict=True)
    path = "".join(f"M{x} {y}.5h{width}" for x, y, width in runs)
    size = len(modules) + 2 * _QUIET
    box = f'viewBox="0 0 {size} {size}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}><path stroke="#000" d="{path}"/></svg>'


def _modules(code: segno.QRCode) -> Modules:
    return np.frombuffer(b"".join(code.matrix), dtype=np.bool_).reshape(len(code.matrix), -1)


@cache
def _layout(version: int) -> tuple[Modules, Modules]:
    """Return which modules are there when masks are evaluated, and in which ones each mask differs from the first."""
    codes = [segno.make_qr("0", version=version, error="m", boost_error=False, mask=mask) for mask in range(8)]
    kinds = np.array([list(row) for row in codes[0].matrix_iter(border=0, verbose=True)])
    kinds[8, -9] = consts.TYPE_DATA_LIGHT  # segno 1.6 takes it for format information, which begins beside it
    drawn = np.stack([_modules(code) for code in codes])
    return ~np.isin(kinds, _LATER), drawn ^ drawn[0]


def _penalties(candidates: Modules) -> NDArray[np.int64]:
    """Return the penalty of each candidate; ``candidates`` has the shape (candidates, size, size)."""
    columns = candidates.transpose(0, 2, 1)
    alike = candidates[:, :, 1:] == candidates[:, :, :-1]
    is_block = alike[:, 1:] & alike[:, :-1] & (candidates[:, 1:, 1:] == candidates[:, :-1, 1:])
    dark = candidates.mean(axis=(1, 2))
    finders = [_finders(rows) + _finders(turned) for rows, turned in zip(candidates, columns, strict=True)]
    proportion = 10 * (abs(dark * 100 - 50) / 5).astype(np.int64)
    runs, blocks = _runs(candidates) + _runs(columns), 3 * is_block.sum(axis=(1, 2))
    penalties: NDArray[np.int64] = runs + blocks + 40 * np.array(finders) + proportion
    return penalties


def _runs(rows: Modules) -> NDArray[np.int64]:
    """Return three for each run of five modules of a colour, and one for each module more."""
    alike = rows[:, :, 1:] == rows[:, :, :-1]
    five = alike[:, :, 3:] & alike[:, :, 2:-1] & alike[:, :, 1:-2] & alike[:, :, :-3]
    begins = five.copy()
    begins[:, :, 1:] &= ~five[:, :, :-1]
    penalty: NDArray[np.int64] = five.sum(axis=(1, 2)) + 2 * begins.sum(axis=(1, 2))
    return penalty


def _finders(rows: Modules) -> int:
    """Return how often a row looks like a finder; what is outside the code is light."""
    padded = np.pad(rows, ((0, 0), (_QUIET, _QUIET)))
    return len(_LIKE_A_FINDER.findall(padded.tobytes()))
