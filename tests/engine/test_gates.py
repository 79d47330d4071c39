"""The list of gates is the list of what is refused: every reason of it happens."""

from typing import Any

import pytest

from enrichcore.engine.acceptance import judge
from enrichcore.engine.gates import GATES, REASONS
from enrichcore.model import Acceptance, Contact, Hit, Method, Number, Subject

ASKED = Subject.of(Contact(record_id="1", email="ada@engines.example"))
ONE_OF_EACH: dict[str, tuple[Any, dict[str, Any]]] = {
    "not_text": (Number(12025550143), {}),
    "masked": (Number("+1 202 *** **43"), {}),
    "unparsable": (Number("call me"), {}),
    "ambiguous_region": (Number("020 7946 0123"), {}),
    "not_possible": (Number("+1202555"), {}),
    "not_valid": (Number("+12021559876"), {}),
    "premium": (Number("+376912345"), {}),
    "shared_cost": (Number("+491802123459"), {}),
    "pager": (Number("+491687654381"), {}),
    "voicemail": (Number("+41860123456789"), {}),
    "fictional": (Number("+12025550143"), {}),
    "placeholder": (Number("+12022222222"), {}),
    "company_line": (Number("+18005550143"), {"allow_fictional": True}),
    "country_not_wanted": (Number("+12025550143"), {"allow_fictional": True, "refused_countries": ["US"]}),
    "line_type_not_wanted": (Number("+447700900123"), {"allow_fictional": True, "line_types": ["landline"]}),
    "low_match_score": (Number("+12025550143"), {"allow_fictional": True, "min_score": 0.9}),
    "shared_number": (Number("+12025550143"), {"allow_fictional": True}),
    "no_number": (None, {}),
}


class _Shared:
    def refuses(self, phone: str) -> str | None:
        """Everybody has it."""
        return "shared_number"


@pytest.mark.parametrize("reason", ONE_OF_EACH)
def test_every_reason_happens(reason: str) -> None:
    number, policy = ONE_OF_EACH[reason]
    answer = Hit() if number is None else Hit(number)
    known = _Shared() if reason == "shared_number" else None
    verdict = judge(answer, ASKED, ASKED.queries[Method.EMAIL], Acceptance(**policy), known)
    assert (verdict.phone, verdict.reason) == (None, reason)


def test_the_list_is_complete_and_names_policy_keys_that_exist() -> None:
    assert set(REASONS) == set(ONE_OF_EACH)
    assert len({gate.name for gate in GATES}) == len(GATES)
    keys = {gate.key for gate in GATES if gate.key is not None} - {"max_people"}
    assert keys <= set(Acceptance.__annotations__)
