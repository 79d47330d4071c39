"""A script: emails on standard input, one a line; phone numbers on standard output."""

import sys

from enrichcore import Engine

with Engine(config="enrichcore.toml") as engine:
    people = ({"record_id": email, "email": email} for line in sys.stdin if (email := line.strip()))
    for result in engine.enrich_phones(people, ordered=True):
        print(result.record_id, result.status, result.phone or "-")
