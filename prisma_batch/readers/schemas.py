"""Judge documents by the packaged JSON Schemas, and say what is wrong in plain words.

jsonschema is the authority and the voice. jsonschema-rs, where installed, only lets documents pass: whatever it
refuses, or fails at, jsonschema decides. It is imported only then, for that takes longer than a thousand documents.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from prisma_batch.base.findings import Finding, pointer
from prisma_batch.readers.resources import resource_folder, schema_names, schema_text
from prisma_batch.readers.trees import Tree, TreeFile

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

_Path: TypeAlias = Sequence[str | int]
_Error: TypeAlias = Any  # a ValidationError: its attributes are typed as perhaps unset, which no error given out has

LAST_CONTACT = "unable to remove this contact until another contact is added to this type"
_KEEP_ONE = "add the other contact first, in the same request or an earlier one"

_TYPES = {
    "string": "text (quote it)",
    "integer": "a whole number without quotes",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping of keys and values",
}
_MESSAGES: dict[str, Callable[[Any], str]] = {
    "type": lambda wanted: "this must be " + " or ".join(_TYPES[name] for name in _listed(wanted)),
    "enum": lambda wanted: f"this must be one of {', '.join(map(str, wanted))}",
    "const": lambda wanted: f"this must be {json.dumps(wanted)}",
    "pattern": lambda _: "this is not written as it must be",
    "format": lambda _: "there is no such day",
    "minItems": lambda wanted: f"this needs at least {wanted} in the list",
    "maxItems": lambda wanted: f"this has more than {wanted} in the list",
    "uniqueItems": lambda _: "an entry is listed twice",
    "minProperties": lambda wanted: f"this needs at least {wanted} of its keys",
    "maxProperties": lambda wanted: f"this has more than {wanted} keys",
    "minLength": lambda wanted: f"this needs at least {wanted} characters",
    "maxLength": lambda wanted: f"this has more than {wanted} characters",
    "minimum": lambda wanted: f"this is below {wanted}",
    "maximum": lambda wanted: f"this is above {wanted}",
}
_CODES = {
    "additionalProperties": "schema-unknown-key",
    "propertyNames": "schema-key",
    "dependentRequired": "schema-required",
    "uniqueItems": "schema-unique",
    "minItems": "schema-min-items",
    "maxItems": "schema-max-items",
    "minProperties": "schema-min-keys",
    "maxProperties": "schema-max-keys",
    "minLength": "schema-min-length",
    "maxLength": "schema-max-length",
}


def schema_findings(name: str, document: Any, source: str) -> list[Finding]:
    """Judge a document by a packaged schema; findings carry pointers, never values, sorted by place and code."""
    return [] if passes_gate(name, document) else authority_findings(name, document, source)


def authority_findings(name: str, document: Any, source: str) -> list[Finding]:
    """Judge a document as ``schema_findings`` does, by jsonschema alone."""
    validator = _validator(name)
    if validator.is_valid(document):
        return []
    found = {finding for error in validator.iter_errors(document) for finding in _findings_of(name, error, source)}
    ill_written = {finding.pointer for finding in found if finding.code == "schema-pattern"}
    # What is no day at all fails its pattern and its format: once is enough.
    kept = [item for item in found if item.code != "schema-format" or item.pointer not in ill_written]
    return sorted(kept, key=lambda finding: (finding.pointer, finding.code, finding.message))


def drift(tree: Tree, files: Sequence[TreeFile]) -> Iterator[Finding]:
    """Yield a warning for each schema copied into a workspace that is not the packaged one, which judges."""
    packaged = {f"schemas/{name}.schema.json": name for name in schema_names()}
    copies = [file for file in files if file.path in packaged]
    for file, content in zip(copies, tree.read_each(copies), strict=True):
        if isinstance(content, bytes) and content != _packaged_bytes(packaged[file.path]):
            yield Finding(
                code="schema-drift",
                message="this copy differs from the schema that records are judged by",
                remedy="copy the packaged schema over it, so that editors say what validate says",
                source=file.path,
                severity="warning",
            )


def _packaged_bytes(name: str) -> bytes:
    return (resource_folder("schemas") / f"{name}.schema.json").read_bytes()


@cache
def _validator(name: str) -> "Draft202012Validator":
    from jsonschema import Draft202012Validator, FormatChecker  # noqa: PLC0415 - not while the gate lets pass

    return Draft202012Validator(json.loads(schema_text(name)), format_checker=FormatChecker(["date"]))


def passes_gate(name: str, document: Any) -> bool:
    """Say whether jsonschema-rs is there and accepts a document; False decides nothing."""
    gate = _gate(name)
    try:
        return bool(gate and gate(document))
    except ValueError:
        return False


@cache
def _gate(name: str) -> Callable[[Any], bool] | None:
    try:
        import jsonschema_rs  # noqa: PLC0415 - an optional extra
    except ImportError:
        return None
    return jsonschema_rs.Draft202012Validator(json.loads(schema_text(name)), validate_formats=True).is_valid


def _findings_of(name: str, error: _Error, source: str) -> Iterator[Finding]:
    path = list(error.absolute_path)
    if _leaves_a_type_empty(name, error, path):
        yield _finding("last-contact", LAST_CONTACT, _KEEP_ONE, source, path)
    elif error.validator in {"required", "dependentRequired"}:
        for key in _missing(error):
            remedy = f"add it: {_described(_validator(name).schema, [*path, key])}"
            yield _finding("schema-required", f"`{key}` is missing", remedy, source, path)
    elif error.validator == "additionalProperties":
        known = error.schema["properties"]
        for key in sorted(set(error.instance) - set(known)):
            remedy = f"remove it, or correct it to one of: {', '.join(known)}"
            yield _finding("schema-unknown-key", "this key is not known here", remedy, source, [*path, key])
    elif error.validator == "not" and error.validator_value == {}:
        message = "this key is not allowed beside what else is said here"
        yield _finding("schema-not-allowed", message, "remove it, or correct what contradicts it", source, path)
    elif "propertyNames" in error.absolute_schema_path:
        message = "this key is not written as it must be"
        yield _finding("schema-key", message, _form(name, error, path), source, [*path, error.instance])
    else:
        yield _value_finding(name, error, source, path)


def _value_finding(name: str, error: _Error, source: str, path: _Path) -> Finding:
    keyword = str(error.validator)
    say = _MESSAGES.get(keyword, lambda _: "this value is not allowed here")
    code = _CODES.get(keyword, f"schema-{keyword.lower()}")
    return _finding(code, say(error.validator_value), _form(name, error, path), source, path)


def _finding(code: str, message: str, remedy: str, source: str, path: _Path) -> Finding:
    return Finding(code=code, message=message, remedy=remedy, source=source, pointer=pointer(*path))


def _leaves_a_type_empty(name: str, error: _Error, path: _Path) -> bool:
    if name != "contacts" or path[:1] != ["contacts"]:
        return False
    return (error.validator, len(path)) in (("minItems", 2), ("contains", 2), ("required", 1))


def _missing(error: _Error) -> list[str]:
    """Return every missing key: the validator reports one error for each, which does not say for which."""
    if error.validator == "required":
        wanted = error.validator_value
    else:
        wanted = [key for present, keys in error.validator_value.items() if present in error.instance for key in keys]
    return [key for key in wanted if key not in error.instance]


def _form(name: str, error: _Error, path: _Path) -> str:
    """Say what the schema says of the form of a value, or else of the field."""
    described = error.schema.get("description") if isinstance(error.schema, dict) else None
    return described or _described(_validator(name).schema, path)


def _described(schema: Any, path: _Path) -> str:
    """Return the description of the field that a path into a document leads to."""
    root = field = schema
    for part in path:
        field = _resolved(root, field)
        field = field.get("items") if isinstance(part, int) else field.get("properties", {}).get(part, _rest(field))
    return str(
        field.get("description")
        or _resolved(root, field).get("description")
        or "compare with the schema, under schemas/"
    )


def _rest(field: Any) -> Any:
    return field.get("additionalProperties") or {}


def _resolved(root: Any, field: Any) -> Any:
    reference = field.get("$ref")
    return root["$defs"][reference.removeprefix("#/$defs/")] if reference else field


def _listed(wanted: Any) -> list[str]:
    return wanted if isinstance(wanted, list) else [wanted]
