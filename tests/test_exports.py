"""The public names are pinned: adding or losing one is a decision, not an accident."""

import importlib

import pytest

import enrichcore

PUBLIC = {
    "enrichcore": [
        "Acceptance", "AsyncEngine", "Attempt", "Billed", "Budget", "ConfigError", "Contact", "Engine", "EngineClosed",
        "EnrichcoreError", "InvalidContact", "LineType", "Method", "Outcome", "PhoneResult", "PluginError",
        "ProviderError", "ResultErrors", "Status", "StoreError", "__version__",
    ],
    "enrichcore.plugins": [
        "Auth", "Basic", "Batch", "Bearer", "ContactSettings", "Header", "Http", "Missed", "Poll", "Provider", "Query",
        "Rate", "Signature", "StatusError", "Webhook", "amount_of", "blocked", "by_place", "each", "hookimpl",
        "hookspec", "is_masked", "is_poll", "job_gateway", "job_of", "job_unknown", "object_of", "paced", "shares",
        "shown_text", "text_of",
    ],
    "enrichcore.testing": [
        "CHECKS", "FAULTS", "Act", "Asked", "Case", "Cases", "Check", "FakeProvider", "FrozenClock", "Report", "Result",
        "ScriptedTransport", "Vendor", "VendorServer", "check_provider", "fault", "reply", "run",
    ],
    "enrichcore.model": [
        "FIELDS", "Acceptance", "Answer", "Attempt", "Billed", "Budget", "Contact", "Credits", "EmailQuery", "Hit",
        "Job", "Learned", "LineType", "LinkedInQuery", "Method", "Miss", "NameQuery", "Number", "Outcome", "Person",
        "PhoneResult", "Price", "ProviderBudget", "Query", "SkipReason", "Status", "Subject",
    ],
}  # fmt: skip


@pytest.mark.parametrize("module", PUBLIC)
def test_exports_are_pinned(module: str) -> None:
    """`__all__` says exactly what is public, and every name is there."""
    loaded = importlib.import_module(module)
    assert sorted(loaded.__all__) == sorted(PUBLIC[module])
    for name in loaded.__all__:
        assert getattr(loaded, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    """Lazy loading does not invent names."""
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = enrichcore.Nothing
