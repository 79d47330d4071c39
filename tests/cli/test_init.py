"""`enrichcore init` writes a configuration that is valid and never overwrites one."""

import re
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Cli = Callable[..., Result]


def test_the_file_is_valid_as_it_is_and_with_every_comment_switched_on(cli: Cli, here: Path) -> None:
    from enrichcore.config import parse_config

    assert cli("init").exit_code == 0
    text = (here / "enrichcore.toml").read_text()
    parse_config(text)
    on = re.sub(r"^# (?=\[|\w+ = )", "", text, flags=re.MULTILINE)
    on = re.sub(r"^order = \[.*\n", "", on, flags=re.MULTILINE)  # the file shows both forms of one key
    config = parse_config(on)
    assert config.providers == ("directory", "prospeo")
    assert config.provider["directory"].own == {"path": "crm.csv"}
    assert config.acceptance.countries == frozenset({"US", "GB"})


def test_an_existing_file_stays_as_it_is(cli: Cli, here: Path) -> None:
    (here / "enrichcore.toml").write_text("mine")
    result = cli("init")
    assert result.exit_code == 2
    assert "left as it is" in result.stderr
    assert (here / "enrichcore.toml").read_text() == "mine"


def test_the_folder_must_exist(cli: Cli) -> None:
    result = cli("init", "--config", "nowhere/x.toml")
    assert result.exit_code == 2
    assert "nowhere" in result.stderr
