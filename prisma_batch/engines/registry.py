"""The engines by name."""

from prisma_batch.base.errors import UsageProblem
from prisma_batch.engines.dask import DaskEngine
from prisma_batch.engines.engine import Engine
from prisma_batch.engines.local import LocalEngine


def engine_named(name: str, scheduler: str | None) -> Engine:
    """Return an engine.

    Raises:
        UsageProblem: an engine without a scheduler is given one.
    """
    if name == "dask":
        return DaskEngine(scheduler or "")
    if scheduler:
        raise UsageProblem("--scheduler is an option of --engine dask")
    return LocalEngine()
