"""The operators' page: a lookup and its cascade, how the providers stand, and what they have answered since the start.

It is one document without a script. What is sent goes by POST, so that no address, no history and no log of a proxy
holds a person, and it comes back as the same page.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files
from typing import Final

import attrs

from enrichcore.model import PhoneResult
from enrichcore.service.html import policy, text
from enrichcore.service.operators import words
from enrichcore.service.operators.picture import cascade
from enrichcore.service.operators.standing import Standing, Worst
from enrichcore.service.operators.tally import Filled

STYLE: Final = (files("enrichcore.service.operators") / "page.css").read_text("utf-8")
CSP: Final = policy(STYLE, forms="'self'")
FIELDS: Final = (
    ("first_name", "First name", "off"),
    ("last_name", "Last name", "off"),
    ("company", "Company", "off"),
    ("domain", "Website", "off"),
    ("linkedin_id", "LinkedIn", "off"),
    ("email", "Email", "off"),
    ("country", "Country", "off"),
)
_STATES: Final = {None: ("not asked", "soft"), "closed": ("ready", "good"), "suspended": ("suspended", "bad")}
"""How a state is called here, and how it is coloured; any other has its own name, and wants a look."""


@attrs.frozen(kw_only=True)
class Now:
    """What the page tells of the process at this moment."""

    is_ready: bool
    version: str
    currency: str
    up_seconds: float
    began: float
    """When the counting began, and what time it is: seconds since 1970."""
    time: float
    facts: Sequence[tuple[str, str]]
    """Names of counts, and the counts."""
    standings: Sequence[Standing]
    spent: Mapping[str, Decimal]
    unpriced: Mapping[str, int]
    filled: Mapping[tuple[str, str], Filled]
    worst: Worst
    worker: int = 0
    """Which of the workers this is, counted from 0."""
    workers: Sequence[str] = ()
    """The addresses of all workers' pages; empty when there is one."""


@attrs.frozen(kw_only=True)
class Asked:
    """One lookup that was asked for: what was sent, and the result, or what is wrong with it."""

    fields: Mapping[str, str] = attrs.field(factory=dict)
    result: PhoneResult | None = None
    seconds: float = 0.0
    was_asked: bool = False
    """Whether providers could be asked, or only what is stored was looked at."""
    problem: str | None = None


def page(now: Now, asked: Asked) -> str:
    """The whole page."""
    head = "enrichcore"
    if asked.problem is not None:
        head = f"Problem: {asked.problem} – {head}"  # noqa: RUF001 - a dash
    elif asked.result is not None:
        head = f"{words.status(asked.result)} – {head}"  # noqa: RUF001 - a dash
    ready = '<span class="chip good">ready</span>' if now.is_ready else '<span class="chip bad">not ready</span>'
    return document(
        head,
        f"<header><h1>enrichcore {text(now.version)}</h1>{ready}"
        f'<span class="soft">up {text(words.duration(now.up_seconds))}</span>{_workers(now)}</header>'
        f'<main id="main">{_form(now, asked)}{_result(now, asked)}{_standings(now)}{_fill_rates(now)}{_facts(now)}'
        "</main>"
        "<footer><p>This page has no login. It belongs on a loopback address or a private network. "
        '<a href="/metrics">Metrics</a> are for Prometheus. <a href="/">Load anew</a></p></footer>',
    )


def document(title: str, body: str) -> str:
    """A page with this body."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{text(title)}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head>'
        f'<body><a class="skip" href="#main">Skip to the content</a>{body}</body></html>'
    )


def refused(said: str) -> str:
    """The page that says why there is none."""
    return document("Refused", f'<main id="main"><section><h1>Refused</h1><p>{text(said)}</p></section></main>')


def _workers(now: Now) -> str:
    if not now.workers:
        return ""
    links = ""
    for i, address in enumerate(now.workers):
        current = ' aria-current="page"' if i == now.worker else ""
        links += f' <a href="{text(address)}"{current}>{i + 1}</a>'
    return f'<nav aria-label="Workers">Worker {now.worker + 1} of {len(now.workers)}:{links}</nav>'


def _form(now: Now, asked: Asked) -> str:
    wrong = ' aria-invalid="true" aria-describedby="problem"' if asked.problem is not None else ""
    fields = "".join(
        f'<div><label for="{name}">{label}</label><input id="{name}" name="{name}" autocomplete="{complete}" '
        f'spellcheck="false" value="{text(asked.fields.get(name, ""))}"{wrong if asked.fields.get(name) else ""}></div>'
        for name, label, complete in FIELDS
    )
    problem = ""
    if asked.problem is not None:
        problem = f'<p class="problem" id="problem" role="alert"><strong>{text(asked.problem)}</strong></p>'
    return (
        '<section aria-labelledby="try"><h2 id="try">Try a lookup</h2>'
        f'<form method="post" action="/#result">{problem}<p class="soft" id="needs">A first and a last name with a '
        "company or its website; or a LinkedIn profile; or an email.</p>"
        f'<div class="fields">{fields}</div><div class="acts">'
        '<div class="act"><button name="ask" value="no" aria-describedby="costs-nothing">Look at what is stored'
        '</button><p id="costs-nothing">Costs nothing: nobody is asked.</p></div>'
        f'<div class="act spends"><button name="ask" value="yes" aria-describedby="costs">{_label(now)}</button>'
        f'<p id="costs">{_warning(now)}</p></div></div></form></section>'
    )


def _label(now: Now) -> str:
    return "Ask the providers" if now.worst.is_free else "Ask the providers and pay"


def _warning(now: Now) -> str:
    if now.worst.is_free:
        return "Costs nothing: every provider that takes part is free."
    parts = []
    if now.worst.money:
        parts.append(f"up to <strong>{text(f'{words.money(now.worst.money)} {now.currency}')}</strong>")
    if now.worst.unpriced:
        names = text(", ".join(now.worst.unpriced))
        parts.append(f"credits of {names}, whose price is not configured")
    return f"<strong>This spends money:</strong> {', and '.join(parts)}. It counts in every budget. Answers are stored."


def _result(now: Now, asked: Asked) -> str:
    result = asked.result
    if result is None:
        return ""
    kind = {"found": "good", "incomplete": "warn"}.get(result.status.value, "")
    answer = f'<p class="answer {kind}">{text(words.status(result))}</p>'
    if result.phone is not None:
        extension = f" ext. {result.extension}" if result.extension else ""
        answer = f'<p class="answer number {kind}">{text(result.phone + extension)}</p>'
    facts = []
    if result.phone is not None and result.provider is not None and result.method is not None:
        line = f", {words.plain(result.line_type.value)}" if result.line_type else ""
        facts.append(f"found by {result.provider} {words.by(result.method.value)}{line}")
    facts.append("nobody was asked" if result.cached or not asked.was_asked else "providers were asked")
    facts += [f"cost {words.money(result.cost)} {now.currency}", f"took {words.duration(asked.seconds)}"]
    if result.found_at is not None:
        facts.append(f"given at {words.moment(result.found_at, now.time)}")
    if result.do_not_call:
        facts.append("on a do-not-call list")
    if result.retry_at is not None:
        facts.append(f"ask again after {words.moment(result.retry_at, now.time)}")
    if result.ignored:
        facts.append(f"ignored, because they cannot be what they claim: {', '.join(result.ignored)}")
    return (
        f'<section id="result" tabindex="-1" aria-labelledby="came"><h2 id="came">What came of it</h2>{answer}'
        f"<p>{text(' · '.join(facts))}</p>{cascade(result, now.currency, now.time)}</section>"
    )


def _standings(now: Now) -> str:
    start = '<section aria-labelledby="who"><h2 id="who">Providers</h2>'
    if not now.standings:
        return f"{start}<p>None: the engine is not open.</p></section>"
    rows = "".join(_standing(now, one) for one in now.standings)
    return (
        f"{start}<table><caption>How they stand now, and in {text(now.currency)} the most that a call costs and what "
        f'was spent since {_since(now)}</caption><thead><tr><th scope="col">Provider</th><th scope="col">State</th>'
        '<th scope="col" class="n">A call</th><th scope="col" class="n">Spent</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></section>"
    )


def _standing(now: Now, one: Standing) -> str:
    said, kind = _STATES.get(one.state, (one.state, "warn"))
    why = [one.why] if one.why else []
    if one.seconds is not None:
        why.append(f"for {words.duration(one.seconds)}")
    a_call = text(words.money(one.worst))
    if one.worst is None:
        number, _, unit = words.credits(one.credits).partition(" ")
        a_call = f"{number}<span>{unit}</span>"
    spent = words.money(now.spent.get(one.name, Decimal(0)))
    unknown = now.unpriced.get(one.name, 0)
    more = f"<span>and {unknown} without a price</span>" if unknown else ""
    methods = ", ".join(one.methods)
    return (
        f'<tr><th scope="row">{text(one.name)}<span>{text(methods)}</span></th>'
        f'<td><strong class="{kind}">{text(said)}</strong><span>{text(", ".join(why))}</span></td>'
        f'<td class="n">{a_call}</td><td class="n">{text(spent)}{more}</td></tr>'
    )


def _fill_rates(now: Now) -> str:
    start = '<section aria-labelledby="fill"><h2 id="fill">Fill rates</h2>'
    if not now.filled:
        return f"{start}<p>Nobody has been asked since {_since(now)}.</p></section>"
    rows = "".join(_filled(*key, one) for key, one in sorted(now.filled.items()))
    return (
        f"{start}<table><caption>Hits of those asked about, by provider and method, since {_since(now)}</caption>"
        '<thead><tr><th scope="col">Provider</th><th scope="col" class="n">Asked</th>'
        '<th scope="col" class="n">Hits</th><th scope="col" class="n">Fill rate</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></section>"
    )


def _filled(provider: str, method: str, one: Filled) -> str:
    wide = (one.rate or 0.0) * 100
    errors = f"<span>{one.errors:,} failed</span>" if one.errors else ""
    return (
        f'<tr><th scope="row">{text(provider)}<span>{text(words.by(method))}</span></th>'
        f'<td class="n">{one.asked:,}{errors}</td><td class="n">{one.hits:,}</td><td class="n">{words.share(one.rate)}'
        '<svg class="fill" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="track" '
        f'width="100" height="8"/><rect class="bar" width="{wide:.1f}" height="8"/></svg></td></tr>'
    )


def _facts(now: Now) -> str:
    tiles = "".join(f"<div><dt>{text(name)}</dt><dd>{text(value)}</dd></div>" for name, value in now.facts)
    head = f'<h2 id="sum">This process since {_since(now)}</h2>'
    return f'<section aria-labelledby="sum">{head}<dl>{tiles}</dl></section>'


def _since(now: Now) -> str:
    return text(words.moment(datetime.fromtimestamp(now.began, UTC), now.time))
