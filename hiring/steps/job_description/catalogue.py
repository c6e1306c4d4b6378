"""The catalogue of leadership principles and questions: loaded once, edited here, never overwritten."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from hiring.ground.database import db
from hiring.steps.job_description.models import Principle, Question
from hiring.steps.job_description.rules import QuestionUse


@dataclass(frozen=True, slots=True)
class QuestionEntry:
    """One question of the bank; ``principle`` by name, ``better`` is the text that should replace a generic one."""

    text: str
    use: QuestionUse
    principle: str = ""
    competency: str = ""
    better: str = ""


def load_catalogue(principles: Iterable[tuple[str, str]], questions: Iterable[QuestionEntry]) -> tuple[int, int]:
    """Add the principles (name, meaning) and questions that are not there yet; what was edited here stays.

    Returns how many of each were added.
    """
    known = {row.name: row for row in db.session.scalars(select(Principle))}
    added = 0
    for place, (name, meaning) in enumerate(principles, 1):
        if name not in known:
            known[name] = Principle(name=name, meaning=meaning, place=place)
            db.session.add(known[name])
            added += 1
    db.session.flush()
    bank = {row.text: row for row in db.session.scalars(select(Question))}
    new = [entry for entry in questions if entry.text not in bank]
    for entry in new:
        bank[entry.text] = Question(
            text=entry.text,
            use=entry.use,
            principle_id=known[entry.principle].id if entry.principle else None,
            competency=entry.competency,
            generic=bool(entry.better),
        )
        db.session.add(bank[entry.text])
    db.session.flush()
    for entry in new:
        if entry.better:
            bank[entry.text].better_id = bank[entry.better].id
    db.session.flush()
    return added, len(new)
