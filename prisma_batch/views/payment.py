"""What a customer is asked to pay in one transfer, where to and with what reference, and what is collected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from prisma_batch.records.settings import BankAccount, Issuer
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.views.amounts import Money
from prisma_batch.views.notices.layout import Text, Value, say
from prisma_batch.views.parties import bank_accounts_for

_REFERENCES_SHOWN = 8

NOTHING_TO_PAY = say("There is nothing to pay now.")


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentRequest:
    """One amount, and the references by which the payment is recognised."""

    amount: Money
    references: tuple[str, ...]


def account_number(account: BankAccount) -> str:
    """Return the number of a bank account, an IBAN in groups of four as people read it."""
    iban = account.iban or ""
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4)) or account.number or ""


def payment_references(snapshot: Snapshot) -> Mapping[str, str]:
    """Return what is quoted to pay a document, where that is not its number."""
    return {own.number: own.payment_reference for own in snapshot.documents if own.payment_reference}


def paying_facts(
    issuer: Issuer, references: Mapping[str, str], owed: Iterable[tuple[str, str]]
) -> tuple[tuple[Text, Value], ...]:
    """Return where to pay what a message asks for, and what to quote; nothing where the issuer names no account.

    Args:
        references: of ``payment_references``.
        owed: documents, each with its currency.
    """
    pairs = list(dict.fromkeys(owed))
    currencies = dict.fromkeys(currency for _, currency in pairs)
    accounts = dict.fromkeys(own for code in currencies for own in bank_accounts_for(issuer.bank_accounts, code))
    quoted = list(dict.fromkeys(references.get(document, document) for document, _ in pairs))
    shown = ", ".join(quoted[:_REFERENCES_SHOWN]) + (" …" if len(quoted) > _REFERENCES_SHOWN else "")
    quote = [(say("Quote with your payment"), shown)] if accounts else []
    return (*((say("Pay to"), _account_text(own)) for own in accounts), *quote)


def _account_text(account: BankAccount) -> str:
    bic = f"BIC\N{NO-BREAK SPACE}{account.bic}" if account.bic else ""
    return ", ".join(filter(None, (account_number(account), bic, account.name)))


def asked(amount: Money, day: date | None, collected_by: str) -> Text:
    """Return what becomes of an amount that is due on a day: the customer pays it, or it is collected.

    Args:
        collected_by: ``direct_debit`` or ``card``; nothing where the customer pays.
    """
    if not amount.minor or day is None:
        return NOTHING_TO_PAY
    if collected_by == "direct_debit":
        return say("We collect %(amount)s by direct debit on %(day)s.", amount=amount, day=day)
    if collected_by == "card":
        return say("We charge %(amount)s to your card on %(day)s.", amount=amount, day=day)
    return say("Please pay %(amount)s by %(day)s.", amount=amount, day=day)
