"""What the public pages keep of strangers beyond their applications: that somebody sent a file, for a day."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from hiring.ground import personal
from hiring.ground.database import Base, Id


class UploadTry(Base):
    """A file that came without a sign-in, kept to throttle by address; swept after a day."""

    __tablename__ = "upload_try"
    __table_args__ = (
        Index("ix_upload_address", "address", "at"),
        Index("ix_upload_at", "at"),  # the hourly sweep
    )
    id: Mapped[Id]
    address: Mapped[str]
    at: Mapped[datetime]


personal.own("careers", ["upload_try.address"])
