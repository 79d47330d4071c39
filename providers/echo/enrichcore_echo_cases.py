"""Whom Echo knows and whom not, for the contract suite: `enrichcore providers test echo`."""

from enrichcore.testing import Case, Cases

NOBODY = {
    "first_name": "Nobody",
    "last_name": "Known",
    "company": "Engines",
    "email": "nobody@engines.example",
    "linkedin_id": "nobody-known",
}
CASES = Cases(
    Case("name", nobody=NOBODY),
    Case("linkedin", nobody=NOBODY),
    Case("email", nobody=NOBODY),
    settings={"fill_rate": 1, "answers": {NOBODY["email"]: "", NOBODY["linkedin_id"]: "", "Nobody Known": ""}},
)
