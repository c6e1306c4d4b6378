"""Which row's version the page of each form shows, so that the route table asks as somebody who has read the page."""

from typing import Any

from sqlalchemy import func, select

from hiring.ground.database import db
from hiring.people.models import Person
from hiring.pipeline.models import StepVisit
from hiring.steps.job_description.models import DescriptionReview, JobDescription
from hiring.steps.offer.models import Offer
from hiring.steps.phone_screen.models import PhoneScreen
from hiring.steps.reference_check.models import ReferenceCheck
from hiring.steps.resume_review.models import MustHaveMark
from hiring.steps.written_feedback.models import Feedback
from tests.routes import Row, World

_OF: dict[str, Any] = {
    # by endpoint: the column that the one id of the address is found in; the newest such row is the one shown
    "job_description.amend": JobDescription.id,
    "job_description.review": JobDescription.id,
    "job_description.submit": JobDescription.id,
    "job_description.write": JobDescription.id,
    "offer.accept": Offer.application_id,
    "offer.decline": Offer.application_id,
    "offer.extend": Offer.application_id,
    "offer.lapse": Offer.application_id,
    "offer.make": Offer.application_id,
    "offer.prepare": Offer.application_id,
    "offer.renege": Offer.application_id,
    "offer.rescind": Offer.application_id,
    "people.save": Person.id,
    "phone_screen.book": PhoneScreen.application_id,
    "phone_screen.notes": PhoneScreen.id,
    "phone_screen.prepare": PhoneScreen.id,
    "reference_check.decide": ReferenceCheck.application_id,
    "written_feedback.save": Feedback.seat_id,
    "written_feedback.submit": Feedback.seat_id,
}
_SUMS: dict[str, tuple[Any, Any]] = {
    "resume_review.mark": (func.coalesce(func.sum(MustHaveMark.revision), 0), MustHaveMark.application_id),
    "transitions.send_back": (func.max(StepVisit.ordinal), StepVisit.application_id),
}


def shown(world: World, row: Row) -> dict[str, str]:
    """The hidden fields with which a form of the page comes back; empty for forms that carry none."""
    of, summed = _OF.get(row.endpoint), _SUMS.get(row.endpoint)
    if of is None and summed is None:
        return {}
    [(parameter, name)] = row.named
    named = world.ids[parameter][name]
    with world.engine.app.app_context():
        if summed is not None:
            return {"version": str(db.session.scalar(select(summed[0]).where(summed[1] == named)))}
        model = of.class_
        query = select(model.version).where(of == named).order_by(model.id.desc()).limit(1)
        sent = {"version": str(db.session.scalar(query) or 0)}
        if row.endpoint == "job_description.review":
            asked = select(DescriptionReview.id).where(DescriptionReview.description_id == named)
            sent["review"] = str(db.session.scalar(asked.order_by(DescriptionReview.id.desc()).limit(1)))
        return sent


REPLACING = (
    "job_description.review",
    "job_description.submit",
    "job_description.write",
    "offer.extend",
    "offer.prepare",
    "offer.renege",
    "offer.rescind",
    "office.change",
    "people.save",
    "phone_screen.book",
    "transitions.send_back",
)
"""Forms that write over something of this world; the others are asked in their rooms."""
