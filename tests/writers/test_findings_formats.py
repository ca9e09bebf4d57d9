"""Findings for other programs: what GitHub would drop, SARIF 2.1.0 and JUnit XML."""

import json
import re
from typing import Any

import pytest
from lxml import etree

from prisma_batch import __version__
from prisma_batch.base.findings import Finding, Severity
from prisma_batch.writers.findings import FindingsFormat, findings_text

HOSTILE = 'a\x00\x1b[31m\ufffe\ud800 ]]> <b>&amp; "quoted"\n::error::x\r##[error]y\u202e'
COMMAND = re.compile(r"::(error|warning|notice|group|endgroup)\b")


def finding(code: str, line: int = 1, severity: Severity = "error", **fields: str) -> Finding:
    texts = {"message": "what is wrong", "remedy": "what to do", "source": "a.yaml"} | fields
    return Finding(code=code, line=line, column=2, severity=severity, **texts)


def commands(text: str, level: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(f"::{level}")]


def test_ten_annotations_of_a_level_are_all_there_is() -> None:
    findings = [finding("a", line) for line in range(1, 11)] + [finding("b", line, "warning") for line in range(1, 11)]
    text = findings_text(findings, "github")
    assert (len(commands(text, "error")), len(commands(text, "warning"))) == (10, 10)
    assert len(text.splitlines()) == 20


def test_what_github_would_drop_is_in_the_log_with_a_total() -> None:
    findings = [finding("often", line) for line in range(1, 31)]
    findings += [finding(f"once-{number}", 40) for number in range(5)]
    findings += [finding("w", line, "warning") for line in range(1, 13)]
    lines = findings_text(findings, "github").splitlines()
    shown = [line for line in lines if line.startswith(("::error", "::warning"))]
    assert [re.findall(r"title=([\w-]+)", line)[0] for line in shown[:10]] == [
        *["often", "once-0", "once-1", "once-2", "once-3", "once-4"],
        *["often"] * 4,
    ]
    assert len(commands("\n".join(lines), "warning")) == 10
    assert lines[20] == "::group::27 more"
    assert lines[21] == "a.yaml:6:2: often: what is wrong"
    assert lines[-2] == "::endgroup::"
    assert lines[-1].startswith("::notice title=prisma-batch::35 errors, 12 warnings; ")
    assert len(lines) == 20 + 1 + 2 * 27 + 2


@pytest.mark.parametrize("count", [1, 30])
def test_hostile_text_starts_no_command(count: int) -> None:
    findings = [finding("a", line, source=HOSTILE, message=HOSTILE, remedy=HOSTILE) for line in range(1, count + 1)]
    text = findings_text(findings, "github")
    assert "##[" not in text
    assert len(text.splitlines()) == (1 if count == 1 else 10 + 1 + 2 * 20 + 2)
    started = [line for line in text.splitlines() if re.match(r"\s*::", line)]
    assert [line for line in started if not COMMAND.match(line)] == []
    assert len(started) == (1 if count == 1 else 10 + 3)


SARIF_SHAPE: dict[str, Any] = {
    "$schema": str,
    "version": "2.1.0",
    "runs": [
        {
            "tool": {
                "driver": {
                    "name": "prisma-batch",
                    "version": __version__,
                    "rules": [
                        {
                            "id": str,
                            "shortDescription": {"text": str},
                            "fullDescription": {"text": str},
                            "help": {"text": str},
                        }
                    ],
                }
            },
            "columnKind": "unicodeCodePoints",
            "results": [
                {
                    "ruleId": str,
                    "ruleIndex": int,
                    "level": str,
                    "message": {"text": str},
                    "locations": [
                        {
                            "physicalLocation": {
                                "artifactLocation": {"uri": str},
                                "region": {"startLine": int, "startColumn": int},
                            }
                        }
                    ],
                }
            ],
        }
    ],
}


def departures(value: Any, shape: Any, at: str = "") -> list[str]:
    """List where a value departs from a shape: a type, a constant, a mapping of these keys, a list of one shape."""
    if isinstance(shape, type):
        return [] if type(value) is shape else [at]
    if isinstance(shape, dict):
        if not isinstance(value, dict) or value.keys() != shape.keys():
            return [at]
        return [found for key, inner in shape.items() for found in departures(value[key], inner, f"{at}/{key}")]
    if isinstance(shape, list):
        entries = enumerate(value) if isinstance(value, list) else [("", None)]
        return [found for index, entry in entries for found in departures(entry, shape[0], f"{at}/{index}")]
    return [] if value == shape else [at]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_sarif_has_the_shape_of_the_standard(count: int) -> None:
    log = json.loads(findings_text([finding(f"c{n}", n + 1, "warning") for n in range(count)], "sarif"))
    assert departures(log, SARIF_SHAPE) == []
    (run,) = log["runs"]
    assert len(run["results"]) == len(run["tool"]["driver"]["rules"]) == count


def test_departures_are_found() -> None:
    log = json.loads(findings_text([finding("c")], "sarif"))
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = "1"
    del log["runs"][0]["tool"]["driver"]["name"]
    assert departures(log, SARIF_SHAPE) == [
        "/runs/0/tool/driver",
        "/runs/0/results/0/locations/0/physicalLocation/region/startLine",
    ]


def test_sarif_results_name_rule_level_and_place() -> None:
    findings = [finding("b", 7, source="é b,c.yaml"), finding("a", 8, "warning"), finding("b", 9)]
    (run,) = json.loads(findings_text(findings, "sarif"))["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    results = run["results"]
    assert rules == ["a", "b"]
    assert (
        [rules[result["ruleIndex"]] for result in results]
        == [result["ruleId"] for result in results]
        == ["b", "a", "b"]
    )
    assert [result["level"] for result in results] == ["error", "warning", "error"]
    place = results[0]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "%C3%A9%20b%2Cc.yaml"}, "region": {"startLine": 7, "startColumn": 2}}
    assert results[0]["message"] == {"text": "what is wrong: what to do"}


def suites(findings: list[Finding]) -> Any:
    text = findings_text(findings, "junit")
    return etree.fromstring(text.encode())


def test_junit_has_a_suite_for_each_file_and_a_failure_for_each_error() -> None:
    found = [finding("b", 7), finding("w", 8, "warning"), finding("c", 2, source="b.yaml")]
    root = suites(found)
    assert (root.tag, root.attrib["tests"], root.attrib["failures"]) == ("testsuites", "3", "2")
    assert [(suite.attrib["name"], suite.attrib["tests"], suite.attrib["failures"]) for suite in root] == [
        ("a.yaml", "2", "1"),
        ("b.yaml", "1", "1"),
    ]
    error, warning = root[0]
    assert error.attrib == {"classname": "a.yaml", "name": "b 7:2", "file": "a.yaml", "line": "7"}
    assert [(inner.tag, inner.attrib, inner.text) for inner in error] == [
        ("failure", {"type": "b", "message": "what is wrong"}, "what to do")
    ]
    assert [(inner.tag, inner.text) for inner in warning] == [("system-out", "what is wrong: what to do")]


def test_junit_without_findings_has_a_test_that_passes() -> None:
    root = suites([])
    assert (root.attrib["tests"], root.attrib["failures"], len(root.findall(".//testcase"))) == ("1", "0", 1)


@pytest.mark.parametrize("output_format", ["json", "sarif", "junit"])
def test_hostile_text_leaves_documents_whole(output_format: FindingsFormat) -> None:
    text = findings_text([finding("a", source=HOSTILE, message=HOSTILE, remedy=HOSTILE)], output_format)
    if output_format == "junit":
        (case,) = etree.fromstring(text.encode()).iter("testcase")
        assert (
            case[0].attrib["message"].startswith('a\\x00\\x1b[31m\\ufffe\\ud800 ]]> <b>&amp; "quoted"\\x0a::error::x')
        )
    else:
        json.loads(text)
        assert text.isascii()
