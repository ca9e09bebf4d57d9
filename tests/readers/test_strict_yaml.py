"""Strict YAML: what is refused and where, what is accepted and as what, and where pointers lead."""

import time
import unicodedata
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from prisma_batch.base.findings import Finding
from prisma_batch.readers.strict_yaml import Document, locate, parse

AMBIGUOUS_WORDS = "y Y yes Yes YES n N no No NO on On ON off Off OFF True TRUE False FALSE Null NULL = <<".split()
AMBIGUOUS_NUMBERS = [
    "010", "0123", "08", "00", "-0", "+1", "-010", "0o7", "0O7", "0x1F", "-0x1f", "0b1", "1_000", "0_7", "-_1",
    "12:30", "190:20:30", "190:20:30.15", "1e3", "1E5", "1e-3", "1.5", "-1.5", "1.", ".5", "1.5e3", "6.8523015e+5",
    "1,000", "281,40", "1.2.3", ".", ".nan", ".NaN", ".inf", "-.inf", "+.INF",
    "9223372036854775808", "-9223372036854775808", "1" * 5000,
]  # fmt: skip
AMBIGUOUS_TIMES = [
    "2026-1-1", "2026-10-1", "2026-10-01T09:12:00", "2026-10-01 09:12:00", "2026-10-01 09:12:00Z",
    "2026-10-01 09:12:00 +01:00", "2026-10-01t09:12:00Z", "2026-10-01T09:12:00z", "2026-10-01T09:12:00+1",
    "2026-10-01T9:12:00Z", "2026-10-01T09:12Z",
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "code", "line", "column"),
    [
        # encoding and characters, in comments too
        (b"\xef\xbb\xbfa: b\n", "encoding", 1, 1),
        ("a: b\n".encode("utf-16"), "encoding", 1, 1),
        ("a: b\n".encode("utf-16-le"), "control-character", 1, 2),
        (b"a: b\nc: caf\xe9\n", "encoding", 2, 7),
        ("é: ".encode() + b"\xff", "encoding", 1, 4),
        (b"a: \xed\xa0\x80\n", "encoding", 1, 4),
        (b"a: \xc0\xaf\n", "encoding", 1, 4),
        (b"a: b\n# \x00\n", "control-character", 2, 3),
        (b"a: \x07\n", "control-character", 1, 4),
        (b"a: \x1b[31m\n", "control-character", 1, 4),
        (b"a: b\x7f\n", "control-character", 1, 5),
        ("a: \x9b\n".encode(), "control-character", 1, 4),
        ("a: \uffff\n".encode(), "control-character", 1, 4),
        (b"a: b\x0cc\n", "control-character", 1, 5),
        (b"a: b\rc: d\n", "line-break", 1, 5),
        (b"a: b\r\nc: d\r\r\n", "line-break", 2, 5),
        ("a: b\x85c: d\n".encode(), "line-break", 1, 5),
        ("a: b\u2028c: d\n".encode(), "line-break", 1, 5),
        ("a: b\u2029c: d\n".encode(), "line-break", 1, 5),
        ("a: b\nname: Jo\u202ehn\n".encode(), "invisible-character", 2, 9),
        ("a: \u2066b\n".encode(), "invisible-character", 1, 4),
        ("a: b\u200b\n".encode(), "invisible-character", 1, 5),
        ("a\u200d: b\n".encode(), "invisible-character", 1, 2),
        ("a: b\n# c\ufeff\n".encode(), "invisible-character", 2, 4),
        ("a: b\u00adc\n".encode(), "invisible-character", 1, 5),
        ("a: b\u061c\n".encode(), "invisible-character", 1, 5),
        ("a: b\u3164\n".encode(), "invisible-character", 1, 5),
        ("a: b\U000e0041\n".encode(), "invisible-character", 1, 5),
        # the same, hidden behind escapes
        (rb'a: "b\0"', "control-character", 1, 4),
        (rb'a: "b\e[0m"', "control-character", 1, 4),
        (rb'a: "b\x7f"', "control-character", 1, 4),
        (rb'a: "b\rc"', "line-break", 1, 4),
        (rb'a: "b\r\nc"', "line-break", 1, 4),
        (rb'a: "b\Nc"', "line-break", 1, 4),
        (rb'a: "b\Lc"', "line-break", 1, 4),
        (rb'a: "b\Pc"', "line-break", 1, 4),
        (rb'a: "b\u202ec"', "invisible-character", 1, 4),
        (rb'a: "b\u200bc"', "invisible-character", 1, 4),
        (rb'"a\ufeff": b', "invisible-character", 1, 1),
        (rb'a: ["b", "\U000e0041"]', "invisible-character", 1, 10),
        (rb'a: "b\n"', "final-newline", 1, 4),
        (b"a: 'b\n\n  '\n", "final-newline", 1, 4),
        (rb'a: "\ud800"', "yaml-syntax", 1, 7),
        (rb'a: "\ud83d\ude00"', "yaml-syntax", 1, 7),
        # normal form
        ("a: b\nname: Jose\u0301\n".encode(), "not-nfc", 2, 7),
        ("a: 'Jose\u0301'\n".encode(), "not-nfc", 1, 4),
        ("a: |\n  Jose\u0301\n".encode(), "not-nfc", 1, 4),
        ("Jose\u0301: b\n".encode(), "not-nfc", 1, 1),
        (rb'a: "Jose\u0301"', "not-nfc", 1, 4),
        # more than one document, or none
        (b"", "empty-document", 1, 1),
        (b"\n  \n", "empty-document", 1, 1),
        (b"# only a comment\n", "empty-document", 1, 1),
        (b"---\n", "empty-document", 2, 1),
        (b"~\n", "empty-document", 1, 1),
        (b"a: b\n---\nc: d\n", "second-document", 2, 1),
        (b"a: b\n---\n", "second-document", 2, 1),
        (b"a: b\n...\n---\nc: d\n", "second-document", 3, 1),
        (b"a: b\n...\nc: d\n", "yaml-syntax", 3, 1),
        (b"a: b\n<<<<<<< HEAD\nc: d\n", "conflict-marker", 2, 1),
        (b"a: b\n=======\nc: d\n", "conflict-marker", 2, 1),
        (b"a: b\r\n=======\r\nc: d\r\n", "conflict-marker", 2, 1),
        (b"a: b\n>>>>>>> theirs\n", "conflict-marker", 2, 1),
        # directives, tags, anchors
        (b"%YAML 1.1\n---\na: b\n", "directive", 1, 1),
        (b"# c\r\n\r\n%TAG ! tag:x.example,2026:\r\n---\r\na: b\r\n", "directive", 3, 1),
        (b"%NEW x\n---\na: b\n", "directive", 1, 1),
        (b"a: b\n...\n%YAML 1.1\n%YAML 1.1\n---\nc: d\n", "directive", 4, 1),
        (b"a: !!str b\n", "tag", 1, 4),
        (b"a: b\nc: !!python/object/apply:os.system [x]\n", "tag", 2, 4),
        (b"a: !x {b: c}\n", "tag", 1, 4),
        (b"a: ! b\n", "tag", 1, 4),
        (b'a: ! "b"\n', "tag", 1, 4),
        (b"!!str a: b\n", "tag", 1, 1),
        (b"!!map {a: b}\n", "tag", 1, 1),
        (b"a: !e!x b\n", "tag", 1, 4),
        (b"a: !<%ED%A0%80> b\n", "tag", 1, 4),
        (b"a: !%FF b\n", "tag", 1, 5),
        (b"! \n", "tag", 1, 1),
        (b"a: &x b\n", "alias", 1, 4),
        (b"a: &x [b]\n", "alias", 1, 4),
        (b"&x a: b\n", "alias", 1, 1),
        (b"a: b\nc: *x\n", "alias", 2, 4),
        (b"a: b\n*x : c\n", "alias", 2, 1),
        (b"a: * b\n", "alias", 1, 5),
        (b"a: [b, *x]\n", "alias", 1, 8),
        (b"a: b\n<<: {c: d}\n", "alias", 2, 1),
        # keys
        (b"a: b\nc: d\na: e\n", "duplicate-key", 3, 1),
        (b"a: b\n'a': c\n", "duplicate-key", 2, 1),
        (rb'{a: b, "\x61": c}', "duplicate-key", 1, 8),
        (b"x:\n  - {a: b, c: d, a: e}\n", "duplicate-key", 2, 18),
        (b"1: a\n", "key-not-text", 1, 1),
        (b"a: b\ntrue: c\n", "key-not-text", 2, 1),
        (b"no: a\n", "key-not-text", 1, 1),
        (b"~: a\n", "key-not-text", 1, 1),
        (b"? \n: a\n", "key-not-text", 1, 2),
        (b"1.5: a\n", "key-not-text", 1, 1),
        (b"2026-10-01: a\n", "key-not-text", 1, 1),
        (b"12:30: a\n", "key-not-text", 1, 1),
        (b"? [a]\n: b\n", "key-not-text", 1, 3),
        (b"{{a: b}: c}\n", "key-not-text", 1, 2),
        # a day to YAML 1.1 that it cannot read, any text to YAML 1.2
        (b"a: 2026-13-01\n", "impossible-time", 1, 4),
        (b"- 2026-02-30\n", "impossible-time", 1, 3),
        # depth: the seventeenth collection
        (b"[" * 17 + b"]" * 17, "too-deep", 1, 17),
        (b"{a: " * 17 + b"1" + b"}" * 17, "too-deep", 1, 65),
        (b"- " * 17 + b"a", "too-deep", 1, 33),
        (b"".join(b" " * level + b"a:\n" for level in range(20)), "too-deep", 17, 17),
        # syntax
        (b"a: b: c\n", "yaml-syntax", 1, 5),
        (b"a: b\n  c: d\n", "yaml-syntax", 2, 4),
        (b"a:\n\t- b\n", "yaml-syntax", 2, 1),
        (b"a: @b\n", "yaml-syntax", 1, 4),
        (b'a: "\\q"\n', "yaml-syntax", 1, 5),
        (b"a: {b: c}}\n", "yaml-syntax", 1, 10),
        (b"a: b\nc: [d, e\n", "yaml-syntax", 2, 4),
        (b'a: b\nc: "d\n', "yaml-syntax", 2, 4),
        (b": a\n", "yaml-syntax", 1, 1),
    ],
)  # fmt: skip
def test_a_fault_is_refused_where_it_is(content: bytes, code: str, line: int, column: int) -> None:
    assert refused(content) == (code, line, column)


@pytest.mark.parametrize("scalar", [*AMBIGUOUS_WORDS, *AMBIGUOUS_NUMBERS, *AMBIGUOUS_TIMES])
def test_a_plain_scalar_that_parsers_read_differently_is_refused_unless_quoted(scalar: str) -> None:
    assert refused(f"a: b\nc: {scalar}\n".encode()) == ("ambiguous-scalar", 2, 4)
    assert refused(f"- b\n- {scalar}\n".encode()) == ("ambiguous-scalar", 2, 3)
    assert accepted(f'- {scalar!r}\n- "{scalar}"\n'.encode()) == [scalar, scalar]


@pytest.mark.parametrize("scalar", sorted({*AMBIGUOUS_WORDS, *AMBIGUOUS_NUMBERS, *AMBIGUOUS_TIMES} - {"on", "<<"}))
def test_a_plain_scalar_that_parsers_read_differently_is_no_key_unless_quoted(scalar: str) -> None:
    assert refused(f"{{a: b, ? {scalar} : c}}".encode()) == ("key-not-text", 1, 10)
    assert accepted(f"? '{scalar}'\n: a\n".encode()) == {scalar: "a"}


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"a: true\nb: false\n", {"a": True, "b": False}),
        (b"a: null\nb: ~\nc:\n", {"a": None, "b": None, "c": None}),
        (b"[0, 7, -7, 120]", [0, 7, -7, 120]),
        (b"[9223372036854775807, -9223372036854775807]", [2**63 - 1, 1 - 2**63]),
        (b"[2026-10-01, 2026-10]", ["2026-10-01", "2026-10"]),
        (b"['2026-13-01', 2028-02-29]", ["2026-13-01", "2028-02-29"]),
        (b"a: 2026-10-01T09:12:00Z\n", {"a": "2026-10-01T09:12:00Z"}),
        (b"a: 2026-10-01T09:12:00.25+01:00\n", {"a": "2026-10-01T09:12:00.25+01:00"}),
        (b"- 9EA-00039\n- 24/7\n- 5%\n- 1e\n- 0x\n- -a\n", ["9EA-00039", "24/7", "5%", "1e", "0x", "-a"]),
        (b"[tRUE, nULL, yEs, nan, inf, NA]", ["tRUE", "nULL", "yEs", "nan", "inf", "NA"]),
        (b"['007', \"NA\", 'NULL', '1E5']", ["007", "NA", "NULL", "1E5"]),
        (b"a: Acme Hosting B.V.\n", {"a": "Acme Hosting B.V."}),
        (b"a: b\r\nc:\r\n  - d # why\r\n", {"a": "b", "c": ["d"]}),
        (b"# comment\n---\na: b # another\n...\n# last\n", {"a": "b"}),
        (b"- {on: 2026-11-20, kind: hold}\n", [{"on": "2026-11-20", "kind": "hold"}]),
        (b"'<<': a\n'1': b\n", {"<<": "a", "1": "b"}),
        (b"? |\n  a\n: b\n", {"a": "b"}),
        ("a: Zoë Łukasz 山田 Ωμέγα\n".encode(), {"a": "Zoë Łukasz 山田 Ωμέγα"}),
        ("a: 'Zoë'\nb: \"Zoë\"\n".encode(), {"a": "Zoë", "b": "Zoë"}),
        ("a: é # Jose\u0301\n".encode(), {"a": "é"}),
        (b'a: "tab\\there, \\u00e9, two\\nlines"\n', {"a": "tab\there, é, two\nlines"}),
        (b"a: 'it''s'\n", {"a": "it's"}),
        (b"a: |\n  one\n  two\n\nb: >+\n  one\n  two\n\n", {"a": "one\ntwo", "b": "one two"}),
        (b"a: one\n  two\n", {"a": "one two"}),
        (b"a: ======= b\nc: <<<<<<< d\n", {"a": "======= b", "c": "<<<<<<< d"}),
        (b"a: {}\nb: []\nc: ''\n", {"a": {}, "b": [], "c": ""}),
        (b"[[a, [b]], {c: {d: e}}]", [["a", ["b"]], {"c": {"d": "e"}}]),
        (b"x: {a: b}\ny1: {a: b}\n", {"x": {"a": "b"}, "y1": {"a": "b"}}),
        (b"a\n", "a"),
    ],
)
def test_what_every_parser_reads_alike_is_accepted(content: bytes, value: Any) -> None:
    assert accepted(content) == value


def test_sixteen_levels_are_accepted() -> None:
    assert isinstance(parse(b"[" * 16 + b"]" * 16, "r.yaml"), Document)


@pytest.mark.parametrize("opening", [b"[", b"- ", b"{a: ", b"{"])
def test_a_flood_of_openings_is_refused_at_once(opening: bytes) -> None:
    started = time.perf_counter()
    code, _, _ = refused(opening * 200_000)
    assert code == ("key-not-text" if opening == b"{" else "too-deep")
    assert time.perf_counter() - started < 1


def test_a_finding_names_the_file_and_never_quotes_it() -> None:
    finding = parse(b"email: jane.doe@acme.example\nemail: *jane.doe@acme.example\n", "contacts/ACME-001.yaml")
    assert isinstance(finding, Finding)
    assert finding.source == "contacts/ACME-001.yaml"
    assert "jane" not in finding.message + finding.remedy
    assert finding.remedy


def test_an_ambiguous_value_is_told_to_be_quoted() -> None:
    finding = parse(b"language: no\n", "r.yaml")
    assert isinstance(finding, Finding)
    assert "quote it" in finding.remedy


def test_a_syntax_fault_passes_on_what_the_parser_says() -> None:
    finding = parse(b"a: b: c\n", "r.yaml")
    assert isinstance(finding, Finding)
    assert finding.message == "this is not valid YAML: mapping values are not allowed in this context"


texts = (
    st.text(st.characters(categories=("L", "N", "P", "Zs"), include_characters="\n\t$+<=>^`|~ "), max_size=30)
    .map(lambda text: unicodedata.normalize("NFC", text.rstrip("\n")))
    .filter(lambda text: not set(text) & set("\u115f\u1160\u3164\uffa0"))
)
numbers = st.integers(-(2**63) + 1, 2**63 - 1)
values = st.recursive(
    texts | numbers | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


class QuotedDumper(yaml.SafeDumper):
    """Writes every text in double quotes."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the name and the argument are PyYAML's
        return True


QuotedDumper.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
)


@given(values, st.booleans(), st.booleans())
def test_values_written_with_quoted_text_come_back_the_same(value: Any, in_flow: bool, escaped: bool) -> None:
    written = yaml.dump(value, Dumper=QuotedDumper, default_flow_style=in_flow, allow_unicode=not escaped)
    assert accepted(written.encode()) == value


@given(st.text(st.sampled_from("ab01-:?,[]{}&*!%#|>'\"\\<= \t\n\r.~né\u0301\u202e\ufeff")) | st.binary(max_size=40))
def test_any_bytes_give_a_document_or_one_finding_with_its_place(content: str | bytes) -> None:
    parsed = parse(content.encode() if isinstance(content, str) else content, "r.yaml")
    if isinstance(parsed, Finding):
        assert (parsed.line or 0) >= 1
        assert (parsed.column or 0) >= 1


CONTACTS = b"""\
# contacts
account: ACME-001
contacts:
  billing:
    - first_name: Jane
      email: jane.doe@acme.example
    - {first_name: Joe, email: joe@acme.example}
  "a/b~c": []
  ? |
    block
  : [one,
     two]
"""


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        ("", (2, 1)),
        ("/account", (2, 1)),
        ("/contacts", (3, 1)),
        ("/contacts/billing", (4, 3)),
        ("/contacts/billing/0", (5, 7)),
        ("/contacts/billing/0/email", (6, 7)),
        ("/contacts/billing/1", (7, 7)),
        ("/contacts/billing/1/email", (7, 25)),
        ("/contacts/a~1b~0c", (8, 3)),
        ("/contacts/block/1", (12, 6)),
        ("/name", (2, 1)),
        ("/contacts/billing/1/last_name", (7, 7)),
        ("/contacts/billing/2/email", (4, 3)),
        ("/contacts/statement/0/email", (3, 1)),
        ("no pointer", (2, 1)),
    ],
)
def test_a_pointer_leads_to_its_key_or_item_or_to_the_nearest_parent(wanted: str, place: tuple[int, int]) -> None:
    assert locate(CONTACTS, [wanted]) == {wanted: place}


def test_in_a_file_that_does_not_parse_pointers_lead_to_the_fault() -> None:
    assert locate(b"a: b\nc: no\n", ["/a", "/c"]) == {"/a": (2, 4), "/c": (2, 4)}


def refused(content: bytes) -> tuple[str, int | None, int | None]:
    parsed = parse(content, "r.yaml")
    assert isinstance(parsed, Finding), parsed
    return parsed.code, parsed.line, parsed.column


def accepted(content: bytes) -> Any:
    parsed = parse(content, "r.yaml")
    assert isinstance(parsed, Document), parsed
    return parsed.value
