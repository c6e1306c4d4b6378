"""A real company's beginning: the mark, the principles and the question bank. Nothing else is invented."""

from datetime import datetime

from hiring.ground.database import db, writing
from hiring.ground.installation import Installation, Mark, installation
from hiring.steps.job_description.catalogue import load_catalogue
from seed.principles import PRINCIPLES
from seed.questions import QUESTIONS


def build(company: str, zone: str, now: datetime, mark: Mark = Mark.LIVE) -> None:
    """Mark the database and load the catalogue; running it again only adds what is missing."""
    with writing():
        if installation() is None:
            db.session.add(Installation(id=1, mark=mark, company=company, zone=zone, created_at=now))
        load_catalogue(PRINCIPLES, QUESTIONS)
