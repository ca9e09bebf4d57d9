"""The QR code for a transfer holds what EPC069-12 says, and is absent where no SEPA credit transfer can pay."""

from pathlib import Path

import pytest
import zxingcpp

from prisma_batch.records.settings import BankAccount
from prisma_batch.views.amounts import Money
from prisma_batch.views.payment import PaymentRequest
from prisma_batch.writers.epc import epc_svg

EURO = BankAccount(iban="DE02120300000000202051", bic="BYLADEM1001", currency="EUR")


def request(minor: int = 34_049, currency: str = "EUR", *references: str) -> PaymentRequest:
    return PaymentRequest(amount=Money(minor, currency), references=references or ("INV-2026-00123",))


def scanned(svg: str | None, folder: Path) -> zxingcpp.Barcode:
    """Draw the code and read it as a banking app does."""
    numpy, image = pytest.importorskip("numpy"), pytest.importorskip("PIL.Image")
    assert svg is not None
    import typst  # noqa: PLC0415

    (folder / "code.typ").write_text(
        '#set page(width: 60mm, height: 60mm, margin: 5mm)\n#image("code.svg", width: 50mm)', encoding="utf-8"
    )
    (folder / "code.svg").write_text(svg, encoding="utf-8")
    typst.compile(folder / "code.typ", output=folder / "code.png", format="png", ppi=200.0)
    pixels = numpy.array(image.open(folder / "code.png").convert("L"))
    (found,) = zxingcpp.read_barcodes(pixels, zxingcpp.BarcodeFormat.QRCode)
    return found


def test_a_transfer_with_an_invoice_number(tmp_path: Path) -> None:
    found = scanned(epc_svg(request(), "Example Services GmbH", [EURO]), tmp_path)
    assert (found.ec_level, found.symbology_identifier) == ("M", "]Q1")
    assert found.text.split("\n") == [
        "BCD", "002", "1", "SCT", "BYLADEM1001", "Example Services GmbH", "DE02120300000000202051", "EUR340.49", "", "",
        "INV-2026-00123",
    ]  # fmt: skip


def test_a_creditor_reference_stands_in_its_own_field(tmp_path: Path) -> None:
    found = scanned(epc_svg(request(100, "EUR", "RF18539007547034"), "Société Générale ß", [EURO]), tmp_path)
    lines = found.bytes.decode().split("\n")
    assert lines[5] == "Société Générale ß"
    assert lines[7:10] == ["EUR1", "", "RF18539007547034"]


def test_as_many_whole_references_as_fit(tmp_path: Path) -> None:
    references = [f"INV-2026-{n:05}" for n in range(40)]
    text = scanned(epc_svg(request(100, "EUR", *references), "x", [EURO]), tmp_path).text.split("\n")[10]
    assert len(text) <= 140
    assert text.split() == references[: len(text.split())]


@pytest.mark.parametrize(
    ("asked", "account"),
    [
        (request(currency="USD"), EURO),
        (request(0), EURO),
        (request(100_000_000_000), EURO),
        (request(), BankAccount(number="12345")),
        (request(), BankAccount(iban="BR1800360305000010009795493C1", currency="EUR")),
        (request(), BankAccount(iban="DE02120300000000202051", currency="USD")),
    ],
)
def test_no_code_where_no_sepa_transfer_can_pay(asked: PaymentRequest, account: BankAccount) -> None:
    assert epc_svg(asked, "Example Services GmbH", [account]) is None


def test_no_code_where_it_says_more_than_a_code_holds() -> None:
    references = [f"INV-2026-{n:05}" for n in range(40)]
    assert epc_svg(request(100, "EUR", *references), "株" * 70, [EURO]) is None


def test_the_same_code_every_time() -> None:
    assert epc_svg(request(), "x", [EURO]) == epc_svg(request(), "x", [EURO])


def test_codes_are_read_whatever_they_say(tmp_path: Path) -> None:
    for number in range(1, 60):
        references = [f"INV-{number * 7919 % 10**6:06}-{place}" for place in range(number % 10 + 1)]
        found = scanned(epc_svg(request(number**5, "EUR", *references), f"Supplier {number}", [EURO]), tmp_path)
        assert found.text.split("\n")[10].split() == references
