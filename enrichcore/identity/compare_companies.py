"""Whether two companies, each given by names, domains or both, can be one."""

import re
from collections.abc import Iterable, Iterator
from enum import IntEnum

from enrichcore.identity.company import clean_company, company_key
from enrichcore.identity.country import clean_country
from enrichcore.identity.domain import clean_domain
from enrichcore.identity.email_class import is_personal_host
from enrichcore.identity.name import name_key
from enrichcore.identity.registrable import own_label, registrable_domain
from enrichcore.identity.scripts import is_latin, likely, romanised
from enrichcore.identity.spellings import SLAVIC, folded
from enrichcore.identity.text import phrases, words
from enrichcore.identity.written import with_digraphs

_ORDINARY = words("""
group groupe gruppe grupo gruppo grup gruppen koncern holding holdings international global worldwide the com
""")
"""Words that a company adds to its name or leaves out."""
_NO_EMPLOYER = frozenset(
    map(
        name_key,
        phrases("""
actively looking|actively seeking|arbeitslos|arbeitssuchend|aucun|aucune|auto
entrepreneur|autoentrepreneur|autonoma|autonomo|between jobs|career break|confidential|consultant|conta
propria|contractor|cuenta propia|currently unemployed|demandeur d emploi|desempleado|dzialalnosc gospodarcza|egen
virksomhed|egenforetagare|eget foretag|eigenes unternehmen|emekli|en recherche d emploi|enskild
firma|estudiante|etudiant|etudiante|freelance|freelance
consultant|freelancer|freelancing|freiberufler|freiberuflich|frilans|frilansare|frilanser|geen|gepensioneerd|homemaker|in
proprio|in transition|independant|independante|independent|independent consultant|independent
contractor|independiente|job seeker|jubilada|jubilado|keine|keine angabe|lavoratore autonomo|libero
professionista|looking for new opportunities|looking for opportunities|looking for work|micro
entrepreneur|multiple|my own business|n a|nessuna|nessuno|ninguna|ninguno|none|not employed|nvt|open to
work|osvc|own business|particular|particulier|partita iva|pensionar|pensionato|pensioner|por cuenta
propia|privat|private|private individual|private person|privato|prive|profession
liberale|rentner|retired|retraite|retraitee|sabbatical|samozatrudniony|seeking
opportunities|selbstandig|selbstandige|selbststandig|selbststandige|self|self employed|self employed consultant|self
employed freelance|self employment|selfemployed|selvstaendig|selvstendig|serbest|serbest meslek|sin empresa|sole
proprietor|sole trader|stealth|stealth mode|stealth mode startup|stealth
startup|student|studente|studentin|trabajador autonomo|trabajador independiente|trabalhador
independente|unemployed|unspecified|various|wiraswasta|wlasna
dzialalnosc|yrittaja|zelfstandig|zzp|zzper|безработный|на
себя|пенсионер|самозанятая|самозанятый|фриланс|фрилансер|フリーランス|個人事業主|自由业|自由業|自由职业|자영업|프리랜서
"""),
    )
)
"""What stands in the company's place and names no company."""
_OTHER_NAME = re.compile(
    r"(?:\bd\.?/?b\.?/?a\b\.?|\bt/a\b|\btrading as\b|\bdoing business as\b|\bformerly\b(?: known as)?|\bf/?k/?a\b\.?|"
    r"\ba/?k/?a\b\.?|\balso known as\b|\bpreviously\b|\behemals\b|\bvormals\b)\s*:?\s*",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"[(\[\uff08]([^()\[\]\uff08\uff09]*)[)\]\uff09]")
_NATIVE_COUNTRIES = words("""
deutschland osterreich oesterreich schweiz suisse svizzera espana iberia iberica italia polska polonia cesko ceska
slovensko magyarorszag hungaria romania hrvatska slovenija srbija bulgaria turkiye nederland belgie belgique belgium
luxembourg danmark norge sverige suomi eesti latvija lietuva hellas portugal brasil mexico colombia chile peru
argentina maroc algerie tunisie misr india indonesia nippon nihon japan korea china hongkong singapore malaysia
thailand vietnam philippines australia canada usa us uk uae ksa america americas europe emea apac asia africa latam
nordic nordics benelux dach
""")
_IN_FRONT = words("""
the group groupe gruppe grupo gruppo grup koncern holding societe firma fa
""")
"""Words of the same kind that stand before a name."""
_ANDS = words("and und et e y i en och og ja ve")
"""Between two words of a name: Smith & Sons in the language of the country."""
_LONG_FORMS = {
    "bros": "brothers", "univ": "university", "ste": "sainte", "mt": "mount", "ft": "fort", "intl": "international",
    "mfg": "manufacturing", "svc": "service", "svcs": "services", "assoc": "associates", "assn": "association",
    "natl": "national", "inst": "institute", "hosp": "hospital", "ctr": "center", "centre": "center",
    "mgmt": "management", "tech": "technology", "techs": "technology", "technologies": "technology",
    "dept": "department", "govt": "government",
    "inds": "industries", "engg": "engineering", "engrg": "engineering", "bldg": "building", "mktg": "marketing",
    "comm": "communications", "gebr": "gebruder", "hnos": "hermanos", "gebrueder": "gebruder", "ges": "gesellschaft",
    "cie": "compagnie",
    "labs": "laboratories", "lab": "laboratory", "pharma": "pharmaceuticals",
}  # fmt: skip
"""Words that companies write short."""
_LABEL_ADDITIONS = words("""
group hq app inc online global corp ltd llc gmbh co company international intl world holding holdings web net
""")
_LABEL_PREFIXES = ("get", "try", "use", "go", "my", "the", "join", "we", "hello", "team")
_SHORTEST_LABEL = 4
_LONGEST_ACRONYM = 4
_MOST_NAMES = 4
_ALIKE = 0.8
_ENOUGH_WORDS = 3
"""Words that say in any order which company it is: two would make one of Delta Energy and Energy Delta."""


class CompanyFit(IntEnum):
    """How two companies fit, and by what. The order is that of trust."""

    DIFFERENT = 0
    UNKNOWN = 1
    """Nothing to compare, or names of which one begins the other: a department or another firm altogether."""
    ELSEWHERE = 2
    """One name on two domains that have nothing in common: two firms of one name, or one firm with two domains."""
    NAME = 3
    DOMAIN = 4
    BOTH = 5


def compare_companies(
    sent_company: str | None,
    sent_domain: str | None,
    said_company: str | None,
    said_domain: str | None,
    *,
    sent_host: str | None = None,
    said_host: str | None = None,
) -> CompanyFit:
    """How the company that was sent fits the one that was said; a name is also held against a domain.

    `sent_host` and `said_host` are the hosts of the mailboxes that were sent and said.
    """
    mine, mine_at = _place(sent_company, sent_domain, sent_host)
    theirs, theirs_at = _place(said_company, said_domain, said_host)
    if not (mine or mine_at) or not (theirs or theirs_at):
        return CompanyFit.UNKNOWN
    domains = _domains_fit(mine_at, theirs_at)
    names = _names_fit(mine, theirs)
    if domains:
        return CompanyFit.BOTH if names else CompanyFit.DOMAIN
    if names and domains is not False:
        return CompanyFit.NAME
    if domains is False:
        key = company_key(mine) if mine is not None and theirs is not None else ""
        same = len(key) > _LONGEST_ACRONYM and theirs is not None and key == company_key(theirs)
        return CompanyFit.ELSEWHERE if same else CompanyFit.DIFFERENT
    if (theirs and any(_name_fits_domain(theirs, domain) for domain in mine_at)) or (
        mine and any(_name_fits_domain(mine, domain) for domain in theirs_at)
    ):
        return CompanyFit.DOMAIN
    return CompanyFit.DIFFERENT if names is False else CompanyFit.UNKNOWN


def _place(company: str | None, domain: str | None, host: str | None) -> tuple[str | None, tuple[str, ...]]:
    """A company's name, unless it names none, and the domains that are its own."""
    found = []
    if domain is not None and (clean := clean_domain(domain)) is not None:
        found.append(clean)
    if company is not None and ("." in company or "/" in company) and clean_company(company) is None:
        clean = clean_domain(company)
        company = None
        if clean is not None:
            found.append(clean)
    if host is not None and host not in found:
        found.append(host)
    if company is not None and (not company or company_key(company) in _NO_EMPLOYER or clean_company(company) is None):
        company = None
    return company, tuple(d for d in found if not is_personal_host(d))


def _domains_fit(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool | None:
    """Whether two companies' domains belong together; None where that cannot be said (one in each country)."""
    if not mine or not theirs:
        return None
    if not set(mine).isdisjoint(theirs):
        return True
    pairs = [(one, other) for one in mine for other in theirs]
    if any(registrable_domain(one) == registrable_domain(other) is not None for one, other in pairs):
        return True
    return None if any(_related(own_label(one), own_label(other)) for one, other in pairs) else False


def _related(one: str, other: str) -> bool:
    """Whether two labels are one, but for a country, a word like `group` or one like `get`."""
    apart = "-" in one or "-" in other
    one, other = sorted((one.replace("-", ""), other.replace("-", "")), key=len)
    if one == other:
        return True
    if len(one) < _SHORTEST_LABEL:
        return False
    if other.startswith(one):
        rest = other[len(one) :]
        if rest in _LABEL_ADDITIONS or rest in _NATIVE_COUNTRIES:
            return True
        # Two letters without a hyphen are the end of another word as often as a country.
        return (apart or len(rest) > 2) and clean_country(rest) is not None  # noqa: PLR2004
    return other.endswith(one) and other[: -len(one)] in _LABEL_PREFIXES


def _names_fit(one: str | None, other: str | None) -> bool | None:
    if one is None or other is None:
        return None
    mine, theirs = company_key(one), company_key(other)
    if mine == theirs:
        return True if mine else None
    found: bool | None = False
    for i, name in enumerate(_names(one)):
        for j, another in enumerate(_names(other)):
            fit = _one_name_fits(name, another)
            if fit and (i or j) and min(len(company_key(name)), len(company_key(another))) <= _LONGEST_ACRONYM:
                fit = None  # an acronym in brackets stands for many companies
            if fit:
                return True
            if fit is None:
                found = None
    return found


def _names(text: str) -> Iterator[str]:
    """The names of a company that is written with more than one: in brackets, or as what it trades or was known."""
    if "(" not in text and "[" not in text and "\uff08" not in text and not _OTHER_NAME.search(text):
        yield text
        return
    inside = _BRACKETS.findall(text)[:_MOST_NAMES]
    parts = [_BRACKETS.sub(" ", text), *inside] if inside else [text]
    for part in parts[:_MOST_NAMES]:
        yield from (name for name in _OTHER_NAME.split(part, _MOST_NAMES) if any(map(str.isalnum, name)))


def _one_name_fits(one: str, other: str) -> bool | None:
    mine, theirs = company_key(one), company_key(other)
    if not mine or not theirs:
        return None
    fit = _keys_fit(mine, theirs)
    if fit is False and not (one.isascii() and other.isascii()):
        spelled = _keys_fit(company_key(with_digraphs(one)), company_key(with_digraphs(other)))
        if spelled is not False:
            return spelled
        if is_latin((mine,)) != is_latin((theirs,)):
            latin = company_key(romanised(mine)), company_key(romanised(theirs))
            same = "".join(latin[0].split()) == "".join(latin[1].split()) or folded(latin[0], SLAVIC) == folded(
                latin[1], SLAVIC
            )
            return True if same or _sounds_alike(mine + theirs, *latin) else None
    return fit


def _sounds_alike(written: str, one: str, other: str) -> bool:
    # Characters are read in too many ways to be held against a Latin name.
    ideographs = any("\u3400" <= c <= "\u9fff" for c in written)
    return not ideographs and likely(one.replace(" ", ""), other.replace(" ", ""), least=_ALIKE) is True


def _keys_fit(mine: str, theirs: str) -> bool | None:
    if mine == theirs or mine.replace(" ", "") == theirs.replace(" ", ""):
        return True
    all_ours, all_yours = _in_full(mine.split()), _in_full(theirs.split())
    ours, yours = _distinct(all_ours), _distinct(all_yours)
    if ours == yours or "".join(ours) == "".join(yours):
        # With a word like `group` and without is one company; a `group` and a `holding` may be two.
        return True if all_ours == all_yours or len(ours) == len(all_ours) or len(yours) == len(all_yours) else None
    if len(ours) >= _ENOUGH_WORDS and sorted(ours) == sorted(yours):
        return True
    if _is_acronym("".join(ours), yours) or _is_acronym("".join(yours), ours):
        return None
    short, long = sorted((ours, yours), key=len)
    if long[: len(short)] != short:
        return False
    # A longer name that begins with the shorter may be a country's branch, a department or another company.
    rest = long[len(short) :]
    return True if _is_country(rest) else None


def _in_full(words: list[str]) -> list[str]:
    """The words with those that are written short in full, and every `and` of a list as one word."""
    if "lli" in words:
        words = " ".join(words).replace("f lli", "fratelli").split()
    last = len(words) - 1
    found = ["and" if w in _ANDS and 0 < i < last else _LONG_FORMS.get(w, w) for i, w in enumerate(words)]
    if last > 0 and found[0] == "st":
        found[0] = "saint"
    return found


_FORMS_IN_FRONT = frozenset(("pt", "uab", "sia", "sc", "sarl", "sas", "eurl", "sci", "cv", "ud", "pao"))
"""Legal forms before a name that are names too (SIA Partners), so that no key is without them."""


def _distinct(words: list[str]) -> list[str]:
    start = 1 if len(words) > 1 and (words[0] in _IN_FRONT or words[0] in _FORMS_IN_FRONT) else 0
    end = len(words)
    while end - start > 1 and words[end - 1] in _ORDINARY:
        end -= 1
    return words[start:end]


def _is_country(words: list[str]) -> bool:
    return all(w in _NATIVE_COUNTRIES for w in words) or clean_country(" ".join(words)) is not None


def _is_acronym(short: str, words: list[str]) -> bool:
    initials = "".join(w[0] for w in words)
    return len(words) > 1 and len(short) > 1 and (short == initials or _subsequence(short, initials))


def _subsequence(short: str, initials: str) -> bool:
    letters: Iterable[str] = iter(initials)
    return len(short) > 2 and all(c in letters for c in short)  # noqa: PLR2004 - two letters are in everything


def _name_fits_domain(name: str, domain: str) -> bool:
    label = own_label(domain).replace("-", "")
    for form in (name, with_digraphs(name)):
        words = company_key(form).split()
        if label in {"".join(words), "".join(_distinct(words)), "".join(w for w in words if w != "and")}:
            return True
    return not is_latin((company_key(name),)) and label == company_key(romanised(company_key(name))).replace(" ", "")
