"""A tree as it was when it was last checked whole: its versions of files and their links; and how its files looked."""

import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from prisma_batch.readers.cache import Cache
from prisma_batch.readers.trees import TreeFile

# As git does with its index: what changed so shortly before it was read may change again and look the same.
_COARSEST_TICK_NS = 2_000_000_000


class KnownTree(NamedTuple):
    """A tree: its sorted paths, their blob ids, and sorted numbers: a hash of each link of a file above its index.

    ``name`` stands for all versions of files, ``shape`` for their places only. A blob id is empty where nobody read it.
    """

    name: str
    shape: str
    paths: Sequence[str]
    blobs: Sequence[str]
    numbers: "array[int]"

    def blob_of(self, path: str) -> str | None:
        """Return the blob id of a path, or None where the tree has no such path."""
        index = bisect_left(self.paths, path)
        return self.blobs[index] if self.paths[index : index + 1] == [path] else None

    def having(self, links: Iterable[str]) -> set[str]:
        """Return the paths of the files with any of the links, and perhaps more: different links may hash alike."""
        return {self.paths[index] for link in links for index in self._indexes(zlib.crc32(link.encode()))}

    def _indexes(self, link_hash: int) -> Iterator[int]:
        place = bisect_left(self.numbers, link_hash << 32)
        while place < len(self.numbers) and self.numbers[place] >> 32 == link_hash:
            yield self.numbers[place] & 0xFFFFFFFF
            place += 1


def link_numbers(links: Iterable[tuple[int, Iterable[str]]]) -> "array[int]":
    """Return the numbers of a known tree for the links of each file, given with its index."""
    hashed = (zlib.crc32(link.encode()) << 32 | index for index, of_file in links for link in of_file)
    return array("Q", sorted(hashed))


def keep_tree(cache: Cache, tree: KnownTree) -> None:
    """Keep a tree instead of the one before."""
    head = f"{tree.name}\0{tree.shape}".encode()
    parts = (head, _joined(tree.paths), _joined(tree.blobs), tree.numbers.tobytes())
    cache.keep_entries([("tree", _packed(*parts))])


def kept_tree(cache: Cache) -> KnownTree | None:
    """Return the tree that was kept."""
    packed = cache.entry("tree")
    if packed is None:
        return None
    head, paths, blobs, numbers = _unpacked(packed)
    name, shape = _split(head)
    return KnownTree(name, shape, _split(paths), _split(blobs), array("Q", numbers))


def keep_looks(cache: Cache, files: Sequence[TreeFile], blobs: Sequence[str]) -> None:
    """Keep how files looked whose blob ids are known; not of those that changed so lately that looks may deceive."""
    kept = [(file, blob) for file, blob in zip(files, blobs, strict=True) if blob and is_settled(file, cache)]
    parts = ([file.path for file, _ in kept], [looks_of(file) for file, _ in kept], [blob for _, blob in kept])
    cache.keep_entries([("looks", _packed(*map(_joined, parts)))])


def blobs_by_looks(cache: Cache, files: Sequence[TreeFile]) -> list[str]:
    """Return the blob ids of files, in order: the tree's, or those of files that look as they did, or nothing."""
    packed = cache.entry("looks")
    if packed is None:
        return [file.blob_id for file in files]
    paths, looks, blobs = map(_split, _unpacked(packed))
    kept = dict(zip(paths, zip(looks, blobs, strict=True), strict=True))
    found = ((file, kept.get(file.path, ("", ""))) for file in files)
    return [blob if looked and looked == looks_of(file) else file.blob_id for file, (looked, blob) in found]


def is_settled(file: TreeFile, cache: Cache) -> bool:
    """Say whether a file that changes from now on will look different."""
    before_ns = (cache.opened_at_ns or 0) - _COARSEST_TICK_NS
    return bool(file.stamp) and max(file.stamp[:2]) < before_ns


def looks_of(file: TreeFile) -> str:
    """Return how a file looks: while it looks so and is settled, its content stays."""
    return f"{file.mode} {file.size} {file.stamp}"


def _joined(texts: Iterable[str]) -> bytes:
    return "\0".join(texts).encode("utf-8", "surrogateescape")


def _split(joined: bytes) -> list[str]:
    return joined.decode("utf-8", "surrogateescape").split("\0")


def _packed(*parts: bytes) -> bytes:
    return b"".join((",".join(str(len(part)) for part in parts).encode(), b"\n", *parts))


def _unpacked(packed: bytes) -> Iterator[bytes]:
    sizes, _, rest = packed.partition(b"\n")
    start = len(packed) - len(rest)
    for size in map(int, sizes.split(b",")):
        yield packed[start : start + size]
        start += size
