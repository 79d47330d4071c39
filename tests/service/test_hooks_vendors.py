"""The vendors that call an address when a job has ended: what they are given, and what is read of what they send."""

import hashlib
import hmac
from typing import Any

import attrs
import pytest
from enrichcore_bettercontact import Bettercontact
from enrichcore_dropcontact import Dropcontact
from enrichcore_enrow import Enrow
from enrichcore_fullenrich import FullEnrich

from enrichcore.errors import ProviderError
from enrichcore.model import Job
from enrichcore.plugins import Provider
from enrichcore.plugins.registry import Registry
from enrichcore.testing import Vendor, reply

URL = "https://phones.acme.example/v1/hooks/vendor?token=0123"


@attrs.frozen
class Case:
    """The answer to a submission, where the address stands in one, and an event as the vendor documents it."""

    provider: type[Provider]
    accepted: dict[str, Any]
    place: tuple[str, ...]
    event: Any


CASES = [
    Case(
        FullEnrich,
        {"enrichment_id": "job-1"},
        ("webhook_url",),
        {"id": "job-1", "name": "enrichcore", "status": "FINISHED", "cost": {"credits": 10}, "data": [{}]},
    ),
    Case(
        Bettercontact,
        {"success": True, "id": "job-1", "message": "Processing"},
        ("webhook",),
        {"id": "job-1", "status": "terminated", "credits_consumed": 10, "credits_left": 940, "data": [{}]},
    ),
    Case(
        Enrow,
        {"message": "Search started", "id": "job-1", "credits_used": 50},
        ("settings", "webhook"),
        {
            "event": "single_phone_search_finished",
            "id": "job-1",
            "credits": {"cost": 50},
            "result": {"event": "single_phone_search_finished", "id": "job-1", "result": {"qualification": "found"}},
        },
    ),
    Case(
        Dropcontact,
        {"request_id": "job-1", "success": True, "error": False, "credits_left": 10},
        ("custom_callback_url",),
        [{"event_type": "enrich_api_result", "data": {"request_id": "job-1", "data": [{}]}}],
    ),
]
EACH = pytest.mark.parametrize("case", CASES, ids=lambda case: case.provider.name)


def submitted(case: Case, url: str | None) -> Any:
    """The body of a submission by a provider that was given this address."""
    provider = case.provider()
    provider.webhook_url = url
    vendor = Vendor(provider, reply(201, case.accepted), reply(500, {}))
    with pytest.raises(ProviderError):
        vendor.ask("name", first_name="Robin", last_name="Sample", company="Example Widgets", domain="widgets.example")
    return vendor.asked[0].json()


@EACH
def test_the_address_goes_along_with_a_submission_and_nothing_else_changes(case: Case) -> None:
    body, plain = submitted(case, URL), submitted(case, None)
    found = body
    for part in case.place:
        found = found[part]
    assert found == URL
    assert {name: value for name, value in body.items() if name != case.place[0]} == plain


@EACH
def test_an_event_names_its_job(case: Case) -> None:
    provider = case.provider()
    assert list(provider.jobs_of(case.event)) == ["job-1"]
    assert provider.vendor_job(Job("job-1")) == "job-1"


@EACH
@pytest.mark.parametrize("event", [None, 7, "job-1", {"event": 1}, [7], [{}]])
def test_what_is_no_event_says_so(case: Case, event: Any) -> None:
    with pytest.raises((LookupError, TypeError)):
        list(case.provider().jobs_of(event))


def test_fullenrich_signs_with_the_key() -> None:
    """Its documentation: `X-Signature-SHA1`, the lower-case hexadecimal HMAC-SHA1 of the raw body under the API key."""
    assert FullEnrich.webhook is not None
    signature = FullEnrich.webhook.signature
    assert signature is not None
    assert signature.header == "X-Signature-SHA1"
    made = hmac.new(b"api-key", b'{"id":1}', hashlib.sha1).hexdigest().encode()
    assert signature.fits(b'{"id":1}', made, "api-key")


def test_these_are_all_that_have_a_webhook() -> None:
    registry = Registry()
    registry.load_installed({})
    having = {name for name, plugin in registry.plugins.items() if plugin.provider.webhook is not None}
    assert having == {case.provider.name for case in CASES}
