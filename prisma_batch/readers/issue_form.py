"""Read the issue form ``contact-change``: hostile text of which only answers to known questions are taken."""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

from prisma_batch.base.findings import Finding
from prisma_batch.readers.yaml_characters import value_fault

FormChange: TypeAlias = Literal["add", "remove", "verify"]
_T = TypeVar("_T")

# The headings of the issue that the form makes; tests compare them with .github/ISSUE_TEMPLATE/contact-change.yml.
QUESTIONS: Mapping[str, str] = {
    "Account": "account",
    "What should change": "change",
    "Contact types": "contact_types",
    "First name": "first_name",
    "Last name": "last_name",
    "E-mail": "email",
    "Telephone": "phone",
    "Valid from": "valid_from",
    "Valid to": "valid_to",
}
CHANGES: Mapping[str, FormChange] = {
    "Add this contact": "add",
    "Remove this contact": "remove",
    "Confirm this contact": "verify",
}
CONTACT_TYPES: Mapping[str, str] = {
    "Billing": "billing",
    "Statement of account": "statement",
    "Usage reporting": "usage_reporting",
}
BODY_BYTES_MAX = 64 * 1024

_REQUIRED = ("account", "change", "contact_types", "email")
_REQUIRED_TO_ADD = ("first_name", "last_name")
_COPIED = ("account", "email", "first_name", "last_name", "phone", "valid_from", "valid_to")
_HEADING = re.compile(r"^### (.*)$", re.MULTILINE)
_NO_ANSWER = ("", "_No response_")
_ANSWER_CHARACTERS_MAX = 254
_CATALOGUE = {
    "form-encoding": ("the text of the form is not plain UTF-8 of at most 64 KiB", "send the form again"),
    "form-question": (
        "the text does not hold the form's own questions, each once",
        "use the form, and change no heading",
    ),
    "form-missing": ("a question of the form has no answer", "answer: {}"),
    "form-answer": ("an answer is not one line of ordinary text", "write one line for: {}"),
    "form-choice": ("an answer is none of those that the form offers", "choose again for: {}"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactForm:
    """What a person asks for in the form, as they wrote it; an answer that was not given is empty.

    Nothing is checked but its shape: that the account exists, and that the person may change it, is not said here.
    """

    account: str
    change: FormChange
    contact_types: tuple[str, ...]
    email: str
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    valid_from: str = ""
    valid_to: str = ""


def read_issue_form(content: bytes, source: str) -> ContactForm | list[Finding]:
    """Read the body of an issue that the form made, or return what is wrong with it; findings never quote it.

    A parser of issue forms may have read the body before: then it is a JSON object of answers by their field, where the
    answers chosen from a list may be a list.

    Args:
        source: the name that findings give the body.
    """
    try:
        return _form(_answers(content))
    except _Refused as refused:
        return [refused.finding(source)]


class _Refused(Exception):
    def __init__(self, code: str, question: str = "") -> None:
        super().__init__(code)
        self.code, self.question = code, question

    def finding(self, source: str) -> Finding:
        message, remedy = _CATALOGUE[self.code]
        return Finding(code=self.code, message=message, remedy=remedy.format(self.question), source=source)


def _answers(content: bytes) -> dict[str, str]:
    """Return the answer to each question by field; unanswered ones are empty."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise _Refused("form-encoding") from None
    if len(content) > BODY_BYTES_MAX:
        raise _Refused("form-encoding")
    given = _parsed(text) if text.lstrip().startswith("{") else _given(text)
    return {field: _line(given.get(field, ""), question) for question, field in QUESTIONS.items()}


def _given(text: str) -> dict[str, str]:
    before, *parts = _HEADING.split(text.replace("\r\n", "\n"))
    headings = parts[::2]
    if before.strip() or len(set(headings)) < len(headings) or not set(headings) <= set(QUESTIONS):
        raise _Refused("form-question")
    return {QUESTIONS[heading]: answer for heading, answer in zip(headings, parts[1::2], strict=True)}


def _parsed(text: str) -> dict[str, str]:
    try:
        pairs = json.loads(text, object_pairs_hook=list)
    except (ValueError, RecursionError):
        raise _Refused("form-encoding") from None
    fields = [field for field, _ in pairs]
    if len(set(fields)) < len(fields) or not set(fields) <= set(QUESTIONS.values()):
        raise _Refused("form-question")
    return {field: _joined(answer, field) for field, answer in pairs}


def _joined(answer: object, field: str) -> str:
    chosen = answer if isinstance(answer, list) else [answer or ""]
    texts = [text for text in chosen if isinstance(text, str)]
    if len(texts) < len(chosen):
        raise _Refused("form-answer", _question(field))
    return ", ".join(texts)


def _line(text: str, question: str) -> str:
    answer = unicodedata.normalize("NFC", text.strip(" \n"))
    if answer in _NO_ANSWER:
        return ""
    if "\n" in answer or "\t" in answer or len(answer) > _ANSWER_CHARACTERS_MAX or value_fault(answer):
        raise _Refused("form-answer", question)
    return answer


def _form(answers: Mapping[str, str]) -> ContactForm:
    _require(answers, _REQUIRED)
    change = _chosen("change", [answers["change"]], CHANGES)[0]
    types = _chosen("contact_types", answers["contact_types"].split(", "), CONTACT_TYPES)
    if change == "add":
        _require(answers, _REQUIRED_TO_ADD)
    copied = {field: answers[field] for field in _COPIED}
    return ContactForm(change=change, contact_types=tuple(dict.fromkeys(types)), **copied)


def _require(answers: Mapping[str, str], fields: Iterable[str]) -> None:
    for field in fields:
        if not answers[field]:
            raise _Refused("form-missing", _question(field))


def _chosen(field: str, answers: Iterable[str], offered: Mapping[str, _T]) -> list[_T]:
    try:
        return [offered[answer] for answer in answers]
    except KeyError:
        raise _Refused("form-choice", _question(field)) from None


def _question(field: str) -> str:
    return next(question for question, asked in QUESTIONS.items() if asked == field)
