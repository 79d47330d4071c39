"""Celery: a task that looks a number up, and comes back for it when the answer has to be waited for.

Run it with `celery --app celery_app worker`. The broker and where results are kept come from the environment.
"""

import os
from datetime import UTC, datetime
from typing import Any

from celery import Celery, Task
from celery.signals import worker_process_shutdown

from enrichcore import Engine

app = Celery("phones", broker=os.environ["CELERY_BROKER"], backend=os.environ["CELERY_RESULTS"])
engine = Engine(config="enrichcore.toml")  # opens at its first call: one in each process that the worker forks
LONGEST = 3600.0


@app.task(bind=True, acks_late=True, max_retries=20)
def find_phone(task: Task, contact: dict[str, str]) -> dict[str, str | None]:
    """Given again, as Celery may do after a crash, it pays for nothing twice: the journal knows what was bought."""
    result = engine.enrich_phone(contact, deadline=30)
    if result.status == "incomplete" and result.retry_at is not None:
        wait = (result.retry_at - datetime.now(UTC)).total_seconds()
        raise task.retry(countdown=min(max(wait, 1.0), LONGEST))
    return {"status": result.status.value, "phone": result.phone}


@worker_process_shutdown.connect
def close(**_: Any) -> None:
    """A process of the worker ends without the interpreter's usual farewell."""
    engine.close()
