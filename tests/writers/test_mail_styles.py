"""Styles put on a template are those that would be put on each mail."""

import re
from pathlib import Path
from typing import Any

import css_inline
import pytest
from lxml import html

from prisma_batch.views.message import Message
from prisma_batch.writers.colours import DEFAULT_COLOURS, colours_of
from prisma_batch.writers.html import Renderer
from prisma_batch.writers.mail_styles import styled
from tests.writers.test_help import messages

TEMPLATES = Path(__file__).parents[2] / "templates"
STYLE = (TEMPLATES / "mail/style.css").read_text(encoding="utf-8")


def styles(page: str) -> list[tuple[Any, list[str]]]:
    """Return each element with its declarations."""
    elements = html.document_fromstring(page).iter("*")
    return [(own.tag, sorted(filter(None, re.split(r";\s*", own.get("style", ""))))) for own in elements]


@pytest.mark.parametrize("message", messages(), ids=lambda message: message.kind)
def test_a_mail_has_the_styles_that_it_would_be_given(message: Message) -> None:
    mail = Renderer(TEMPLATES).render_mail(message).html
    bare = re.sub(r' style="[^"]*"', "", mail)
    expected = css_inline.CSSInliner(extra_css=STYLE, load_remote_stylesheets=False).inline(bare)
    for name, colour in colours_of(message.issuer).items():
        expected = expected.replace(DEFAULT_COLOURS[name], colour)
    assert styles(mail) == styles(expected)
    assert "<style" not in mail


def test_what_a_template_says_stays_as_it_is() -> None:
    source = "<table><tbody>{% for a in b %}<tr>\n<td>{{ '<' ~ a['x'] }}</td></tr>{# c #}{% endfor %}</tbody></table>"
    assert styled(source, "td { margin: 0; }") == source.replace("<td>", '<td style="margin: 0;">')
