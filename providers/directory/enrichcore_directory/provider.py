"""The provider: looks people up in the index of their owner's own list."""

import asyncio

from enrichcore.identity import name_key
from enrichcore.model import Credits, EmailQuery, Hit, LinkedInQuery, Miss, NameQuery
from enrichcore.plugins import Http, Provider, hookimpl
from enrichcore_directory.choose import answer_for, namesakes, sharers
from enrichcore_directory.entry import by_email, by_linkedin, name_at_company, name_at_domain
from enrichcore_directory.index import Index
from enrichcore_directory.settings import DirectorySettings
from enrichcore_directory.source import open_index, version_of


class Directory(Provider):
    """Your own people: asked first, for free, without leaving the machine.

    After `setup`, `rows` is how many rows can be found and `skipped` how many could not be used; `first_skipped` says
    why the first of those was not.
    """

    name = "directory"
    first_party = True
    Settings = DirectorySettings
    settings = DirectorySettings()
    typical = 0.01
    rows = 0
    skipped = 0
    first_skipped = ""
    _index: Index | None = None

    async def setup(self) -> None:
        """Open the index, built first where the source is new or has changed.

        Raises:
            ConfigError: the source cannot be read or used.
        """
        await self.aclose()
        # In a thread, because a million rows take half a minute and the engine's loop has other work.
        index = await asyncio.to_thread(open_index, self.settings)
        self._index = index
        self.answer_version = version_of(index)
        self.rows, self.skipped = int(index.meta["rows"]), int(index.meta["skipped"])
        self.first_skipped = index.meta["first_skipped"]

    async def aclose(self) -> None:
        """Close the index."""
        if self._index is not None:
            self._index.close()
            self._index = None

    @hookimpl
    async def phone_by_name(self, query: NameQuery) -> Hit | Miss:
        """By first and last name at a company, else at a domain."""
        person = name_key(query.full_name)
        rows = self._opened.find(name_at_company(person, query.company)) if query.company else []
        if not rows and query.domain:
            rows = self._opened.find(name_at_domain(person, query.domain))
        return answer_for(rows, namesakes)

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery) -> Hit | Miss:
        """By LinkedIn profile."""
        return answer_for(self._opened.find(by_linkedin(query.linkedin_id)), sharers(_name(query)))

    @hookimpl
    async def phone_by_email(self, query: EmailQuery) -> Hit | Miss:
        """By email address."""
        return answer_for(self._opened.find(by_email(query.email)), sharers(_name(query)))

    async def balance(self, http: Http) -> Credits:  # noqa: ARG002 - the signature to override
        """Nothing is ever used up; the detail says how much of the source could be read."""
        passed_over = f", passed over: {self.skipped:,}; {self.first_skipped}" if self.skipped else ""
        return Credits(remaining=None, detail=f"rows used: {self.rows:,}{passed_over}")

    @property
    def _opened(self) -> Index:
        if self._index is None:
            raise RuntimeError("the directory was asked before setup() or after aclose()")
        return self._index


def _name(query: LinkedInQuery | EmailQuery) -> str | None:
    if query.first_name is None or query.last_name is None:
        return None
    return f"{query.first_name} {query.last_name}"
