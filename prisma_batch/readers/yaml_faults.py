"""The faults of a YAML file: their codes, what they say, and what to do."""

from prisma_batch.base.findings import Finding

DEPTH_MAX = 16

_CATALOGUE = {
    "encoding": ("the file is not plain UTF-8, or begins with a byte order mark", "save it as UTF-8 without BOM"),
    "control-character": ("control characters are not allowed", "remove the character"),
    "line-break": (
        "only LF and CRLF end lines; CR alone, NEL and the line and paragraph separators are not allowed",
        "replace it by an ordinary line break",
    ),
    "invisible-character": ("invisible and text-direction characters are not allowed", "remove the character"),
    "not-nfc": ("this text is not in Unicode normal form C", "write its accented letters as single characters"),
    "final-newline": ("quoted text ends with a line break", "remove the line break before the closing quote"),
    "conflict-marker": ("a merge conflict was left in the file", "decide which side stays and remove the markers"),
    "directive": ("YAML directives (%) are not allowed", "remove the line"),
    "tag": ("YAML tags (!) are not allowed", "remove the tag; quote the value where it is meant as text"),
    "alias": ("anchors, aliases and merge keys (&, *, <<) are not allowed", "write the values out"),
    "second-document": ("a file holds one document, and a second one begins here", "move it to a file of its own"),
    "empty-document": ("the file holds no document", "write the record, or remove the file"),
    "too-deep": (f"nesting is deeper than {DEPTH_MAX} levels", "a record needs fewer levels: check the indentation"),
    "duplicate-key": ("this key is already in the same mapping", "keep one of the two"),
    "key-not-text": ("a key is not text, or YAML parsers read it differently", "write the key as text, or quote it"),
    "ambiguous-scalar": ("YAML parsers read this unquoted value differently", 'quote it: write "…" around the value'),
    "impossible-time": ("there is no such day or time", "correct it, or quote it where it is no day"),
    "yaml-syntax": ("this is not valid YAML", "check indentation, colons, quotes and brackets here"),
}


class YamlFault(Exception):
    """The first fault of a file, on its way out of the reader; line and column count from 1."""

    def __init__(self, code: str, line: int, column: int, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.line, self.column, self.detail = code, line, column, detail

    def finding(self, source: str) -> Finding:
        """Return the fault as a finding about a file; it never quotes the file."""
        message, remedy = _CATALOGUE[self.code]
        message = f"{message}: {self.detail}" if self.detail else message
        return Finding(
            code=self.code, message=message, remedy=remedy, source=source, line=self.line, column=self.column
        )
