"""What people call accounts and programs, who a document goes to, and how it is paid."""

from prisma_batch.records.agreements import BillTo
from prisma_batch.records.settings import BankAccount
from prisma_batch.records.snapshot import Snapshot


def customer_name(snapshot: Snapshot, account: str) -> str:
    """Return what people call an account: its customer's name, or its id where there is no record."""
    customer = snapshot.customers.get(account)
    return customer.name if customer else account


def program_name(snapshot: Snapshot, program: str) -> str:
    """Return what people call a program, or its id where the settings have none such."""
    known = snapshot.settings.programs.get(program)
    return known.name if known else program


def bill_to(snapshot: Snapshot, account: str) -> BillTo:
    """Return whom a document of the account is addressed to; without an agreement just its name."""
    agreement = snapshot.agreements.get(account)
    return agreement.bill_to if agreement else BillTo(legal_name=customer_name(snapshot, account))


def language_of(snapshot: Snapshot, account: str) -> str:
    """Return the language an account's documents are written in."""
    customer = snapshot.customers.get(account)
    return customer.language if customer else "en"


def bank_accounts_for(accounts: tuple[BankAccount, ...], currency: str) -> tuple[BankAccount, ...]:
    """Return the accounts to pay a currency into: those kept in it, else all."""
    return tuple(account for account in accounts if account.currency == currency) or accounts


def collected_by(snapshot: Snapshot, account: str) -> str:
    """Return how what is due is collected, ``direct_debit`` or ``card``; nothing where the customer pays."""
    agreement = snapshot.agreements.get(account)
    method = agreement.billing.payment_method if agreement else ""
    return method if method in {"direct_debit", "card"} else ""
