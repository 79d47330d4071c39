"""The values that travel: contacts, queries, answers, attempts, prices and results. All frozen, none does I/O."""

from enrichcore.model.acceptance import Acceptance
from enrichcore.model.answer import Answer, Hit, Job, Miss, Number, Person
from enrichcore.model.attempt import Attempt, Billed, Outcome, SkipReason
from enrichcore.model.budget import Budget, ProviderBudget
from enrichcore.model.contact import FIELDS, Contact
from enrichcore.model.price import Credits, Price
from enrichcore.model.query import EmailQuery, LinkedInQuery, Method, NameQuery, Query
from enrichcore.model.result import PhoneResult, Status
from enrichcore.model.subject import Learned, Subject
from enrichcore.phone.line_type import LineType

__all__ = [
    "FIELDS",
    "Acceptance",
    "Answer",
    "Attempt",
    "Billed",
    "Budget",
    "Contact",
    "Credits",
    "EmailQuery",
    "Hit",
    "Job",
    "Learned",
    "LineType",
    "LinkedInQuery",
    "Method",
    "Miss",
    "NameQuery",
    "Number",
    "Outcome",
    "Person",
    "PhoneResult",
    "Price",
    "ProviderBudget",
    "Query",
    "SkipReason",
    "Status",
    "Subject",
]
