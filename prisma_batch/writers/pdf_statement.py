"""Statements of account as printed pages."""

from prisma_batch.views.amounts import Money
from prisma_batch.views.statement_parts import Change, Movement, OpenItem, Section, Statement, UnappliedPayment
from prisma_batch.writers.pdf_blocks import Block, Fact, cell, document, payment, printable, row, table
from prisma_batch.writers.words import Words

_REFERENCES_SHOWN = 8


def statement_document(statement: Statement, words: Words) -> Block:
    """Return a statement of account, laid out like its HTML page."""
    heading = words.say("Statement of account")
    blocks = [block for section in statement.sections for block in _section(statement, section, words)]
    return document(
        words,
        {
            "title": f"{heading} {statement.account} {statement.span.period}",
            "heading": heading,
            "subheading": words.month(statement.span.period),
        },
        statement,
        facts=_facts(statement, words),
        as_of=statement.span.as_of,
        blocks=blocks,
    )


def _facts(statement: Statement, words: Words) -> list[Fact]:
    span = statement.span
    facts = [(words.say("Account"), statement.account)]
    if statement.customer_name != statement.bill_to.legal_name:
        facts.append((words.say("Customer"), statement.customer_name))
    moved = words.days(span.opened_on, span.as_of)
    return [*facts, (words.say("As of"), words.day(span.as_of)), (words.say("Movements"), moved)]


def _section(statement: Statement, section: Section, words: Words) -> list[Block]:
    heading = words.say("Your account in %(currency)s", currency=section.currency)
    blocks = [{"kind": "heading", "text": heading}, _band(section, words), _action(section, words)]
    if section.references:
        pay = payment(words, section.request, statement.issuer, section.bank_accounts)
        blocks.append({**pay, "references": _references(statement, section, words)})
    if section.changes:
        blocks.append(_changes(section, words))
    is_summed = statement.kind == "balance_forward"
    blocks.append(_sums(section, words) if is_summed else _movements(statement, section, words))
    if section.open_items and statement.kind == "open_item":
        blocks.append(_open_items(section, words))
    if section.unapplied:
        blocks += _unapplied(section, words)
    return [*blocks, *_aging(statement, section, words)]


def _band(section: Section, words: Words) -> Block:
    dues, closing = section.dues, section.closing
    favour = words.say("in your favour") if closing.minor < 0 else ""
    has_next = bool(dues.pay_next.minor)
    by = words.day(dues.pay_next_by) if has_next else ""
    cells = [
        (words.say("Balance"), words.money(closing), favour),
        (words.say("Overdue"), words.money(dues.overdue), ""),
        (words.say("Due next"), words.money(dues.pay_next) if has_next else "–", by),
        (words.say("To pay now"), words.money(dues.pay_now), ""),
    ]
    return {"kind": "band", "cells": cells}


def _action(section: Section, words: Words) -> Block:
    dues = section.dues
    notes = [words.shown(section.then)] if section.then else []
    for money, message in (
        (dues.disputed, "Left out: %(amount)s that is disputed."),
        (dues.held, "Left out: %(amount)s that is on hold."),
        (dues.credit, "Taken into account: %(amount)s of credit not used yet."),
    ):
        notes += [words.say(message, amount=words.money(money))] if money.minor > 0 else []
    return {"kind": "action", "text": words.shown(section.ask), "notes": notes, "urgent": bool(dues.pay_now.minor)}


def _references(statement: Statement, section: Section, words: Words) -> str:
    is_cut = len(section.references) > _REFERENCES_SHOWN and statement.kind == "open_item"
    shown = ", ".join(section.references[:_REFERENCES_SHOWN] if is_cut else section.references)
    more = f" {words.say('and the references under the open items')}" if is_cut else ""
    return printable(shown) + more


def _changes(section: Section, words: Words) -> Block:
    columns = [
        (words.say("Document"), "text"),
        (words.say("What"), "text"),
        (words.say("Before"), "number"),
        (words.say("Now"), "number"),
    ]
    return table(
        words.say("Changed since the last statement"),
        columns,
        [row(_change(change, words)) for change in section.changes],
        level=3,
    )


def _change(change: Change, words: Words) -> list[str]:
    values = [
        "–" if own is None else words.money(own) if isinstance(own, Money) else words.day(own)
        for own in (change.before, change.now)
    ]
    return [printable(change.document), words.label(f"change_{change.kind}"), *values]


def _sums(section: Section, words: Words) -> Block:
    columns = [(words.say("What"), "text"), (f"{words.say('Amount')} ({section.currency})", "number")]
    rows = [
        row([words.say("Opening balance"), words.figure(section.opening)], "carried"),
        *(row([words.label(kind), words.figure(sum_)]) for kind, sum_ in section.sums),
        row([words.say("Closing balance"), words.figure(section.closing)], "total"),
    ]
    return table(words.say("Balance brought forward"), columns, rows, level=3)


def _movements(statement: Statement, section: Section, words: Words) -> Block:
    span, currency = statement.span, section.currency
    columns = [
        (words.say("Date"), "short"),
        (words.say("What"), "text"),
        (words.say("Reference"), "text"),
        (f"{words.say('Amount')} ({currency})", "number"),
        (f"{words.say('Balance')} ({currency})", "number"),
    ]
    opening = [words.day(span.opened_on), words.say("Opening balance"), "", "", words.figure(section.opening)]
    closing = [words.day(span.as_of), words.say("Closing balance"), "", "", words.figure(section.closing)]
    moved = [_movement(movement, words) for movement in section.movements]
    return table(words.say("Movements"), columns, [row(opening, "carried"), *moved, row(closing, "total")], level=3)


def _movement(movement: Movement, words: Words) -> Block:
    marks = [words.say("earlier period")] if movement.prior_period else []
    return row(
        [
            words.day(movement.on),
            cell(words.label(movement.kind), movement.description, marks),
            printable(movement.reference),
            words.figure(movement.amount),
            words.figure(movement.balance),
        ]
    )


def _open_items(section: Section, words: Words) -> Block:
    columns = [
        (words.say("Document"), "text"),
        (words.say("Issued"), "short"),
        (words.say("Due"), "short"),
        (words.say("State"), "text"),
        (f"{words.say('Amount')} ({section.currency})", "number"),
        (f"{words.say('Open')} ({section.currency})", "number"),
    ]
    return table(words.say("Open items"), columns, [_open_item(item, words) for item in section.open_items], level=3)


def _open_item(item: OpenItem, words: Words) -> Block:
    installment = f" {words.say('installment %(number)s', number=item.installment_figures)}" if item.installment else ""
    note = words.label(item.kind)
    if item.payment_reference != item.document:
        note += f" · {words.say('quote')} {item.payment_reference}"
    if item.purchase_order:
        note += f" · {words.say('Purchase order')} {item.purchase_order}"
    return row(
        [
            cell(item.document + installment, note),
            words.day(item.issued_on),
            words.day(item.due_on) if item.open_amount.minor > 0 else "",
            _state(item, words),
            words.figure(item.amount),
            words.figure(item.open_amount),
        ],
        "overdue" if item.is_overdue else "",
    )


def _state(item: OpenItem, words: Words) -> object:
    marks = []
    if item.is_overdue:
        marks.append(words.count("%(num)s day overdue", "%(num)s days overdue", item.days_overdue))
    elif item.open_amount.minor < 0:
        marks.append(words.say("credit"))
    if item.disputed.minor:
        marks.append(words.say("disputed: %(amount)s", amount=words.figure(item.disputed)))
    if item.is_held:
        marks.append(words.say("on hold"))
    plain = not item.is_overdue and item.open_amount.minor >= 0
    return cell(words.say("not due") if plain else "", marks=marks, alarm=item.is_overdue)


def _unapplied(section: Section, words: Words) -> list[Block]:
    columns = [
        (words.say("Payment"), "text"),
        (words.say("Value date"), "short"),
        (f"{words.say('Amount')} ({section.currency})", "number"),
    ]
    rows = [_unapplied_payment(payment, words) for payment in section.unapplied]
    told = words.say("Tell us which documents these payments settle, and we will use them.")
    return [table(words.say("Payments not used yet"), columns, rows, level=3), {"kind": "note", "text": told}]


def _unapplied_payment(paid: UnappliedPayment, words: Words) -> Block:
    return row([printable(paid.payment), words.day(paid.value_date), words.figure(paid.amount)])


def _aging(statement: Statement, section: Section, words: Words) -> list[Block]:
    columns = [(words.label(bucket), "number") for bucket in section.aging]
    rows = [row([words.figure(money) for money in section.aging.values()])]
    caption = f"{words.say('How old the balance is')} ({section.currency})"
    told = words.say("Days are counted from the due date to %(day)s.", day=words.day(statement.span.as_of))
    return [{**table(caption, columns, rows, level=3), "even": True}, {"kind": "note", "text": told}]
