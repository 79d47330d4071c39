"""The echo provider: answers from the question alone, without network and without key. Copy it to start your own."""

import hashlib
from collections.abc import Mapping

import attrs
from attrs.validators import deep_mapping, ge, instance_of, le

from enrichcore.model import EmailQuery, Hit, LinkedInQuery, Miss, NameQuery, Number
from enrichcore.plugins import Provider, hookimpl

AREAS = (202, 206, 212, 303, 312, 415, 504, 604, 617, 702, 808, 907)
_text = instance_of(str)


@attrs.frozen(kw_only=True)
class EchoSettings:
    """The keys of `[providers.echo]`: the share of people it knows, and numbers for those it must know."""

    fill_rate: float = attrs.field(default=0.75, validator=[instance_of((int, float)), ge(0), le(1)])
    answers: Mapping[str, str] = attrs.field(factory=dict, validator=deep_mapping(_text, _text, instance_of(dict)))
    """From email, LinkedIn slug or "First Last" to a number; an empty text is a miss."""


class Echo(Provider):
    """Invents a number that is reserved for fiction: the same question always gets the same answer."""

    name = "echo"
    when_named = True  # nobody wants invented numbers by accident
    Settings = EchoSettings
    settings = EchoSettings()

    @hookimpl
    async def phone_by_name(self, query: NameQuery) -> Hit | Miss:
        """A number for a name and company."""
        return self._answer(query.full_name, query.key)

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery) -> Hit | Miss:
        """A number for a LinkedIn profile."""
        return self._answer(query.linkedin_id, query.key)

    @hookimpl
    async def phone_by_email(self, query: EmailQuery) -> Hit | Miss:
        """A number for an email address."""
        return self._answer(query.email, query.key)

    def _answer(self, person: str, key: bytes) -> Hit | Miss:
        scripted = self.settings.answers.get(person)
        if scripted is not None:
            return Hit(Number(scripted)) if scripted else Miss()
        digest = hashlib.sha256(key).digest()
        if int.from_bytes(digest[:4], "big") >= self.settings.fill_rate * 2**32:
            return Miss()
        # 555-0100 to 555-0199 is reserved for fiction in every area code of North America.
        return Hit(Number(f"+1 {AREAS[digest[4] % len(AREAS)]} 555 01{digest[5] % 100:02d}"))
