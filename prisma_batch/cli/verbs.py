"""Commands of several verbs: a verb a file, imported when it is named."""

from importlib import import_module
from typing import Any

import click


class VerbGroup(click.Group):
    """Imports ``verb_command`` from the module of that name in ``package`` when a verb is named."""

    def __init__(self, *args: Any, package: str, verbs: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._package, self._verbs = package, verbs

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click calls it
        return list(self._verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as click calls it
        if cmd_name not in self._verbs:
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(f"{self._package}.{name}"), f"{name}_command")
        return command
