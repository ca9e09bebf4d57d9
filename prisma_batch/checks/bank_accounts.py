"""The issuer's bank accounts: IBANs that can be paid to."""

from collections.abc import Iterator

from prisma_batch.base.findings import Finding, pointer
from prisma_batch.records.settings import Settings


def check_ibans(settings: Settings) -> Iterator[Finding]:
    """Yield ``iban-invalid`` where an IBAN has wrong check digits or a wrong length: customers would pay nobody.

    FAIL: ``iban: NL02ABNA0123456798``. PASS: ``iban: NL02ABNA0123456789``.
    Source: ISO 13616 (structure by country); ISO 7064 (MOD 97-10).
    """
    for index, account in enumerate(settings.issuer.bank_accounts):
        if account.iban and not _is_iban(account.iban):
            yield Finding(
                code="iban-invalid",
                message="no bank account has this IBAN: its check digits or its length are wrong",
                remedy="copy it from a statement of the account",
                source=settings.source,
                pointer=pointer("issuer", "bank_accounts", index, "iban"),
            )


def _is_iban(text: str) -> bool:
    from stdnum import iban  # noqa: PLC0415 - only where prisma.yaml itself is judged

    return bool(iban.is_valid(text))
