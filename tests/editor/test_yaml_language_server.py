"""An editor session: what people see who write records in an editor that knows YAML.

Needs ``npm install yaml-language-server``, here or on the path; PRISMA_YAML_LANGUAGE_SERVER may name its program.
"""

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
FOLDERS = ("agreements", "cases", "contacts", "invoices", "payments", "usage")
NEEDED = "yaml-language-server is not installed: npm install yaml-language-server"
CONTACT = "{first_name: Jane, last_name: Doe, email: jane.doe@acme.example}"
CUSTOMER = f"""\
# yaml-language-server: $schema=../schemas/contacts.schema.json
account: ACME-001
name: Acme Hosting B.V.
partner: northwind
contacts:
  billing: [{CONTACT}]
  statement: [{CONTACT}]
  usage_reporting: [{CONTACT}]
"""


def server_command() -> list[str] | None:
    """Find the server: where the environment says, on the path, or among the packages of the checkout."""
    named = os.environ.get("PRISMA_YAML_LANGUAGE_SERVER") or shutil.which("yaml-language-server")
    local = REPOSITORY / "node_modules" / ".bin" / "yaml-language-server"
    found = named or (str(local) if local.exists() else None)
    return [found, "--stdio"] if found and shutil.which("node") else None


class Editor:
    """A client of the language server protocol, of which it knows what the tests need."""

    def __init__(self, server: "subprocess.Popen[bytes]", root: Path) -> None:
        assert server.stdin
        assert server.stdout
        self._write, self._read = server.stdin, server.stdout
        self._last_id = self._opened = 0
        self.root = root
        capabilities = {"textDocument": {"completion": {"completionItem": {"snippetSupport": True}}, "hover": {}}}
        self.ask("initialize", {"processId": None, "rootUri": root.as_uri(), "capabilities": capabilities})
        self._send({"method": "initialized", "params": {}})
        settings = {"yaml": {"schemaStore": {"enable": False}, "validate": True, "completion": True, "hover": True}}
        self._send({"method": "workspace/didChangeConfiguration", "params": {"settings": settings}})

    def open(self, text: str, name: str | None = None) -> str:
        """Open a document of the workspace, by default another customer record, that has this text; returns its URI."""
        self._opened += 1
        uri = (self.root / (name or f"contacts/{self._opened}.yaml")).as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        return uri

    def diagnostics(self, text: str, name: str | None = None) -> list[dict[str, Any]]:
        """Open a document and return what the server says is wrong with it."""
        uri = self.open(text, name)
        while True:
            message = self._receive()
            if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri:
                found: list[dict[str, Any]] = message["params"]["diagnostics"]
                return found

    def at(self, method: str, text: str) -> Any:
        """Ask at the place of ``|`` in a text."""
        before, after = text.split("|")
        uri = self.open(before + after)
        position = {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}
        return self.ask(method, {"textDocument": {"uri": uri}, "position": position})

    def ask(self, method: str, params: Any) -> Any:
        self._last_id += 1
        self._send({"id": self._last_id, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == self._last_id and "method" not in message:
                return message["result"]

    def _receive(self) -> Any:
        length = 0
        while line := self._read.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the server has ended"
        message = json.loads(self._read.read(length))
        if "method" in message and "id" in message:
            # What the server asks for (settings, registrations) has no answer here: its defaults and ours hold.
            items = message["params"].get("items", []) if isinstance(message["params"], dict) else []
            self._send({"id": message["id"], "result": [None] * len(items) or None})
        return message

    def _send(self, message: dict[str, Any]) -> None:
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._write.write(b"Content-Length: %d\r\n\r\n%b" % (len(content), content))
        self._write.flush()


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """An editor with a workspace open that has our schemas."""
    command = server_command()
    if command is None:
        pytest.skip(NEEDED)
    root = tmp_path_factory.mktemp("workspace")
    shutil.copytree(REPOSITORY / "schemas", root / "schemas")
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    # A server that hangs must not hang the tests.
    limit = threading.Timer(600, server.kill)
    limit.start()
    try:
        yield Editor(server, root)
    finally:
        limit.cancel()
        server.kill()
        server.communicate()


def messages(diagnostics: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """Return line (from 1) and message of each diagnostic."""
    return [(item["range"]["start"]["line"] + 1, item["message"]) for item in diagnostics]


def offered(completions: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what a person can choose from, by label; kind 10 is a property, 12 a value."""
    return {item["label"]: item for item in completions["items"] if item["kind"] in (10, 12)}


@pytest.mark.parametrize("contact_type", ["billing", "statement", "usage reporting"])
def test_a_type_without_contacts_is_said_in_words(editor: Editor, contact_type: str) -> None:
    key = contact_type.replace(" ", "_")
    text = CUSTOMER.replace(f"{key}: [{CONTACT}]", f"{key}: []")
    line = text[: text.index(f"{key}: []")].count("\n") + 1
    said = f"There must be at least one {contact_type} contact: add the next one before you remove the last."
    assert (line, said) in messages(editor.diagnostics(text))


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("", "", []),
        ("name: Acme", "nmae: Acme", [(2, 'Missing property "name".'), (3, "Property nmae is not allowed.")]),
        ("partner: northwind", "partner: 12", [(4, 'Incorrect type. Expected "string".')]),
    ],
)
def test_diagnostics(editor: Editor, old: str, new: str, found: list[tuple[int, str]]) -> None:
    assert messages(editor.diagnostics(CUSTOMER.replace(old, new))) == found


def test_keys_are_completed_with_what_they_mean(editor: Editor) -> None:
    text = CUSTOMER.replace(f"  statement: [{CONTACT}]", "  s|")
    statement = offered(editor.at("textDocument/completion", text))["statement"]
    assert statement["documentation"].startswith("Who receives statements of account")
    assert "first_name: $1" in statement["insertText"]


def test_only_keys_that_are_missing_are_offered(editor: Editor) -> None:
    assert list(offered(editor.at("textDocument/completion", f"{CUSTOMER}|"))) == ["language"]


def test_keys_of_a_contact_are_offered(editor: Editor) -> None:
    people = "    - first_name: Jane\n      last_name: Doe\n      email: jane.doe@acme.example\n      |\n"
    text = CUSTOMER.replace(f" [{CONTACT}]\n", f"\n{people}", 1)
    found = offered(editor.at("textDocument/completion", text))
    assert set(found) == {"phone", "verified_on", "valid_from", "valid_to"}


def test_hover_says_what_a_key_means(editor: Editor) -> None:
    hover = editor.at("textDocument/hover", CUSTOMER.replace("billing", "bill|ing"))
    assert "Who receives new invoices and a copy of them" in hover["contents"]["value"]


def test_records_of_the_example_have_no_diagnostics(editor: Editor) -> None:
    records = [path for folder in FOLDERS for path in sorted((REPOSITORY / folder).rglob("*.yaml"))]
    wrong = {}
    for path in [REPOSITORY / "prisma.yaml", *records]:
        name = path.relative_to(REPOSITORY).as_posix()
        if found := messages(editor.diagnostics(path.read_text("utf-8"), name)):
            wrong[name] = found
    assert wrong == {}
    assert len(records) > 20
