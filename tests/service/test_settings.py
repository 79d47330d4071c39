"""`[service]` of the configuration file."""

import pytest

from enrichcore.config import ServiceConfig, parse_config
from enrichcore.errors import ConfigError


def test_without_the_section_there_are_defaults() -> None:
    assert parse_config("").service == parse_config("[service]").service == ServiceConfig()
    assert (ServiceConfig().deadline, ServiceConfig().credits_per_hit) == (30.0, 1)


def test_every_key_is_read() -> None:
    text = """
        [service]
        deadline = 20
        max_wait = 90.5
        credits_per_hit = 0
        concurrency = 1
        queue = 0
        on_changed_record = "reject"
    """
    assert parse_config(text).service == ServiceConfig(
        deadline=20.0, max_wait=90.5, credits_per_hit=0, concurrency=1, queue=0, on_changed_record="reject"
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("deadline = 0", "deadline: expected seconds, got 0"),
        ("deadline = true", "deadline: expected seconds, got True"),
        ("max_wait = 'x'", "max_wait: expected seconds, got 'x'"),
        ("credits_per_hit = -1", "credits_per_hit: expected a number of credits, got -1"),
        ("credits_per_hit = 1.5", "credits_per_hit: expected a number of credits, got 1.5"),
        ("concurrency = 0", "concurrency: expected a number of lookups, got 0"),
        ("queue = false", "queue: expected a number of lookups, got False"),
        ("on_changed_record = 'ask'", "on_changed_record: expected 'lookup' or 'reject', got 'ask'"),
        ("deadlin = 1", "has no key 'deadlin'. Did you mean 'deadline'?"),
    ],
)
def test_a_value_that_cannot_be_one_is_named(line: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(f"[service]\n{line}")
    assert said in str(caught.value)
