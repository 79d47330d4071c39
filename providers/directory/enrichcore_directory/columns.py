"""Which column of a source means what: known names in several languages, or the ones that the settings give."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from enrichcore.errors import ConfigError

_ALIASES: Final[Mapping[str, str]] = {
    "first_name": "first firstname givenname forename fname prenom vorname nombre voornaam fornavn fornamn rufname",
    "last_name": (
        "last lastname surname familyname lname nachname nomdefamille familienname apellido apellidos cognome "
        "achternaam etternavn efternamn"
    ),
    "name": "name fullname contactname contact person personname displayname nom nomcomplet",
    "company": (
        "company companyname account accountname organisation organization organisationname organizationname "
        "employer currentcompany firma unternehmen societe entreprise empresa azienda bedrijf"
    ),
    "domain": (
        "domain companydomain companydomainname website companywebsite websiteurl companyurl web webseite siteweb"
    ),
    "email": (
        "email emailaddress mail workemail businessemail primaryemail personalemail otheremail courriel emailadresse"
    ),
    "linkedin_id": (
        "linkedin linkedinid linkedinurl linkedinprofile linkedinprofileurl linkedinslug linkedinlink personlinkedinurl"
    ),
    "title": "title jobtitle position",
    "country": "country countrycode countryname personcountry mailingcountry land pays pais",
    "do_not_call": "donotcall dnc donotcontactbyphone optedoutofcalls",
    "mobile": (
        "mobile mobilephone mobilenumber mobilephonenumber cell cellphone cellnumber handy handynummer mobil "
        "mobiltelefon portable telephoneportable telephonemobile natel movil"
    ),
    "direct": "direct directphone directdial directdialphone directnumber directline dd ddi durchwahl lignedirecte",
    "phone": (
        "phone phonenumber telephone telephonenumber tel telefon telefonnummer telefono workphone businessphone "
        "officephone homephone otherphone primaryphone contactphone personphone"
    ),
    "company_phone": (
        "companyphone companyphonenumber mainphone companymainphone switchboard accountphone corporatephone hqphone "
        "zentrale standard"
    ),
}
"""Folded names that columns have in the exports of CRMs and address books."""

ROLES: Final = tuple(_ALIASES)
PHONES: Final = ("mobile", "direct", "phone", "company_phone")
MANY: Final = frozenset({*PHONES, "email"})
"""Roles that more than one column may have."""
_ROLE_OF: Final = {alias: role for role, aliases in _ALIASES.items() for alias in (role, *aliases.split())}
_NUMBERED = re.compile(r"[0-9]+(?:value)?$|value$")
_SHOWN = 40


def fold(name: str) -> str:
    """A column's name without case, accents, spaces and punctuation: `E-Mail` and `email` are one."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in plain if c.isalnum())


_FOLDED: Final = {fold(alias): role for alias, role in _ROLE_OF.items()}


@attrs.frozen
class Columns:
    """The positions of the columns of each role, in the order in which they stand."""

    places: Mapping[str, tuple[int, ...]]

    def one(self, role: str) -> int | None:
        """The first column of a role."""
        found = self.places.get(role)
        return found[0] if found else None

    @property
    def keyed(self) -> bool:
        """Whether a row can be found again by one of the three methods."""
        have = self.places.keys()
        named = "name" in have or {"first_name", "last_name"} <= have
        return "email" in have or "linkedin_id" in have or (named and ("company" in have or "domain" in have))

    @property
    def has_phone(self) -> bool:
        """Whether there is a column with numbers."""
        return not self.places.keys().isdisjoint(PHONES)

    @property
    def used(self) -> list[int]:
        """Every position that means something, in order."""
        return sorted({place for places in self.places.values() for place in places})


def map_columns(names: Sequence[str], given: Mapping[str, tuple[str, ...]]) -> Columns:
    """What each column means. A role that `given` names is not looked for by its known names."""
    places: dict[str, list[int]] = {}
    taken: set[int] = set()
    for role, wanted in given.items():
        for name in wanted:
            for index, column in enumerate(names):
                if index not in taken and (column == name or fold(column) == fold(name)):
                    places.setdefault(role, []).append(index)
                    taken.add(index)
    for index, column in enumerate(names):
        role_found = None if index in taken else _role(fold(column))
        if role_found is None or role_found in given:
            continue
        places.setdefault(role_found, []).append(index)
    if "name" in places and "first_name" in places and "last_name" not in places and "last_name" not in given:
        places["last_name"] = places.pop("name")  # `Vorname, Name` and `prénom, nom`: the name is the last name
    return Columns({role: tuple(found if role in MANY else found[:1]) for role, found in places.items()})


def _role(folded: str) -> str | None:
    # Address books number their columns: `Phone 2`, `E-mail 1 - Value`.
    return _FOLDED.get(folded) or _FOLDED.get(_NUMBERED.sub("", folded))


def check_columns(source: str, names: Sequence[str], columns: Columns, given: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse a source whose columns cannot answer anything.

    Raises:
        ConfigError: a column that the settings name is missing, or nothing identifies a person, or there is no phone.
    """
    folded = {fold(name) for name in names}
    seen = ", ".join(repr(name[:_SHOWN]) for name in names[:_SHOWN]) or "none"
    for role, wanted in given.items():
        for name in wanted:
            if name not in names and fold(name) not in folded:
                raise ConfigError(f"{source}: [providers.directory] columns.{role} names {name!r}; there are {seen}")
    if not columns.keyed:
        lacks = "no column says who a person is: expected a name with a company or domain, an email, or a LinkedIn id"
        way = '{ email = "…" }'
    elif not columns.has_phone:
        lacks, way = "no column holds phone numbers", '{ phone = "…" }'
    else:
        return
    raise ConfigError(
        f"{source}: {lacks}; the columns are {seen}. Rename one, or say in [providers.directory] what it is: "
        f"columns = {way}"
    )
