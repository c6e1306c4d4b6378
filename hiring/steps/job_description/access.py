"""Pure questions about who may do what to a requisition and its descriptions."""

from dataclasses import dataclass

from hiring.people.rules import Role
from hiring.steps.job_description.rules import Status


@dataclass(frozen=True, slots=True)
class Reader:
    """Where somebody stands towards a requisition or one of its descriptions."""

    person_id: int
    roles: frozenset[Role]
    hiring_manager_id: int | None
    recruiter_id: int | None

    @property
    def owns(self) -> bool:
        """Hiring manager or recruiter of this requisition."""
        return self.manages or self.recruits

    @property
    def recruits(self) -> bool:
        """The recruiter of this requisition, and a recruiter still."""
        return self.person_id == self.recruiter_id and Role.RECRUITER in self.roles

    @property
    def manages(self) -> bool:
        """The hiring manager of this requisition."""
        return self.person_id == self.hiring_manager_id


def may_create_requisition(reader: Reader) -> bool:
    """Recruiters, administrators, and whoever becomes its hiring manager."""
    return reader.manages or not reader.roles.isdisjoint({Role.RECRUITER, Role.ADMINISTRATOR})


def may_approve_opening(reader: Reader) -> bool:
    """The requisition's recruiter, or an administrator."""
    return reader.recruits or Role.ADMINISTRATOR in reader.roles


def may_write(reader: Reader) -> bool:
    """The requisition's hiring manager and recruiter write; only the hiring manager submits."""
    return reader.owns


def may_reassign(reader: Reader) -> bool:
    """Administrators give a review to somebody else; the hiring manager never chooses the reviewer."""
    return Role.ADMINISTRATOR in reader.roles and not reader.manages


def may_read(reader: Reader, status: Status, *, proposed_level: bool, reviews: bool, barred: bool = False) -> bool:
    """Everybody reads what was approved; the rest belongs to the owners, recruiting, administrators and reviewers.

    ``barred``: it was written for an application of which the reader may know nothing, whoever they are.
    """
    if barred:
        return False
    public = status in (Status.APPROVED, Status.SUPERSEDED) and not proposed_level
    working = reader.owns or not reader.roles.isdisjoint({Role.RECRUITER, Role.ADMINISTRATOR})
    return public or working or reviews
