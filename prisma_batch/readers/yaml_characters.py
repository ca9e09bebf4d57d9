"""Encoding and characters of a YAML file: what must not be in it, shown or hidden behind escapes."""

import re
import unicodedata
from typing import NoReturn

from prisma_batch.readers.yaml_faults import YamlFault

_BREAKS = "\x85\u2028\u2029"
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f"
)
_FORBIDDEN = f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff{_BREAKS}{_INVISIBLE}]"
_FORBIDDEN_IN_TEXT = re.compile(_FORBIDDEN)
_FORBIDDEN_IN_VALUES = re.compile(rf"{_FORBIDDEN}|\r|\n\Z")
_LONE_CR = re.compile(r"\r(?!\n)")
_IS_BREAK = re.compile(f"[\r{_BREAKS}]")
_IS_INVISIBLE = re.compile(f"[{_INVISIBLE}]")
_ORDINARY_BYTES = bytes([0x09, 0x0A, *range(0x20, 0x7F)])
_CONFLICT = re.compile(r"^(?:<<<<<<< |=======\r?$|>>>>>>> )", re.MULTILINE)
_DIRECTIVE = re.compile(r"(?:[ \t\r]*(?:#[^\n]*)?\n)*+%")


def checked_text(content: bytes) -> str:
    """Decode a file and refuse what the parser's events would not show, or would show without a place.

    Raises:
        YamlFault: encoding, control-character, line-break, invisible-character, conflict-marker or directive.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        refuse_at("encoding", before, len(before))
    if content.translate(None, _ORDINARY_BYTES):
        _check_characters(text)
    if ("=======" in text or "<<<<<<<" in text or ">>>>>>>" in text) and (found := _CONFLICT.search(text)):
        refuse_at("conflict-marker", text, found.start())
    if found := _DIRECTIVE.match(text):
        refuse_at("directive", text, found.end() - 1)
    return text


def _check_characters(text: str) -> None:
    if text.startswith("\ufeff"):
        refuse_at("encoding", text, 0)
    if found := _FORBIDDEN_IN_TEXT.search(text):
        refuse_at(_code_of(found[0]), text, found.start())
    if found := _LONE_CR.search(text):
        refuse_at("line-break", text, found.start())


def _code_of(character: str) -> str:
    if character == "\n":
        return "final-newline"
    if _IS_BREAK.match(character):
        return "line-break"
    return "invisible-character" if _IS_INVISIBLE.match(character) else "control-character"


def value_fault(text: str) -> str | None:
    """Return the code of what a quoted value hides behind escapes or folded lines, if anything."""
    if found := _FORBIDDEN_IN_VALUES.search(text):
        return _code_of(found[0])
    return None if unicodedata.is_normalized("NFC", text) else "not-nfc"


def refuse_at(code: str, text: str, index: int) -> NoReturn:
    """Raise the fault at an index of the text."""
    raise YamlFault(code, text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))
