"""The tool's own Markdown texts as HTML; markup in them stays text."""

from markdown_it import MarkdownIt
from markupsafe import Markup

_READER = MarkdownIt("commonmark", {"html": False})


def markdown_html(text: str) -> Markup:
    """Return a text in Markdown (CommonMark) as HTML."""
    return Markup(_READER.render(text))  # noqa: S704 - what is markup in the text was escaped
