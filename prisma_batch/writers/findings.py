"""Print findings: for people, as annotations of a pull request, or as JSON."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, TypeAlias

from prisma_batch.base.findings import Finding

FindingsFormat: TypeAlias = Literal["text", "github", "json"]

# Controls, line and paragraph separators, text direction and other invisible characters, halves of surrogate pairs.
_HIDDEN_RANGES = r"\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
_HIDDEN = re.compile(f"[{_HIDDEN_RANGES}]")
# A runner takes what follows for a command, at the beginning of a line or (the older form) anywhere in it.
_COMMAND_STARTS = re.compile(r"^\s*::|##\[", re.MULTILINE)


def visible(text: str) -> str:
    """Return a text for one line of output: hidden characters are written out, and no runner takes it for a command."""
    escaped = _HIDDEN.sub(lambda found: _written_out(found[0]), text)
    return _COMMAND_STARTS.sub(lambda found: found[0].replace(":", "\\x3a", 1).replace("[", "\\x5b"), escaped)


def findings_text(findings: Iterable[Finding], output_format: FindingsFormat) -> str:
    """Return findings as a text, in the order given: lines for people or for GitHub, or one JSON document."""
    return _WRITERS[output_format](findings)


def _text(findings: Iterable[Finding]) -> str:
    return "".join(f"{visible(_headline(finding))}\n    {visible(finding.remedy)}\n" for finding in findings)


def _headline(finding: Finding) -> str:
    place = f"{finding.source}:{finding.line or 1}:{finding.column or 1}"
    warning = " (warning)" if finding.severity == "warning" else ""
    return f"{place}: {finding.code}: {finding.message}{warning}"


def _github(findings: Iterable[Finding]) -> str:
    return "".join(map(_annotation, findings))


def _annotation(finding: Finding) -> str:
    properties = {
        "file": finding.source,
        "line": str(finding.line or 1),
        "col": str(finding.column or 1),
        "title": finding.code,
    }
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{finding.severity} {written}::{_message(f'{finding.message}: {finding.remedy}')}\n"


def _message(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


def _json(findings: Iterable[Finding]) -> str:
    rows = [
        {
            "file": finding.source,
            "line": finding.line or 1,
            "column": finding.column or 1,
            "severity": finding.severity,
            "code": finding.code,
            "message": finding.message,
            "remedy": finding.remedy,
            "pointer": finding.pointer,
        }
        for finding in findings
    ]
    return json.dumps(rows, indent=2, ensure_ascii=True) + "\n"


def _written_out(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


_WRITERS: Mapping[FindingsFormat, Callable[[Iterable[Finding]], str]] = {
    "text": _text,
    "github": _github,
    "json": _json,
}
