"""Whatever is sent, the answer is one that the description knows, and it is never 500."""

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enrichcore.model import Miss
from tests.service.conftest import House

WORDS = st.text(max_size=30) | st.sampled_from(["", " ", "n/a", "ada@engines.example", "ada-l", "Ada", "\0", "\ud800"])
VALUES = st.none() | st.integers() | st.booleans() | WORDS | st.lists(WORDS, max_size=2)
BODIES = st.dictionaries(
    st.sampled_from(
        ["record_id", "first_name", "last_name", "company", "domain", "email", "linkedin_id", "country", "other"]
    ),
    VALUES,
    max_size=9,
)
LIKELY = st.fixed_dictionaries(
    {"record_id": st.text(min_size=1, max_size=9)},
    optional={name: WORDS for name in ("first_name", "last_name", "company", "email", "linkedin_id")},  # noqa: C420
)
TOKENS = st.text("abcXYZ019-=;,\"'/ *%&+", max_size=30)
HEADERS = st.dictionaries(
    st.sampled_from(["Prefer", "Content-Type", "Content-Encoding", "X-Request-ID", "Accept", "Expect"]),
    TOKENS
    | st.sampled_from(["wait=0", "respond-async", "wait=5, respond-async", "application/json", "gzip", "text/xml"]),
    max_size=3,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    method=st.sampled_from(["POST", "POST", "POST", "GET", "PUT", "DELETE", "OPTIONS"]),
    path=st.sampled_from(["/v1/enrich/phone"] * 4 + ["/v1/enrich/phone/x", "/docs", "/v1", "/healthz/"]),
    query=st.just("")
    | TOKENS.map(lambda text: "?" + text.replace("%", "%25"))
    | st.just("?include=attempts&refresh=true"),
    key=st.sampled_from(["acme-wide", "acme-wide", "globex-key", "wrong", ""]),
    headers=HEADERS,
    body=LIKELY | BODIES | st.binary(max_size=50),
)
def test_every_answer_is_a_described_one(
    method: str, path: str, query: str, key: str, headers: Mapping[str, str], body: Any
) -> None:
    house = House()
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Content-Type": "application/json", "Authorization": f"Bearer {key}", **headers}

    async def work() -> int:
        async with house.open(house.paid(house.script(Miss()))) as client:
            answer = await client.send(method, path + query, content=content, headers=sent)
            return answer.status_code

    assert house.play(work) in (200, 202, 400, 401, 404, 405, 422)
    assert house.accounts.reserved == 0
