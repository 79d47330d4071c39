"""Meanings of a status that several vendors share, to be put into `status_errors` of a provider."""

import httpx

from enrichcore.errors import KeyRefused, MaybeSent, ProviderError, RateLimited, RequestRefused, ServerError
from enrichcore.plugins.provider import StatusError


def is_poll(response: httpx.Response) -> bool:
    """Whether it answers a GET: of a vendor whose jobs are submitted by POST, a question for the answer of one."""
    return response.request.method == "GET"


def job_gateway(response: httpx.Response) -> ProviderError:
    """A gateway (502, 504) spoke for the vendor: a job that was being submitted may have been accepted."""
    if is_poll(response):
        return ServerError("a gateway answered for the vendor")
    return MaybeSent("a gateway answered for the vendor: the job may have been accepted")


def job_unknown(response: httpx.Response) -> ProviderError | None:
    """404: of a poll an answer, for `collect` to read; of a submission a wrong address."""
    return None if is_poll(response) else RequestRefused("the vendor answered 404 to a submission; is base_url right?")


def paced(said: str, wait: float) -> StatusError:
    """429 of a vendor that names its window in the documentation only: `wait` seconds, unless a header says others."""

    def meaning(response: httpx.Response) -> ProviderError:
        return RateLimited(said, retry_after=None if "retry-after" in response.headers else wait)

    return meaning


def blocked(said: str) -> StatusError:
    """A status with which a public service says that it no longer serves this application: the alarm of a bad key."""

    def meaning(response: httpx.Response) -> ProviderError:  # noqa: ARG001 - the signature of a status error
        return KeyRefused(said)

    return meaning
