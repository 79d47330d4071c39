"""robots.txt: what a site lets us read, by RFC 9309. The rule with the longest pattern wins, and allow wins a tie."""

from urllib.parse import unquote

TOKEN = "enrichcore-website"  # noqa: S105 - the product token of RFC 9309
_MOST_RULES = 2000
_LONGEST = 512


class Robots:
    """The rules of one host that are meant for us."""

    def __init__(self, text: str = "") -> None:
        ours: list[tuple[bool, str]] = []
        general: list[tuple[bool, str]] = []
        found = False
        agents: list[str] = []
        in_rules = True
        for line in text.splitlines():
            name, colon, value = line.partition("#")[0].partition(":")
            name, value = name.strip().lower(), value.strip()
            if not colon or name not in ("user-agent", "allow", "disallow"):
                continue
            if name == "user-agent":
                if in_rules:
                    agents, in_rules = [], False
                agents.append(value.lower())
                found = found or value.lower() == TOKEN
                continue
            in_rules = True
            rule = (name == "allow", unquote(value)[:_LONGEST])
            if value and TOKEN in agents:
                ours.append(rule)
            if value and "*" in agents:
                general.append(rule)
        self._rules = (ours if found else general)[:_MOST_RULES]

    @classmethod
    def closed(cls) -> "Robots":
        """What counts when the site cannot say: nothing may be read."""
        return cls("User-agent: *\nDisallow: /")

    def allow(self, path: str) -> bool:
        """Whether we may read `path`."""
        path = unquote(path)[: 4 * _LONGEST]
        best = max(((len(rule), allowed) for allowed, rule in self._rules if _fits(rule, path)), default=(0, True))
        return best[1]


def _fits(rule: str, path: str) -> bool:
    """Whether a pattern with `*` and `$` fits the beginning of a path: in linear time for each star."""
    ends = rule.endswith("$")
    first, *rest = rule.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for place, part in enumerate(rest):
        if ends and place == len(rest) - 1:
            return len(path) - len(part) >= at and path.endswith(part)
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return not ends or at == len(path)
