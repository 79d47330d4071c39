"""The secrets of a deployment, made once: db.env for the database alone, enrichcore.env for the service alone."""

import base64
import os
import secrets
from pathlib import Path


def write(name: str, **settings: str) -> None:
    """A new file that nobody else may read. One that exists holds what the journal was made with: it is kept."""
    descriptor = os.open(Path(name), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.writelines(f"{key}={value}\n" for key, value in settings.items())


password = secrets.token_hex(24)
write("db.env", POSTGRES_PASSWORD=password)
write(
    "enrichcore.env",
    PGPASSWORD=password,
    ENRICHCORE_SECRET=secrets.token_hex(32),
    ENRICHCORE_STORE_KEY=base64.b64encode(secrets.token_bytes(32)).decode(),
)
