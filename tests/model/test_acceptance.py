"""Acceptance: what may be asked for, and what is wrong about what may not."""

from typing import Any

import attrs
import pytest

from enrichcore.model import Acceptance, LineType, Method


def test_everything_is_taken_in_plain_forms() -> None:
    policy = Acceptance(
        line_types=["mobile"], countries=["us", "GBR", "AC"], refused_countries={"Germany"}, min_score=1,
        min_scores={"name": 0.9, "email": 0},
    )  # fmt: skip
    assert policy.line_types == frozenset({LineType.MOBILE})
    assert policy.countries == frozenset({"US", "GB", "AC"})
    assert policy.refused_countries == frozenset({"DE"})
    assert (policy.min_score, policy.min_scores) == (1.0, {"name": 0.9, "email": 0.0})


@pytest.mark.parametrize(
    ("wrong", "kind", "words"),
    [
        ({"line_types": "mobile"}, TypeError, "line_types: expected a list of line types, got 'mobile'"),
        ({"line_types": ["mobil"]}, ValueError, "line_types: 'mobil' is none of mobile, landline, voip, unknown"),
        ({"countries": "US"}, TypeError, "countries: expected a list of ISO country codes, got 'US'"),
        ({"countries": 5}, TypeError, "countries: expected a list of ISO country codes, got 5"),
        ({"countries": ["Atlantis"]}, ValueError, "countries: 'Atlantis' is no country"),
        ({"countries": [1]}, ValueError, "countries: 1 is no country"),
        ({"refused_countries": "US"}, TypeError, "refused_countries: expected a list of ISO country codes, got 'US'"),
        ({"refused_countries": ["ZZ"]}, ValueError, "refused_countries: 'ZZ' is no country"),
        (
            {"countries": ["US", "GB", "FR"], "refused_countries": ["us", "UK"]},
            ValueError,
            "countries and refused_countries: GB, US cannot be in both",
        ),
        ({"min_score": 1.1}, ValueError, "min_score: expected a number from 0 to 1, got 1.1"),
        ({"min_score": float("nan")}, ValueError, "min_score: expected a number from 0 to 1, got nan"),
        ({"min_score": "0.5"}, TypeError, "min_score: expected a number from 0 to 1, got '0.5'"),
        ({"min_score": True}, TypeError, "min_score: expected a number from 0 to 1, got True"),
        ({"min_scores": 0.5}, TypeError, "min_scores: expected a mapping of method to score, got 0.5"),
        (
            {"min_scores": {"phone": 0.5}},
            ValueError,
            "min_scores: there is no method 'phone'; methods are name, linked",
        ),
        ({"min_scores": {"name": -0.1}}, ValueError, "min_scores[name]: expected a number from 0 to 1, got -0.1"),
        ({"min_scores": {"name": None}}, TypeError, "min_scores[name]: expected a number from 0 to 1, got None"),
        ({"company_lines": "no"}, TypeError, "company_lines: expected True or False, got 'no'"),
        ({"allow_fictional": "false"}, TypeError, "allow_fictional: expected True or False, got 'false'"),
    ],
)
def test_what_cannot_be_is_refused_with_the_key_and_what_came(
    wrong: dict[str, Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind) as caught:
        Acceptance(**wrong)
    assert words in str(caught.value)


def test_the_score_of_a_method_counts_instead_of_the_general_one() -> None:
    policy = Acceptance(min_score=0.8, min_scores={"name": 0.9, "email": 0.2})
    assert [policy.least_score(method) for method in Method] == [0.9, 0.8, 0.2]
    assert [Acceptance(min_score=0.8).least_score(method) for method in Method] == [0.8] * 3


def test_a_policy_is_frozen_hashable_and_equal_by_what_it_says() -> None:
    one = Acceptance(min_scores={"name": 0.9, "email": 0.8}, refused_countries=["US"])
    same = Acceptance(min_scores={Method.EMAIL: 0.8, Method.NAME: 0.9}, refused_countries=["US"])
    assert (one, hash(one), repr(one)) == (same, hash(same), repr(same))
    assert one != Acceptance(min_scores={"name": 0.9}, refused_countries=["US"])
    assert one != attrs.evolve(one, min_scores={})
    assert attrs.evolve(one, min_score=0.5).min_scores == {"name": 0.9, "email": 0.8}
    with pytest.raises(TypeError):
        one.min_scores["name"] = 0.1  # type: ignore[index]
    with pytest.raises(KeyError):
        one.min_scores["linkedin"]
    assert Acceptance(min_scores={}) == Acceptance()
