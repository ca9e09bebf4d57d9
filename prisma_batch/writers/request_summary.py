"""A request in words, as Markdown for the summary page of a CI job."""

import re
from collections.abc import Sequence
from pathlib import Path

from prisma_batch.base.errors import UsageProblem
from prisma_batch.base.findings import Finding, errors_in
from prisma_batch.writers.visible import masked, visible

LINES_MAX = 200

# Everything that Markdown or the code host could take for markup, a mention or a link.
_MARKUP = re.compile(r"[\\`*_{}\[\]<>()#!|~&@:/]")


def append_summary(file: Path, words: Sequence[str], findings: Sequence[Finding]) -> None:
    """Append to a file what a request changes and what was found in it, as Markdown.

    Raises:
        UsageProblem: the file cannot be written.
    """
    try:
        with file.open("a", encoding="utf-8") as opened:
            opened.write(request_summary(words, findings))
    except OSError:
        raise UsageProblem(f"the summary cannot be written to {file}") from None


def request_summary(words: Sequence[str], findings: Sequence[Finding]) -> str:
    """Return what a request changes, a line each, and what was found in it; what comes from records is no markup."""
    shown = [f"- {_plain(line)}\n" for line in words[:LINES_MAX]]
    if len(words) > LINES_MAX:
        shown.append(f"- and {len(words) - LINES_MAX} more\n")
    errors, count = len(errors_in(findings)), len(findings)
    totals = f"**Errors:** {errors}. **Warnings:** {count - errors}.\n\n"
    return f"### What this request changes\n\n{''.join(shown) or 'Nothing.' + chr(10)}\n{totals}"


def _plain(text: str) -> str:
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", visible(masked(text)))
