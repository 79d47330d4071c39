"""What Bellwether documents."""

from enrichcore.testing import Case, Cases, reply

ADA = {
    "full_name": "Ada Lovelace",
    "organisation": "Engines",
    "profile_url": "https://www.linkedin.com/in/ada-lovelace",
    "mobile": "+1 202-555-0143",
    "direct": None,
    "reception": "+1 202-555-0100",
}
FOUND = reply(200, {"result": ADA})
NOBODY = [reply(404), reply(200, {"result": ADA | {"mobile": None, "reception": None}})]
CASES = Cases(
    Case("linkedin", FOUND, NOBODY),
    Case("name", FOUND, NOBODY),
    errors={"out_of_credits": reply(402, {"error": "no units"})},
)
