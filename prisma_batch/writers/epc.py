"""The QR code of a SEPA credit transfer, which banking apps read.

Source: EPC069-12 (quick response code: guidelines to enable data capture for the initiation of a credit transfer).
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO

import segno

from prisma_batch.records.settings import BankAccount
from prisma_batch.views.payment import PaymentRequest
from prisma_batch.writers.texts import one_line

# Countries whose accounts a SEPA credit transfer reaches (EPC409-09), by the first two letters of an IBAN.
_SEPA = frozenset(
    "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE "
    "SI SK SM VA".split()
)
_NAME_MAX, _TEXT_MAX, _BYTES_MAX = 70, 140, 331
_UTF_8 = "1"
_LARGEST_CENTS = 99_999_999_999
_MASK = 3  # any of the eight is read; finding the one that is rated best takes longer than all the rest
_CREDITOR_REFERENCE = re.compile(r"RF[0-9]{2}[A-Za-z0-9]{1,21}")  # ISO 11649


def epc_svg(request: PaymentRequest, creditor: str, accounts: Sequence[BankAccount]) -> str | None:
    """Return the code as SVG, or None: another currency, no IBAN, no amount, or too much to tell.

    Args:
        creditor: whom the account belongs to.
        accounts: where to pay; the first that a SEPA credit transfer reaches is taken.
    """
    account = next(filter(_is_reached, accounts), None)
    if (
        account is None
        or account.iban is None
        or request.amount.currency != "EUR"
        or not 0 < request.amount.minor <= _LARGEST_CENTS
    ):
        return None
    content = _content(request, one_line(creditor)[:_NAME_MAX], account)
    return _drawn(content) if len(content) <= _BYTES_MAX else None


@lru_cache(maxsize=1024)  # months that are run one after another ask for most of the same
def _drawn(content: bytes) -> str:
    drawn = BytesIO()
    code = segno.make_qr(content, error="m", boost_error=False, mask=_MASK)
    code.save(drawn, kind="svg", xmldecl=False, svgclass=None, lineclass=None, omitsize=True, nl=False)
    return drawn.getvalue().decode()


def _content(request: PaymentRequest, creditor: str, account: BankAccount) -> bytes:
    told = " ".join(request.references)
    is_structured = bool(_CREDITOR_REFERENCE.fullmatch(told))
    amount = f"EUR{request.amount.amount:.2f}".rstrip("0").rstrip(".")
    elements = ["BCD", "002", _UTF_8, "SCT", account.bic or "", creditor.strip(), account.iban or "", amount, ""]
    elements += [told] if is_structured else ["", _shortened(request.references)]
    return "\n".join(elements).encode()


def _is_reached(account: BankAccount) -> bool:
    return account.iban is not None and account.iban[:2] in _SEPA and account.currency in (None, "EUR")


def _shortened(references: Sequence[str]) -> str:
    """Return as many whole references as the code holds; one that is too long alone is cut."""
    told = ""
    for reference in map(one_line, references):
        longer = f"{told} {reference}".strip()
        if len(longer) > _TEXT_MAX:
            break
        told = longer
    return told or one_line(references[0])[:_TEXT_MAX]
