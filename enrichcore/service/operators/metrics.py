"""Metrics: everything that is counted, in the text form of Prometheus, made anew whenever somebody reads it.

No label holds anything of a person, a tenant or a key: a label is the name of a provider, a status, or a word from a
closed list, so that the number of series is bounded, too.
"""

from collections.abc import Iterable, Iterator

import attrs
from prometheus_client import CollectorRegistry, Metric, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from enrichcore.runtime import Runtime
from enrichcore.service.app import Service
from enrichcore.service.operators.buckets import Buckets
from enrichcore.service.operators.standing import STATES, standings
from enrichcore.service.operators.tally import Tally
from enrichcore.service.operators.traffic import Traffic
from enrichcore.version import __version__

Series = Iterable[tuple[tuple[str, ...], float]]


@attrs.frozen(eq=False)
class Metrics(Collector):
    """What one process has to tell."""

    service: Service
    tally: Tally
    traffic: Traffic
    runtime: Runtime

    def read(self, accept: str) -> tuple[bytes, str]:
        """All of it, in the form that fits the header Accept, and the name of that form."""
        registry = CollectorRegistry()
        registry.register(self)
        ProcessCollector(registry=registry)
        encode, media = choose_encoder(accept)
        return encode(registry), media

    def collect(self) -> Iterator[Metric]:
        """Every family of series."""
        yield from self._service()
        yield from self._lookups()
        yield from self._providers()

    def _service(self) -> Iterator[Metric]:
        ready = self.service.ready and self.service.engine.is_open
        running, waiting = self.service.admission.load
        yield _gauge("info", "Which version this is.", ("version",), [((__version__,), 1.0)])
        yield _gauge("ready", "1 while requests should come here.", (), [((), float(ready))])
        requests = ((key, float(count)) for key, count in self.traffic.requests.items())
        yield _counter("requests", "Requests that are over.", ("endpoint", "status"), requests)
        yield _histogram("request_seconds", "How long POST /v1/enrich/phone took.", (), [((), self.traffic.seconds)])
        yield _gauge("requests_in_flight", "Requests that are being worked on.", (), [((), self.traffic.inside)])
        yield _gauge("lookups_running", "Lookups that hold a place.", (), [((), running)])
        yield _gauge("lookups_waiting", "Lookups that wait for a place.", (), [((), waiting)])
        shed = [((), float(self.service.admission.shed))]
        yield _counter("lookups_shed", "Lookups that were refused because there was no room.", (), shed)
        writes = [((), self.service.engine.writes_waiting)]
        yield _gauge("journal_writes_waiting", "Operations of the journal that wait for a commit.", (), writes)

    def _lookups(self) -> Iterator[Metric]:
        tally = self.tally
        yield _counter(
            "enrichments",
            "Enrichments that are over.",
            ("status", "cached"),
            (((status, str(cached).lower()), float(n)) for (status, cached), n in tally.enrichments.items()),
        )
        yield _counter(
            "attempts",
            "Attempts that were made.",
            ("provider", "method", "outcome", "billed"),
            ((key, float(n)) for key, n in tally.attempts.items()),
        )
        yield _counter(
            "stored_answers",
            "Answers that had been bought before.",
            ("provider", "method"),
            ((key, float(n)) for key, n in tally.stored.items()),
        )
        yield _counter(
            "attempt_errors",
            "Attempts that brought no answer.",
            ("provider", "reason"),
            ((key, float(n)) for key, n in tally.errors.items()),
        )
        yield _counter(
            "skips",
            "Providers that could have answered and were not asked.",
            ("provider", "reason"),
            ((key, float(n)) for key, n in tally.skips.items()),
        )
        seconds = (((name,), buckets) for name, buckets in tally.seconds.items())
        yield _histogram(
            "attempt_seconds",
            "How long attempts took, with the wait for their turn and all tries.",
            ("provider",),
            seconds,
        )

    def _providers(self) -> Iterator[Metric]:
        tally, currency = self.tally, self.service.engine.budget.currency
        credits = (((name,), float(n)) for name, n in tally.credits.items())
        yield _counter("credits", "Credits of the vendor that were spent.", ("provider",), credits)
        cost = (((name, currency), float(n)) for name, n in tally.cost.items())
        yield _counter("cost", "Money that was spent.", ("provider", "currency"), cost)
        unpriced = (((name,), float(n)) for name, n in tally.unpriced.items())
        yield _counter("unpriced_attempts", "Attempts whose price in money is not known.", ("provider",), unpriced)
        states = (
            ((one.name, state), float(one.state == state))
            for one in standings(self.service.engine, self.runtime)
            if one.state is not None
            for state in STATES
        )
        yield _gauge("provider_state", "1 for the state that a provider is in.", ("provider", "state"), states)


def _gauge(name: str, said: str, labels: tuple[str, ...], series: Series) -> Metric:
    family = GaugeMetricFamily(f"enrichcore_{name}", said, labels=labels)
    for values, value in series:
        family.add_metric(values, value)
    return family


def _counter(name: str, said: str, labels: tuple[str, ...], series: Series) -> Metric:
    family = CounterMetricFamily(f"enrichcore_{name}", said, labels=labels)
    for values, value in series:
        family.add_metric(values, value)
    return family


def _histogram(
    name: str, said: str, labels: tuple[str, ...], series: Iterable[tuple[tuple[str, ...], Buckets]]
) -> Metric:
    family = HistogramMetricFamily(f"enrichcore_{name}", said, labels=labels)
    for values, buckets in series:
        family.add_metric(values, buckets.upto(), buckets.seconds)
    return family
