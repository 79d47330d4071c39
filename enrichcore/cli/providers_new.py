"""`enrichcore providers new`: a complete plugin folder that speaks HTTP, with tests that pass at once."""

from pathlib import Path
from typing import Any

import click

from enrichcore.cli.options import common, is_terminal, note

METHODS = ("name", "linkedin", "email")


@click.command(short_help="Write the folder of a new provider.")
@click.argument("name")
@click.option(
    "--method", "methods", type=click.Choice(METHODS), multiple=True, help="How people are looked up; may be repeated."
)
@click.option("--base-url", metavar="URL", help="Where the vendor's API is.")
@click.option("--auth", type=click.Choice(["bearer", "header", "query", "none"]), help="How the key is sent.")
@click.option("--key-name", metavar="NAME", help="The header or parameter of the key (X-API-Key, api_key).")
@click.option("--per", type=click.Choice(["hit", "match", "attempt", "free"]), help="What is billed.")
@click.option("--credits", metavar="NUMBER", help="How many of the vendor's credits one costs.")
@click.option("--job/--no-job", default=None, help="The vendor takes the question and answers later.")
@click.option("--into", default=".", metavar="FOLDER", show_default=True, help="Where the new folder goes.")
@common
def command(name: str, into: str, **given: Any) -> None:
    """Write a plugin folder for provider NAME: module, cases, tests, pyproject.toml and README.

    What is not given is asked when a person is there, else it has a default: by email, a bearer key, one credit a hit.
    """
    from enrichcore.cli.new_provider import Plan, written
    from enrichcore.errors import ConfigError

    answers = {key: value for key, value in given.items() if value not in (None, ())}
    if is_terminal():
        answers |= _asked(answers)
    plan = Plan.of(name, answers)
    folder = Path(into) / f"enrichcore-{name.replace('_', '-')}"
    files = written(plan)
    try:
        folder.mkdir(parents=True)
        for path, text in files.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8", newline="\n")
    except FileExistsError:
        raise ConfigError(f"{folder} exists and was left as it is; choose another name or --into") from None
    except OSError as error:
        raise ConfigError(f"cannot write {folder}: {error.strerror}") from None
    for path in files:
        click.echo(folder / path)
    note(f"next: cd {folder}; pip install -e . pytest; pytest; enrichcore providers test {name}")


def _asked(answers: dict[str, Any]) -> dict[str, Any]:
    """What a person says to the questions that the options left open."""
    more: dict[str, Any] = {}
    if "methods" not in answers:
        text = click.prompt("How are people looked up (name, linkedin, email; several with spaces)", default="email")
        more["methods"] = tuple(text.replace(",", " ").split())
    if "base_url" not in answers:
        more["base_url"] = click.prompt("Where is the vendor's API", default="")
    for key, question, choices, default in (
        ("auth", "How is the key sent", ["bearer", "header", "query", "none"], "bearer"),
        ("per", "What is billed", ["hit", "match", "attempt", "free"], "hit"),
    ):
        if key not in answers:
            more[key] = click.prompt(question, type=click.Choice(choices), default=default)
    if "credits" not in answers and {**answers, **more}["per"] != "free":
        more["credits"] = click.prompt("How many credits does one cost", default="1")
    if "job" not in answers:
        more["job"] = click.confirm("Does the vendor answer later (submit, then poll)", default=False)
    return {key: value for key, value in more.items() if value not in ("", ())}
