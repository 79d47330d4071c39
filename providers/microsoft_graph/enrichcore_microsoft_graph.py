"""Microsoft Graph: numbers from the organisation's own directory (Microsoft Entra ID), by name or email address.

One call, `GET /users` with a filter. What its answers mean:

| answer | meaning | billed |
|---|---|---|
| 200 with one user who fits and has a number | hit | no |
| 200 with an empty `value`, nobody or several who fit, or no number | miss | no |
| 401 | the token has expired or is not known | no |
| 403 | the application lacks the permission `User.Read.All` | no |
| 400 | our question is wrong | no |
| 429 | rate limited, for as long as `Retry-After` says | no |
| 5xx | the vendor failed | no |

Sources: https://learn.microsoft.com/graph/api/user-list, https://learn.microsoft.com/graph/errors and
the page on rates beside it, as public clients know them, read on 2026-11-22. The key is a bearer token
that the caller gets (for instance with msal); tokens live about an hour. `businessPhones` may hold a number that others
share: it is a work number here, and the engine sees by how many people it was given for.
"""

from typing import Any

from enrichcore.errors import Unreadable
from enrichcore.identity import company_key, name_key
from enrichcore.model import EmailQuery, Hit, Miss, NameQuery, Number, Person, Price
from enrichcore.plugins import Bearer, Http, Provider, hookimpl, text_of

FIELDS = "displayName,givenName,surname,mail,userPrincipalName,mobilePhone,businessPhones,companyName,jobTitle,country"
MOST = 20
User = dict[str, Any]


class MicrosoftGraph(Provider):
    """https://learn.microsoft.com/graph/api/user-list, read 2026-11-22."""

    name = "microsoft_graph"
    base_url = "https://graph.microsoft.com/v1.0"
    key_env = "MICROSOFT_GRAPH_API_KEY"
    auth = Bearer()
    docs = "https://learn.microsoft.com/graph/api/user-list"
    terms = "https://learn.microsoft.com/legal/microsoft-apis/terms-of-use"
    price = Price.free()
    rate = ("10/s",)
    first_party = True

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss:
        """By first and last name; the company is compared here."""
        asked = f"givenName eq {_quoted(query.first_name)} and surname eq {_quoted(query.last_name)}"
        users = [user for user in await _users(http, asked) if _named(user, query)]
        return _answer(users)

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss:
        """By email address or user principal name."""
        email = _quoted(query.email)
        users = await _users(http, f"mail eq {email} or userPrincipalName eq {email}")
        wanted = query.email.casefold()
        return _answer(
            [user for user in users if wanted in (_fold(user.get("mail")), _fold(user.get("userPrincipalName")))]
        )


def _quoted(value: str) -> str:
    """A text of OData."""
    return "'" + value.replace("'", "''") + "'"


async def _users(http: Http, asked: str) -> list[User]:
    reply = await http.get("/users", params={"$filter": asked, "$select": FIELDS, "$top": str(MOST)})
    users = reply.json()["value"]
    if not isinstance(users, list) or not all(isinstance(user, dict) for user in users):
        raise Unreadable("expected a list of objects in 'value'", status=reply.status_code)
    return users


def _named(user: User, query: NameQuery) -> bool:
    """Whether it is the person, and nothing says another company."""
    given, surname = text_of(user.get("givenName")), text_of(user.get("surname"))
    name = f"{given} {surname}" if given and surname else text_of(user["displayName"]) or ""
    if name_key(name) != name_key(query.full_name):
        return False
    company, domain = text_of(user.get("companyName")), _domain(user)
    if query.domain and domain and domain == query.domain:
        return True
    return not (company and query.company) or company_key(company) == company_key(query.company)


def _answer(users: list[User]) -> Hit | Miss:
    """The numbers of the only one; of two namesakes none is known to be meant."""
    if len(users) != 1:
        return Miss()
    user = users[0]
    person = Person(
        name=text_of(user["displayName"]),
        company=text_of(user.get("companyName")),
        domain=_domain(user),
        title=text_of(user.get("jobTitle")),
        country=text_of(user.get("country")),
        email=text_of(user.get("mail")) or text_of(user.get("userPrincipalName")),
    )
    at_work = user["businessPhones"]
    if not isinstance(at_work, list):
        raise Unreadable("expected a list in 'businessPhones'")
    said = [(user["mobilePhone"], "mobile"), *((phone, "work") for phone in at_work)]
    numbers: dict[str, Number] = {}
    for raw, kind in said:
        if raw is not None and not isinstance(raw, str):
            raise Unreadable(f"expected text for a number, got a {type(raw).__name__}")
        if raw and "*" not in raw:
            numbers.setdefault(raw, Number(raw, type=kind, country=person.country))
    return Hit(*numbers.values(), person=person) if numbers else Miss(person)


def _domain(user: User) -> str | None:
    mail = text_of(user.get("mail"))
    return mail.rpartition("@")[2].lower() or None if mail and "@" in mail else None


def _fold(value: object) -> str | None:
    return value.casefold() if isinstance(value, str) else None
