"""What an answer comes to: judged, priced, and written into the row of its attempt."""

from typing import Final

from enrichcore.engine import story
from enrichcore.engine.acceptance import Verdict, judge
from enrichcore.engine.listing import Listing
from enrichcore.engine.numbers import Numbers
from enrichcore.engine.plan import Step
from enrichcore.engine.run import Run
from enrichcore.model import Answer, Billed, Miss, Outcome, Query
from enrichcore.store import Row
from enrichcore.store.codec import encode_answer

# An attribute of an enum costs ten times a global name.
_HIT: Final = Outcome.HIT
_MISS: Final = Outcome.MISS
SUPPRESSED: Final = "suppressed"
"""Why an answer is refused whose person or number is on the suppression list. Nothing of it is kept."""


def judged(run: Run, step: Step, query: Query, answer: Answer, row: Row, numbers: Numbers, listing: Listing) -> Verdict:
    """What an answer is worth, written into its row together with what it costs."""
    if answer.__class__ is Miss:
        verdict = judge(answer, run.subject, query, run.options.acceptance)
        row.outcome = _MISS
    else:
        verdict = numbers.judge(answer, run.subject, query, run.options.acceptance)
        row.outcome = _HIT
        if verdict.phone is None:
            row.outcome, row.reason = Outcome.REJECTED, verdict.reason
    if step.paid:
        row.credits = story.charge(step.member.price, answer)
        if row.credits:
            row.billed, row.cost = Billed.YES, step.member.money(row.credits)
    # The person may have been listed while the call was under way, and the answer need not say whom it is about.
    if not listing.is_quiet and (listing.has_person(run) or listing.has_answer(answer, verdict)):
        row.outcome, row.reason = Outcome.REJECTED, SUPPRESSED
        return Verdict(reason=SUPPRESSED, same_person=False)
    row.payload = encode_answer(answer)
    return verdict
