"""Failed operations. They are caught once, in ``prisma_batch.cli``, which turns each into an exit status."""

from collections.abc import Sequence

from prisma_batch.base.counts import counted
from prisma_batch.base.findings import Finding


class PrismaError(Exception):
    """A failed operation that the user can understand; ``exit_status`` is what the command ends with."""

    exit_status = 1


class UsageProblem(PrismaError):
    """Wrong usage or configuration: the command line, the workspace or the machine, not the records."""

    exit_status = 2


class NotAWorkspace(UsageProblem):
    """The folder holds no prisma.yaml."""

    def __init__(self) -> None:
        super().__init__("not a workspace: there is no prisma.yaml here (name the folder with -C, or use init)")


class RecordsNotRight(PrismaError):
    """Records or input files have errors; nothing was published."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(f"{counted(len(findings), 'error')} in the records")
        self.findings = tuple(findings)

    def __reduce__(self) -> tuple[type["RecordsNotRight"], tuple[Sequence[Finding]]]:
        """Go from process to process with the findings."""
        return type(self), (self.findings,)


class Refused(PrismaError):
    """What was asked for was not done; the findings say why, and nothing was written."""

    def __init__(self, findings: Sequence[Finding], outcome: str = "nothing was changed") -> None:
        super().__init__(outcome)
        self.findings = tuple(findings)


class InvariantBroken(PrismaError):
    """The totals of a run do not agree with each other; nothing was published."""


class AmountOverflow(PrismaError):
    """An amount or quantity leaves the range of 64-bit integers; nothing is wrapped or rounded away."""
