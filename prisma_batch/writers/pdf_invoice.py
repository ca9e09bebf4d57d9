"""Copies of documents as printed pages."""

from prisma_batch.views.invoice_copy import InvoiceCopy, PrintedLine, PrintedTax
from prisma_batch.writers.pdf_blocks import Block, Fact, cell, document, payment, printable, row, table, unbroken
from prisma_batch.writers.words import Words


def invoice_document(copy: InvoiceCopy, words: Words) -> Block:
    """Return the copy of an invoice, fee or credit note, laid out like its HTML page."""
    heading = f"{words.label(copy.kind)} {copy.number}"
    subheading = words.say("Copy of the issued document")
    blocks = [_action(copy, words), _lines(copy, words), _totals(copy, words)]
    if copy.request:
        pay = payment(words, copy.request, copy.issuer, copy.bank_accounts)
        blocks.append({**pay, "references": printable(copy.payment_reference)})
    return document(
        words,
        {"title": heading, "heading": heading, "subheading": subheading},
        copy,
        facts=_facts(copy, words),
        as_of=copy.issued_on,
        blocks=blocks,
    )


def _facts(copy: InvoiceCopy, words: Words) -> list[Fact]:
    facts = [(words.say("Account"), copy.account)]
    if copy.customer_name != copy.bill_to.legal_name:
        facts.append((words.say("Customer"), copy.customer_name))
    facts.append((words.say("Issued"), words.day(copy.issued_on)))
    if not copy.is_credit:
        facts.append((words.say("Due"), words.day(copy.due_on)))
    if copy.purchase_order:
        facts.append((words.say("Purchase order"), copy.purchase_order))
    if copy.corrects:
        facts.append((words.say("Corrects"), ", ".join(copy.corrects)))
    return facts


def _action(copy: InvoiceCopy, words: Words) -> Block:
    notes = [printable(copy.reason)] if copy.reason else []
    return {"kind": "action", "text": words.shown(copy.ask), "notes": notes, "urgent": False}


def _lines(copy: InvoiceCopy, words: Words) -> Block:
    columns = [
        (words.say("No."), "short"),
        (words.say("What"), "text"),
        (words.say("Service"), "short"),
        (words.say("Quantity"), "number"),
        (words.say("Unit price"), "number"),
        (f"{words.say('Net')} ({copy.currency})", "number"),
    ]
    return table(words.say("Lines"), columns, [_line(line, words) for line in copy.lines], level=2)


def _line(line: PrintedLine, words: Words) -> Block:
    notes = " · ".join(filter(None, (line.program, line.sku, line.service_account, line.corrects)))
    quantity = "" if line.quantity is None else f"{words.quantity(line.quantity)} {line.unit}".strip()
    return row(
        [
            str(line.line),
            cell(line.description, notes),
            _service(line, words),
            printable(quantity),
            _price(line, words),
            words.figure(line.amount),
        ]
    )


def _service(line: PrintedLine, words: Words) -> str:
    days = (line.service_from, line.service_to)
    return " – ".join(unbroken(words.day(day)) for day in days) if all(days) else ""


def _price(line: PrintedLine, words: Words) -> object:
    if line.unit_price is None:
        return ""
    base = f" / {words.quantity(line.price_base_quantity)}" if line.price_base_quantity != 1 else ""
    discount = f"−{words.quantity(line.discount_percent)} %" if line.discount_percent else ""
    return cell(words.price(line.unit_price) + base, discount)


def _totals(copy: InvoiceCopy, words: Words) -> Block:
    rows = [
        row([words.say("Net"), words.figure(copy.net)]),
        *(row([_tax_name(tax, words), words.figure(tax.amount)]) for tax in copy.taxes),
        row([words.say("Total"), words.figure(copy.total)], "total"),
    ]
    columns = [(words.say("What"), "text"), (f"{words.say('Amount')} ({copy.currency})", "number")]
    return {**table(words.say("Totals"), columns, rows, level=2), "narrow": True}


def _tax_name(tax: PrintedTax, words: Words) -> object:
    base = words.say("on %(amount)s", amount=words.figure(tax.base))
    return cell(f"{words.label(tax.code)} {words.quantity(tax.rate)} %", "; ".join(filter(None, (base, tax.reason))))
