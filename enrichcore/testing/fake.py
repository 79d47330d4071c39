"""FakeProvider: a provider that says what a test tells it to say, and remembers what it was asked."""

import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Any

from enrichcore.model import EmailQuery, Hit, Job, LinkedInQuery, Method, Miss, Number, Price, Query
from enrichcore.plugins import Provider, hookimpl
from enrichcore.plugins.registry import HOOKS

_FREE = Price.free()


class FakeProvider(Provider):
    """Answers by all methods from a mapping keyed by email, LinkedIn slug or "First Last", or from a function.

    An answer is a number as text, a `Hit`, `Miss` or `Job`, None (a miss), an exception to raise, or a function of
    the query that gives one of these (it may be async). Whoever is not in the mapping is a miss. `calls` holds the
    queries in order. Any other fact of a provider can be given by its name: `FakeProvider({}, typical=0.1)`.
    """

    def __init__(
        self,
        answers: Mapping[str, Any] | Callable[[Query], Any],
        *,
        name: str = "fake",
        price: Price = _FREE,
        methods: Collection[Method | str] = tuple(Method),
        **facts: Any,
    ) -> None:
        unknown = [fact for fact in facts if not hasattr(Provider, fact)]
        if unknown:
            raise TypeError(f"a provider has no fact called {', '.join(unknown)}")
        wanted = {Method(method) for method in methods}
        # A hook that is None on the object is one that pluggy does not see.
        hidden = dict.fromkeys(hook for method, hook in HOOKS.items() if method not in wanted)
        vars(self).update(facts, name=name, price=price, **hidden)
        self.calls: list[Query] = []
        self._answers = answers if callable(answers) else {key.casefold(): value for key, value in answers.items()}

    @hookimpl
    async def phone_by_name(self, query: Query) -> Hit | Miss | Job:
        """The answer for "First Last"."""
        return await self._answer(query)

    @hookimpl
    async def phone_by_linkedin(self, query: Query) -> Hit | Miss | Job:
        """The answer for the LinkedIn slug."""
        return await self._answer(query)

    @hookimpl
    async def phone_by_email(self, query: Query) -> Hit | Miss | Job:
        """The answer for the email address."""
        return await self._answer(query)

    async def _answer(self, query: Query) -> Hit | Miss | Job:
        self.calls.append(query)
        said: Any = self._answers if callable(self._answers) else self._answers.get(_key(query).casefold())
        if callable(said) and not isinstance(said, type):
            said = said(query)
            if inspect.isawaitable(said):
                said = await said
        if isinstance(said, BaseException) or (isinstance(said, type) and issubclass(said, BaseException)):
            raise said
        if said is None:
            return Miss()
        return Hit(Number(said)) if isinstance(said, str) else said


def _key(query: Query) -> str:
    if isinstance(query, EmailQuery):
        return query.email
    return query.linkedin_id if isinstance(query, LinkedInQuery) else query.full_name
