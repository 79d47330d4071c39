"""What Schemathesis loads: writes down the operation and the status of every case, a line each.

`SEEN` names the file.
"""

import os
from typing import Any

import schemathesis


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """Note one answer."""
    with open(os.environ["SEEN"], "a", encoding="utf-8") as file:  # noqa: PTH123 - quicker, and there are many
        file.write(f"{case.method} {case.operation.path} {response.status_code}\n")
