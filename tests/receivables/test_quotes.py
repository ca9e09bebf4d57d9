"""Numbers of documents in free text: found at digit boundaries, not in what only looks like them."""

import pytest

from prisma_batch.receivables.quotes import TextIndex
from prisma_batch.receivables.references import spellings

INDEX = TextIndex.of(
    (document, reference)
    for document, reference in {
        "INV-2026-00123": "INV-2026-00123",
        "INV-2026-00124": "INV-2026-00124",
        "447449": "447449",
        "20261015": "20261015",
        "34049": "34049",
        "41/11/2022_InHouse_GmbH": "41/11/2022_InHouse_GmbH",
        "H-9": "H-9",
        "INV-500": "RF18539007547034",
    }.items()
)


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("INV-2026-00123", ["INV-2026-00123"]),
        ("payment of inv 2026 00123, thanks", ["INV-2026-00123"]),
        ("INV202600123", ["INV-2026-00123"]),
        ("Invoice: INV/2026/00123.", ["INV-2026-00123"]),
        ("Rechnung Nr. 2026-00123", ["INV-2026-00123"]),
        ("Invoices 2026-00123, 2026-00124", ["INV-2026-00123", "INV-2026-00124"]),
        ("INV-2026-00123 and INV-2026-00124", ["INV-2026-00123", "INV-2026-00124"]),
        ("INV-2026-00123 15.10.2026", ["INV-2026-00123"]),
        ("facture n° 447449", ["447449"]),
        ("Client 465838,  Invoice Number 447449", ["447449"]),
        ("41/11/2022_InHouse_GmbH 249503", ["41/11/2022_InHouse_GmbH"]),
        ("ref RF18 5390 0754 7034 thanks", ["INV-500"]),
        ("H-9", ["H-9"]),
        ("H-9 1", ["H-9"]),
    ],
)
def test_numbers_that_are_named(text: str, documents: list[str]) -> None:
    assert sorted(quote.document for quote in INDEX.quotes(text) if quote.named) == documents


@pytest.mark.parametrize(
    ("text", "likely"),
    [("2026-00123", True), ("202600123", True), ("thanks 447449", False), ("PO 4711, 2026-00123", True)],
)
def test_bare_digits_only_hint(text: str, likely: bool) -> None:
    [quote] = INDEX.quotes(text)
    assert (quote.named, quote.likely) == (False, likely)


@pytest.mark.parametrize(
    "text",
    [
        *("PO 2026-00123", "Order no. 447449", "Bestellung 447449", "purchase order: 2026-00123", "PO2026-00123"),
        *("customer 447449", "Kunden-Nr. 447449", "Tel. 447449", "tel +447449", "phone 00 447449"),
        *(
            "2026-10-15",
            "15.10.2026",
            "NL91ACME0000447449",
            "NL91 ACME 0000 4474 49",
            "EUR 34049",
            "340.49",
            "34049,00",
        ),
        *("1447449", "4474490", "447449-1", "1-447449", "A447449B", "447449B"),
        *("INV-2026-0012", "INV-2026-001234", "XINV-2026-00123B", "INV-2026-00123B", "INV-2026-00123-1"),
        *("9", "HH-9", "H-99", "", "no digits", "RF18 5390 0754 7035"),
    ],
)
def test_look_alikes_are_left_alone(text: str) -> None:
    assert INDEX.quotes(text) == ()


CROWD = {f"{chr(65 + number % 26)}{chr(65 + number // 26)}-0001": "" for number in range(60)} | {
    "F-0001-X": "",
    "0001": "",
}


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("AB-0001", ["AB-0001"]),
        ("payment ab 0001, thanks", ["AB-0001"]),
        ("AA-0001 AB-0001", ["AA-0001", "AB-0001"]),
        ("f 0001 x", ["F-0001-X"]),
        ("F-0001-XY", []),
        ("ZZ-0001", []),
        ("CAB-0001", []),
        ("invoice 0001", ["0001"]),
    ],
)
def test_of_a_crowd_with_the_same_digits_letters_tell_which(text: str, documents: list[str]) -> None:
    crowd = TextIndex.of((name, name) for name in CROWD)
    assert sorted(quote.document for quote in crowd.quotes(text) if quote.named) == documents
    assert list(crowd.hits([text])) == [0]


def test_what_a_crowd_has_in_common_tells_nothing() -> None:
    assert TextIndex.of((f"D-{number}", "RATE-2026") for number in range(51)).quotes("RATE-2026") == ()
    assert len(TextIndex.of((f"D-{number}", "RATE-2026") for number in range(50)).quotes("RATE-2026")) == 50


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RF18 5390 0754 7034", "rf18539007547034"),
        ("RF18000000000539007547034", "RF18 5390 0754 7034"),
        ("+++090/9337/55493+++", "090933755493"),
        ("210000000003139471430009017", "21 00000 00003 13947 14300 09017"),
        ("000000000000000000001878583", "000000000000000000001878583"),
    ],
)
def test_one_reference_in_several_spellings(one: str, other: str) -> None:
    assert set(spellings(one)) & set(spellings(other))


@pytest.mark.parametrize("text", ["", "  ", "NOTPROVIDED", "not provided", "NONREF", "x" * 141])
def test_what_is_no_reference_has_no_spelling(text: str) -> None:
    assert spellings(text) == ()


def test_wrong_check_digits_are_no_other_spelling() -> None:
    assert spellings("RF19000539007547034") == ("RF19000539007547034",)
    assert spellings("+++090/9337/55494+++") == ("+++090/9337/55494+++",)
