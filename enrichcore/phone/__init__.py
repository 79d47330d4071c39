"""Reading phone numbers: any written form to E.164, the kind of line, and why a number is refused. Pure: no I/O.

Importing this part does not import the numbering plans; the first `read_number` that needs them does.
"""

from enrichcore.phone.line_type import LineType
from enrichcore.phone.reading import Reading, in_plan_of, read_number

__all__ = ["LineType", "Reading", "in_plan_of", "read_number"]
