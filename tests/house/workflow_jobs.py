"""How the scripts of workflows are run: with what a runner gives them, on real repositories, with the real program."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
ENVIRONMENT = {
    **CLEAN,
    **dict.fromkeys(("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"), os.devnull),
    **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "Test"),
    **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "test@prisma.example"),
}


class Job:
    """What a runner gives the steps of a job: folders, files that they write to, and the program on the path."""

    def __init__(self, folder: Path) -> None:
        self.workspace, self.temp = folder / "workspace", folder / "temp"
        self.output, self.summary, self.event = folder / "output", folder / "summary.md", folder / "event.json"
        programs = self.temp / "prisma-batch/bin"
        for path in (self.workspace, programs):
            path.mkdir(parents=True)
        shim = f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -P -m prisma_batch "$@"\n'
        (programs / "prisma-batch").write_text(shim, encoding="utf-8")
        (programs / "prisma-batch").chmod(0o755)
        self.programs = programs

    def run(self, path: str, step: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the script of a step of a workflow or action."""
        for file in (self.output, self.summary):
            file.write_text("")
        runner = {
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_EVENT_PATH": str(self.event),
            "RUNNER_TEMP": str(self.temp),
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script(path, step)],
            cwd=cwd,
            env={**ENVIRONMENT, **runner, **environment},
            capture_output=True,
            text=True,
            check=False,
        )


def script(path: str, step: str) -> str:
    content: dict[str, Any] = yaml.load((ROOT / path).read_text("utf-8"), yaml.BaseLoader)  # noqa: S506 - text only
    jobs = content["jobs"].values() if "jobs" in content else [content["runs"]]
    (found,) = (entry["run"] for job in jobs for entry in job["steps"] if entry.get("name") == step)
    return str(found)


def git(folder: Path, *arguments: str) -> str:
    finished = subprocess.run(
        ["git", *arguments], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    return finished.stdout.strip()
