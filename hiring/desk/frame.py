"""The line that every page about one application carries: who, for which requisition, and the way to the file."""

from dataclasses import dataclass

from hiring.ground import clock
from hiring.people.reader import me
from hiring.pipeline import queries as pipeline
from hiring.pipeline import readers
from hiring.pipeline.models import Application
from hiring.pipeline.rules import Sight, may_see


@dataclass(frozen=True, slots=True)
class Frame:
    """What this reader may open of it: the file's page, and the newest résumé by its attachment's id."""

    file: bool
    resume_id: int | None


def frame_of(application: Application) -> Frame:
    """Asked by the layout, so that no room forgets the line and none links to what its reader may not open."""
    stands = readers.stands(me(), application, now=clock.now())
    reads = may_see(Sight.CANDIDATE_FILE, stands)
    return Frame(may_see(Sight.FRAME, stands), pipeline.newest_resume(application.id) if reads else None)
