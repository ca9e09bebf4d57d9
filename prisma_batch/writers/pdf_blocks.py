"""What a printed page is made of: a document as JSON, its texts already in words, laid out by ``templates/pdf``."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, TypeAlias

from prisma_batch.records.agreements import BillTo
from prisma_batch.records.settings import BankAccount, ContactPoint, Issuer
from prisma_batch.views.help import help_link
from prisma_batch.views.hours import opening_hours
from prisma_batch.views.payment import PaymentRequest, account_number
from prisma_batch.writers.epc import epc_svg
from prisma_batch.writers.texts import NO_BREAK_SPACE, one_line
from prisma_batch.writers.words import Words

Block: TypeAlias = dict[str, Any]
Fact: TypeAlias = tuple[str, str]
# What is told of it, in parts; an address makes a part a link, none leaves it text.
LinkedFact: TypeAlias = tuple[str, list[tuple[str, str]]]

_LONG = 26
_LONG_WORD = re.compile(rf"\S{{{_LONG},}}")
_PARTS = re.compile(r"[^-@._/]+[-@._/]*|[-@._/]+")
_ZERO_WIDTH_SPACE = "\u200b"


def printable(text: str) -> str:
    """Return text without hidden characters; words that no column holds may break after signs, or else anywhere."""
    return _LONG_WORD.sub(lambda word: _ZERO_WIDTH_SPACE.join(_parts(word[0])), one_line(text))


def _parts(word: str) -> list[str]:
    parts = _PARTS.findall(word)
    return parts if max(map(len, parts)) < _LONG else list(word)


def cell(text: str, note: str = "", marks: Iterable[str] = (), *, alarm: bool = False) -> Any:
    """Return a table's cell; ``note`` stands small below its text, ``marks`` in boxes, the first as an alarm."""
    marked = [printable(mark) for mark in marks]
    if not (note or marked):
        return printable(text)
    return {"text": printable(text), "note": printable(note), "marks": marked, "alarm": alarm}


def unbroken(text: str) -> str:
    """Return text that stays on one line."""
    return text.replace(" ", NO_BREAK_SPACE)


def table(caption: str, columns: Sequence[tuple[str, str]], rows: Sequence[Block], *, level: int) -> Block:
    """Return a table.

    Args:
        columns: the label of each, and its kind: ``text``, ``short`` (as wide as it must be) or ``number``.
        rows: of ``row``.
        level: of the heading above.
    """
    labels, kinds = zip(*columns, strict=True)
    return {"kind": "table", "caption": caption, "labels": labels, "kinds": kinds, "rows": rows, "level": level}


def row(cells: Sequence[Any], style: str = "") -> Block:
    """Return a table's row; style is empty, ``overdue``, ``carried`` or ``total``."""
    return {"cells": list(cells), "style": style}


def payment(words: Words, request: PaymentRequest | None, issuer: Issuer, accounts: Sequence[BankAccount]) -> Block:
    """Return where to pay, what to quote, and the code that fills in a transfer where there can be one."""
    code = request and epc_svg(request, issuer.legal_name, accounts)
    about = words.say("Scan to pay %(amount)s", amount=words.money(request.amount)) if request and code else ""
    return {
        "kind": "payment",
        "pay_to": words.say("Pay to"),
        "accounts": [_account(account) for account in accounts],
        "quote": words.say("Quote with your payment"),
        "code": code or "",
        "about_code": about,
    }


def _account(account: BankAccount) -> dict[str, str]:
    return {
        "name": printable(account.name or ""),
        "number": printable(account_number(account)),
        "bic": account.bic or "",
    }


def document(
    words: Words, names: dict[str, str], view: Any, *, facts: Iterable[Fact], as_of: date, blocks: Sequence[Block]
) -> Block:
    """Return a whole document.

    Args:
        names: its ``title`` (of the file), ``heading`` and ``subheading``.
        view: whose issuer, contact point and addressee are printed.
        as_of: the date of the file.
    """
    issuer, addressee = view.issuer, view.bill_to
    return {
        **{name: one_line(text) for name, text in names.items()},
        "language": words.language,
        "date": [as_of.year, as_of.month, as_of.day],
        "issuer": {"name": one_line(issuer.legal_name), "lines": _address(words, issuer)},
        "addressee": {"name": printable(addressee.legal_name), "lines": _address(words, addressee)},
        "facts": [(label, printable(value)) for label, value in facts],
        "blocks": blocks,
        "contact": {"heading": words.say("Questions about this document?"), "facts": _contact(words, view)},
        "page": words.say("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
    }


def _address(words: Words, party: Issuer | BillTo) -> list[str]:
    country = [words.country(party.country)] if party.country else []
    tax_id = [f"{words.say('Tax ID')} {party.tax_id}"] if party.tax_id else []
    return [printable(line) for line in (*party.address, *country, *tax_id)]


def _contact(words: Words, view: Any) -> list[LinkedFact]:
    point: ContactPoint = view.contact_point
    hours = "; ".join(words.hours(days) for days in opening_hours(point.hours))
    facts = [(words.say("Telephone"), [_phone(point.phone)]), (words.say("E-mail"), [_email(point.email)])]
    if point.chat:
        address = point.chat if point.chat.startswith("https://") else ""
        facts.append((words.say("Chat"), [(printable(point.chat), address)]))
    address = help_link(point, view.help_page)
    if address:
        facts.append((words.say("Help"), [(printable(address), address)]))
    facts.append((words.say("Hours"), _text(f"{hours} ({point.hours.timezone})")))
    if point.targets:
        within = "within %(hours)s business hours"
        facts += [
            (words.say("First reply"), _text(words.say(within, hours=point.targets.first_reply_hours))),
            (words.say("Resolution"), _text(words.say(within, hours=point.targets.resolution_hours))),
        ]
    for rung in point.escalation:
        reach = [*_text(rung.name), _email(rung.email), *([_phone(rung.phone)] if rung.phone else [])]
        facts.append((words.say("After %(hours)s business hours", hours=rung.after_hours), reach))
    return facts


def _text(value: str) -> list[tuple[str, str]]:
    return [(printable(value), "")]


def _email(address: str) -> tuple[str, str]:
    return printable(address), f"mailto:{address}"


def _phone(number: str) -> tuple[str, str]:
    return printable(number), f"tel:{number}"
