"""Packaged files: schemas, templates, pages of help and the example, from the wheel or from a checkout."""

from pathlib import Path
from typing import Literal, TypeAlias

ResourceFolder: TypeAlias = Literal["schemas", "templates", "example", "help"]

_PACKAGE = Path(__file__).resolve().parents[1]


def resource_folder(name: ResourceFolder) -> Path:
    """Return the folder of packaged files; in a checkout the example is its root: the records themselves."""
    packaged = _PACKAGE / "_packaged" / name
    if packaged.is_dir():
        return packaged
    return _PACKAGE.parent / {"example": "", "help": "docs/help"}.get(name, name)


def schema_names() -> list[str]:
    """Return the names of the packaged schemas, sorted."""
    return sorted(path.name.removesuffix(".schema.json") for path in resource_folder("schemas").glob("*.schema.json"))


def schema_text(name: str) -> str:
    """Return the packaged JSON Schema of that name, such as ``contacts``."""
    return (resource_folder("schemas") / f"{name}.schema.json").read_text(encoding="utf-8")


def help_texts() -> dict[str, str]:
    """Return the pages of help in Markdown, by their place such as ``statuses/overdue``."""
    folder = resource_folder("help")
    files = sorted(folder.glob("*/*.md"))
    return {file.relative_to(folder).with_suffix("").as_posix(): file.read_text(encoding="utf-8") for file in files}
