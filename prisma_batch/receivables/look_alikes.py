"""What looks like the number of a document and is none: order numbers, dates, telephone numbers, accounts, amounts."""

import re
from datetime import date
from typing import Literal, TypeAlias

Context: TypeAlias = Literal["invoice", "other", ""]

_FAR = 40
_INVOICE_WORDS = frozenset(
    "INV INVOICE INVOICES INVOICENO INVOICENR RECHNUNG RECHNUNGEN RECHNUNGSNR RECHNUNGSNUMMER RECHN RG RGNR RE RNR "
    "FACTUUR FACTUREN FACTUURNR FACTUURNUMMER FACT FACTURE FACTURES FACTURA FACTURAS FATTURA FATTURE FAKTURA FAKTURY "
    "FAKTURANR FAKTUR FAKTURE LASKU FT FV BILL".split()
)
_OTHER_WORDS = frozenset(
    "PO ORDER ORDERS ORDERNR ORDERNO PURCHASE BESTELLUNG BESTELLNR BESTELNR BESTELLING BESTELNUMMER AUFTRAG AUFTRAGSNR "
    "COMMANDE BC PEDIDO ORDINE ZAMOWIENIE SO QUOTE OFFER ANGEBOT OFFERTE DEVIS CONTRACT VERTRAG CONTRAT TICKET CASE "
    "CUSTOMER CLIENT KUNDE KUNDEN KUNDENNR KUNDENNUMMER KDNR KLANT KLANTNR KLANTNUMMER DEBITOR DEB ACCOUNT KONTO KTO "
    "ACC TEL TELEFON TELEPHONE TELEFOON PHONE FON FAX MOBIL MOBILE MOB GSM HANDY IBAN BIC BLZ VAT UST USTID BTW TVA "
    "KVK STEUERNR MANDATE MANDAT MREF CRED SVWZ PLZ ZIP DELIVERY LIEFERSCHEIN LS TRACKING SHIPMENT".split()
)
# Between the word and its number: the kind of number, and signs.
_WORD_BEFORE = re.compile(r"([A-ZÄÖÜ]+)[^A-Z0-9ÄÖÜ]*(?:(?:NO|NR|NUM|NUMBER|NUMMER|NUMERO|ID|N)[^A-Z0-9ÄÖÜ]*)?$")
# A list of numbers behind one word: the word stands before the first of them.
_LIST_BEFORE = re.compile(
    r"([A-ZÄÖÜ]+)[^A-Z0-9ÄÖÜ]*(?:(?:NO|NR|NUMBER|NUMMER|N)[^A-Z0-9ÄÖÜ]*)?"
    r"[0-9](?:[-/._ ,;+&0-9]|\b(?:AND|UND|EN|ET|E|Y|I)\b)*$"
)
# One number in short blocks behind a word.
_GROUP_BEFORE = re.compile(r"([A-ZÄÖÜ]+)[^A-Z0-9ÄÖÜ]*[0-9]{1,5}(?:[-/. ][0-9]{1,5})*[-/. ]$")
_IBAN = re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}\b")
_AMOUNT = re.compile(r"[0-9]{1,3}(?:[.,' ][0-9]{3})*[.,][0-9]{2}|[0-9]+[.,][0-9]{2}")
_CURRENCY = re.compile(r"(?:EUR|USD|GBP|CHF|PLN|SEK|NOK|DKK|€|\$|£)\s*$")
_YEAR_FIRST = re.compile(r"((?:19|20)[0-9]{2})[-/. ]?([0-9]{2})[-/. ]?([0-9]{2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[-/. ]?([0-9]{1,2})[-/. ]?((?:19|20)[0-9]{2})")
_MONTH = re.compile(r"(?:0?[1-9]|1[0-2])[-/. ](?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}[-/. ](?:0?[1-9]|1[0-2])")


def context_of(text: str, start: int) -> Context:
    """Say what the words before a number say that it is; ``text`` is in capitals."""
    before = text[max(0, start - _FAR) : start]
    found = _WORD_BEFORE.search(before)
    if found and found[1] in _INVOICE_WORDS:
        return "invoice"
    if (found and found[1] in _OTHER_WORDS) or before.endswith("+"):
        return "other"
    grouped = _GROUP_BEFORE.search(before)
    if grouped and grouped[1] in _OTHER_WORDS:
        return "other"
    listed = _LIST_BEFORE.search(before)
    return "invoice" if listed and listed[1] in _INVOICE_WORDS else ""


def is_look_alike(text: str, span: tuple[int, int], *, dotted: bool) -> bool:
    """Say whether digits of a text are a date, an amount or part of an account number.

    Args:
        text: in capitals.
        span: where the digits are.
        dotted: whether the number that they were taken for is written with dots.
    """
    written = text[slice(*span)]
    if _is_date(written) or _CURRENCY.search(text[: span[0]]):
        return True
    if not dotted and (_AMOUNT.fullmatch(written) or re.match(r",[0-9]{2}\b", text[span[1] :])):
        return True
    return any(found.start() <= span[0] and span[1] <= found.end() for found in _IBAN.finditer(text))


def _is_date(written: str) -> bool:
    if _MONTH.fullmatch(written):
        return True
    for pattern, year, day in ((_YEAR_FIRST, 1, 3), (_DAY_FIRST, 3, 1)):
        found = pattern.fullmatch(written)
        if found and _exists(int(found[year]), int(found[2]), int(found[day])):
            return True
    return False


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
