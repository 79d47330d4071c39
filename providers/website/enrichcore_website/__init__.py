"""Website: numbers that a company shows on its own pages, by name and domain, or by email address.

| the site | meaning | billed |
|---|---|---|
| a page with the person's name and a number beside it | hit: the person's | no |
| other numbers of the company | hit: the company's line | no |
| pages without a number, or closed by robots.txt | miss | no |
| no such host, an address that is not public, connection or TLS refused | `request_refused` | no |
| no answer in time | `unsent`, `maybe_sent` | no |
| 429 | `rate_limited` | no |
| 5xx on the first page | `server_error` | no |

Facts from https://www.rfc-editor.org/rfc/rfc9309 (robots.txt), https://schema.org/telephone,
https://microformats.org/wiki/h-card and the special-purpose registries at
https://www.iana.org/assignments/iana-ipv4-special-registry and
https://www.iana.org/assignments/iana-ipv6-special-registry, read on 2026-11-25.
"""

from enrichcore_website.provider import Website
from enrichcore_website.settings import WebsiteSettings

__all__ = ["Website", "WebsiteSettings"]
