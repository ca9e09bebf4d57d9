"""A digest of all but the records that decides what ``validate`` finds: code, schemas, and the libraries it asks."""

import hashlib
import os
import sys
from pathlib import Path

from prisma_batch import __version__
from prisma_batch.readers.resources import resource_folder

_PACKAGE = Path(__file__).resolve().parents[1]
_CODE_FOLDERS = ("base", "checks", "jobs", "readers", "records")
# What they accept may change with their version. jsonschema-rs is left out: it never changes what is found.
_LIBRARIES = ("email_validator-", "idna-", "jsonschema-", "phonenumbers-", "pyyaml-")


def tool_digest() -> str:
    """Return the digest as hexadecimal; the same on every machine with the same code and libraries.

    The code's bytes are part of it, not only its version: whoever works on the tool never sees an old result.
    """
    digest = hashlib.sha256(f"{__version__} {sys.version_info} {_installed()}".encode())
    paths = [path for folder in _CODE_FOLDERS for path in _files(_PACKAGE / folder, ".py")]
    for path in (*paths, *_files(resource_folder("schemas"), ".json")):
        content = Path(path).read_bytes()
        digest.update(b"%d\0" % len(content))
        digest.update(content)
    return digest.hexdigest()


def _files(folder: Path, suffix: str) -> list[str]:
    found = []
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_dir():
            found += _files(Path(entry.path), suffix)
        elif entry.name.endswith(suffix):
            found.append(entry.path)
    return found


def _installed() -> list[str]:
    """Return the libraries with their versions, by the names of their folders: asking the library would import it."""
    folders = [folder for folder in sys.path if folder.endswith("-packages") and Path(folder).is_dir()]
    names = {entry.name.lower() for folder in folders for entry in os.scandir(folder)}
    return sorted(name for name in names if name.startswith(_LIBRARIES) and name.endswith("-info"))
