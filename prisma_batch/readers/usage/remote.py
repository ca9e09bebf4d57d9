"""Files in object stores, through pyarrow's own file systems: ``s3://bucket/key`` or a prefix, ``gs://`` alike.

Credentials, region and endpoint are those of the environment (``AWS_ACCESS_KEY_ID``, ``AWS_ENDPOINT_URL``, …) or of the
address itself (``?endpoint_override=…&region=…``).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from typing import Any

from pyarrow import fs

from prisma_batch.base.errors import UsageProblem

SCHEMES = ("s3://", "gs://")


def is_remote(path: str) -> bool:
    """Say whether a path is the address of an object store."""
    return path.startswith(SCHEMES)


def objects(address: str) -> list[tuple[str, tuple[int, ...]]]:
    """List the object at an address, or those directly below it: their addresses, sizes and times of writing, sorted.

    Raises:
        UsageProblem: there is none, or the store does not let us look.
    """
    with _refusals(address):
        store, path = fs.FileSystem.from_uri(address)
        found = store.get_file_info(path)
        is_prefix = found.type == fs.FileType.Directory
        listed = store.get_file_info(fs.FileSelector(path)) if is_prefix else [found]
        files = sorted((one.path, _stamp(one)) for one in listed if one.type == fs.FileType.File)
    if not files:
        raise UsageProblem(f"there is no file {_shown(address)}")
    scheme, (_, mark, options) = address.partition("://")[0], address.partition("?")
    return [(f"{scheme}://{name}{mark}{options}", stamp) for name, stamp in files]


@contextmanager
def opened(address: str) -> Iterator[tuple[BufferedIOBase, tuple[int, ...]]]:
    """Open an object for reading at any place, with its size and time of writing as they are now."""
    with _refusals(address):
        store, path = fs.FileSystem.from_uri(address)
        stamp = _stamp(store.get_file_info(path))
        with store.open_input_file(path) as stream:
            yield stream, stamp


def _stamp(found: Any) -> tuple[int, ...]:
    return (found.size or 0, found.mtime_ns or 0)


@contextmanager
def _refusals(address: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        # The store's own words name bucket and key, never a secret.
        raise UsageProblem(f"{_shown(address)} cannot be read: {str(error).splitlines()[0]}") from None


def _shown(address: str) -> str:
    return address.partition("?")[0].rpartition("@")[2]
