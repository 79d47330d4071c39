"""Script: which act comes next, and what the vendor was asked. The transport and the server share it."""

import json as jsonlib
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import attrs

from enrichcore.testing.act import Act, reply


@attrs.frozen(repr=False)
class Asked:
    """One request as the vendor saw it. Names of headers are in lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The path as it was sent, without the query."""
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the query string, decoded."""
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    def json(self) -> Any:
        """The body read as JSON."""
        return jsonlib.loads(self.body)

    @property
    def everything(self) -> bytes:
        """Every byte of the request: its first line, its headers and its body."""
        lines = [f"{self.method} {self.url}", *(f"{name}: {value}" for name, value in self.headers.items())]
        return "\n".join(lines).encode() + b"\n\n" + self.body

    def __repr__(self) -> str:
        return f"<Asked {self.method} {self.path}>"


Answers = Act | Sequence[Act] | Callable[[Asked], Act]
"""What comes: one act for ever, acts one after the other (the last one for ever), or a function of the request."""


class Script:
    """Acts in order, the last one for all later requests; or by path, or by a function of the request.

    A key of a mapping is a path or a method and a path, and `*` in it stands for anything: `"/phone"`,
    `"GET /jobs/*"`. A request that no key fits is answered 404 and kept in `strays`.
    """

    def __init__(self, *acts: Act | Mapping[str, Answers] | Callable[[Asked], Act]) -> None:
        self.asked: list[Asked] = []
        self.strays: list[Asked] = []
        self._acts: list[Act] = []
        self._played = 0
        self._routes: dict[str, Script] = {}
        self._function: Callable[[Asked], Act] | None = None
        self.add(*acts)

    def add(self, *acts: Act | Mapping[str, Answers] | Callable[[Asked], Act]) -> None:
        """Put acts behind those that are there."""
        for act in acts:
            if isinstance(act, Act):
                self._acts.append(act)
            elif isinstance(act, Mapping):
                for path, answers in act.items():
                    several = answers if isinstance(answers, Sequence) else (answers,)
                    self._routes.setdefault(path, Script()).add(*several)
            elif callable(act):
                self._function = act
            else:
                raise TypeError(f"expected what reply() and fault() make, got a {type(act).__name__}")

    def next(self, asked: Asked) -> Act:
        """What to do with a request, which is kept in `asked`.

        Raises:
            LookupError: the script is empty.
        """
        self.asked.append(asked)
        if self._function is not None:
            return self._function(asked)
        for pattern, script in self._routes.items():
            method, _, path = pattern.rpartition(" ")
            if method in ("", asked.method) and fnmatchcase(asked.path, path):
                return script.next(asked)
        if self._acts:
            act = self._acts[min(self._played, len(self._acts) - 1)]
            self._played += 1
            return act
        if not self._routes:
            raise LookupError(f"the script says nothing, and {asked.method} {asked.path} was asked")
        self.strays.append(asked)
        return reply(404, text="<html>no such page</html>")
