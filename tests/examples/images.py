"""Reading a Dockerfile and a `.dockerignore`: the part of their languages that ours use."""

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs


@attrs.frozen
class Stage:
    """One `FROM` and what follows it: pairs of instruction and arguments."""

    base: str
    name: str | None
    steps: list[tuple[str, str]] = attrs.field(factory=list)

    def all(self, instruction: str) -> list[str]:
        return [rest for word, rest in self.steps if word == instruction]

    def one(self, instruction: str) -> str:
        (rest,) = self.all(instruction)
        return rest

    @property
    def environment(self) -> dict[str, str]:
        pairs = [pair.split("=", 1) for rest in self.all("ENV") for pair in shlex.split(rest)]
        return {name: value for name, value in pairs}  # noqa: C416 - pairs of unknown length would be an error

    @property
    def arguments(self) -> dict[str, str]:
        return {name: shlex.split(value)[0] for name, _, value in (rest.partition("=") for rest in self.all("ARG"))}

    @property
    def command(self) -> list[str]:
        """What a container runs."""
        made: list[str] = [*json.loads(self.one("ENTRYPOINT")), *json.loads(self.one("CMD"))]
        return made

    @property
    def health(self) -> list[str]:
        """What says whether a container is healthy."""
        made: list[str] = json.loads(self.one("HEALTHCHECK").partition("CMD ")[2])
        return made


def read_dockerfile(text: str) -> list[Stage]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    stages: list[Stage] = []
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        word, _, rest = line.partition(" ")
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            stages.append(Stage(base, name or None))
        else:
            stages[-1].steps.append((word, rest.strip()))
    return stages


def let_in(patterns: list[str], path: str) -> bool:
    """Whether `.dockerignore` lets a file into the build: the last pattern that fits it or a folder above decides."""
    parts = path.split("/")
    allowed = True
    for pattern in patterns:
        wanted = pattern.removeprefix("!")
        form = re.escape(wanted).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
        if any(re.fullmatch(form, "/".join(parts[:depth])) for depth in range(1, len(parts) + 1)):
            allowed = pattern.startswith("!")
    return allowed


def context(root: Path) -> Iterator[str]:
    """The files below `root` that `.dockerignore` lets in."""
    patterns = [line for line in (root / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    top = {pattern[1:].split("/")[0] for pattern in patterns if pattern[0] == "!"}
    for place in sorted(root.iterdir()):
        if place.name in top:
            files = [place] if place.is_file() else [file for file in place.rglob("*") if file.is_file()]
            names = (file.relative_to(root).as_posix() for file in files)
            yield from (name for name in names if let_in(patterns, name))


def copy_context(root: Path, target: Path) -> None:
    """What `COPY . .` copies."""
    for name in context(root):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, target / name)


def environment_of(file: Path) -> dict[str, Any]:
    """The variables of an `env_file`."""
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)
