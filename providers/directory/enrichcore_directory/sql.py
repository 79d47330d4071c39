"""The people of a table or view in any database that SQLAlchemy knows."""

import hashlib
import os
from pathlib import Path
from typing import Any

from enrichcore.errors import ConfigError
from enrichcore_directory.columns import check_columns, map_columns
from enrichcore_directory.entry import Reader
from enrichcore_directory.extras import need
from enrichcore_directory.files import NOBODY, Given, Rows

_BATCH = 1000
_MODULO = 1 << 128


class SqlTable:
    """One table, streamed. `digest` is complete once all rows were read and does not depend on their order."""

    def __init__(self, address: str) -> None:
        sqlalchemy = need("sqlalchemy", extra="sql")
        url_text, _, table = address.partition("#")
        try:
            self._url = sqlalchemy.make_url(url_text)
        except sqlalchemy.exc.ArgumentError:
            raise ConfigError(
                "[providers.directory] path: expected an SQLAlchemy URL such as sqlite:///crm.db#contacts or "
                "postgresql+psycopg://user@host/crm#people, got one that cannot be read"
            ) from None
        self.shown: str = self._url.render_as_string(hide_password=True) + (f"#{table}" if table else "")
        self.identity = f"{self._url.render_as_string(hide_password=True)}#{table}"
        self._schema, _, self._table = table.rpartition(".")
        self._sum = 0

    @property
    def digest(self) -> str:
        """The digest of the rows read so far."""
        return f"{self._sum:032x}"

    @property
    def remote(self) -> bool:
        """Whether reading it leaves this machine."""
        host = self._url.host or ""
        return bool(host) and not (host == "localhost" or host.startswith(("127.", "::1", "/")))

    def rows(self, given: Given) -> Rows:
        """The people of the table.

        Raises:
            ConfigError: the database does not answer, or the table is missing or cannot answer anything.
        """
        sqlalchemy = need("sqlalchemy", extra="sql")
        if self.remote and os.environ.get("ENRICHCORE_OFFLINE", "") not in ("", "0"):
            raise ConfigError(f"[providers.directory] ENRICHCORE_OFFLINE forbids reading {self.shown}")
        self._refuse_a_missing_file()
        self._sum = 0
        try:
            engine = sqlalchemy.create_engine(self._url, hide_parameters=True)
        except ImportError as error:
            raise ConfigError(
                f"[providers.directory] {self.shown} needs the driver {error.name}: pip install {error.name}"
            ) from None
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise self._failed(error) from None
        try:
            with engine.connect() as connection:
                yield from self._stream(sqlalchemy, connection, given)
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise self._failed(error) from None
        finally:
            engine.dispose()

    def _stream(self, sqlalchemy: Any, connection: Any, given: Given) -> Rows:
        if not self._table:
            raise ConfigError(f"{self.shown}: say which table after a #: {self._tables(sqlalchemy, connection)}")
        try:
            table = sqlalchemy.Table(
                self._table, sqlalchemy.MetaData(), schema=self._schema or None, autoload_with=connection
            )
        except sqlalchemy.exc.NoSuchTableError:
            there = self._tables(sqlalchemy, connection)
            raise ConfigError(f"{self.shown}: no table or view {self._table!r}; there are {there}") from None
        names = [column.name for column in table.columns]
        mapped = map_columns(names, given)
        check_columns(self.shown, names, mapped, given)
        used = [names[place] for place in mapped.used]
        read = Reader(map_columns(used, given)).read
        # Only what is used is read: a change of the notes is no reason to ask again.
        found = connection.execution_options(stream_results=True, yield_per=_BATCH).execute(
            sqlalchemy.select(*(table.columns[name] for name in used))
        )
        for number, row in enumerate(found, 1):
            cells = ["" if value is None else str(value) for value in row]
            self._sum += int.from_bytes(hashlib.blake2b(repr(cells).encode(), digest_size=16).digest(), "big")
            self._sum %= _MODULO
            yield read(cells) or f"row {number} {NOBODY}"

    def _tables(self, sqlalchemy: Any, connection: Any) -> str:
        found = sqlalchemy.inspect(connection)
        names = [*found.get_table_names(self._schema or None), *found.get_view_names(self._schema or None)]
        return ", ".join(sorted(names)[:40]) or "none"

    def _refuse_a_missing_file(self) -> None:
        # SQLite would make an empty database of it.
        file = self._url.database
        is_file = self._url.get_backend_name() == "sqlite" and file and file != ":memory:" and "file:" not in file
        if is_file and not Path(file).is_file():
            raise ConfigError(f"[providers.directory] path: there is no database {file}")

    def _failed(self, error: Exception) -> ConfigError:
        cause = getattr(error, "orig", None) or error
        text = (str(cause).strip().splitlines() or [type(cause).__name__])[0]
        if self._url.password:
            text = text.replace(str(self._url.password), "***")
        return ConfigError(f"[providers.directory] cannot read {self.shown}: {text}")
