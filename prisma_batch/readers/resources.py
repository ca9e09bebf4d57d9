"""Packaged files: schemas, templates and the example, from the wheel or from a checkout."""

from pathlib import Path
from typing import Literal, TypeAlias

ResourceFolder: TypeAlias = Literal["schemas", "templates", "example"]

_PACKAGE = Path(__file__).resolve().parents[1]


def resource_folder(name: ResourceFolder) -> Path:
    """Return the folder of packaged files; in a checkout the example is its root: the records themselves."""
    packaged = _PACKAGE / "_packaged" / name
    if packaged.is_dir():
        return packaged
    return _PACKAGE.parent if name == "example" else _PACKAGE.parent / name


def schema_names() -> list[str]:
    """Return the names of the packaged schemas, sorted."""
    return sorted(path.name.removesuffix(".schema.json") for path in resource_folder("schemas").glob("*.schema.json"))


def schema_text(name: str) -> str:
    """Return the packaged JSON Schema of that name, such as ``contacts``."""
    return (resource_folder("schemas") / f"{name}.schema.json").read_text(encoding="utf-8")
