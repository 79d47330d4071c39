"""`enrichcore init`: a commented configuration file."""

import os
from pathlib import Path

import click

from enrichcore.cli.options import Globals, common, note

TEMPLATE = """\
# The configuration of enrichcore. Every line that is commented out shows its default or an example.
# Keys of vendors are best left in the environment: `enrichcore providers list` names the variables.

[engine]
# Who takes part. Left out: the directories configured below and every installed provider that has a key.
# providers = ["directory", "prospeo"]
# Who is asked first; the others follow, free ones before paid ones. Or one list per method:
# order = ["directory", "prospeo"]
# order = { name = ["prospeo"], linkedin = ["fullenrich"], email = ["peopledatalabs"] }
# Or the cheapest first, whatever the method:
# order_by = "cost"
# Seconds one lookup may take.
# deadline = 60

[store]
# Where every answer is kept, so that nothing is bought twice. Left out: a file in your data folder.
# url = "sqlite:///enrich.db"

[acceptance]
# Which numbers count as found.
# line_types = ["mobile"]
# countries = ["US", "GB"]
# refused_countries = ["CA"]
# company_lines = false
# allow_fictional = false
# The least match score, from 0 to 1, for every method and for some:
# min_score = 0.0
# min_scores = { name = 0.8, linkedin = 0.7, email = 0.7 }
# A number that was given for more people than this is nobody's own; 0 takes it all the same.
# max_people = 3

[budget]
# What may be spent: by one run, on one record, in any hour, day and month (UTC), and by single providers in one run.
# With a limit, every paid provider needs a credit_price.
# run = "300 USD"
# record = "0.60 USD"
# day = "50 USD"
# month = "1000 USD"
# providers = { prospeo = "100 USD" }
# currency = "USD"

# Your own CRM export is asked first, and for free.
# [providers.directory]
# path = "crm.csv"

# [providers.prospeo]
# key_env = "PROSPEO_API_KEY"
# credit_price = "0.04"
# rate = ["5/s", "2000/day"]
# enabled = true
"""


@click.command()
@common
@click.pass_context
def command(ctx: click.Context) -> None:
    """Write a commented enrichcore.toml here. An existing file is never overwritten."""
    from enrichcore.config import DEFAULT_PATH, PATH_VARIABLE
    from enrichcore.errors import ConfigError

    options = ctx.ensure_object(Globals)
    path = Path(options.config or os.environ.get(PATH_VARIABLE) or DEFAULT_PATH)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(TEMPLATE)
    except FileExistsError:
        raise ConfigError(f"{path} exists and was left as it is; name another file with --config") from None
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from None
    note(f"wrote {path}; `enrichcore providers list` shows which keys are missing")
