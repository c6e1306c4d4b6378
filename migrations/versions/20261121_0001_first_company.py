"""The first schema: people, spine, eight steps, audit, outbox, and the guards that repeat rules in the database.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


GUARDS = {
    "sqlite": [
        """CREATE TRIGGER booking_no_overlap_insert AFTER insert ON booking WHEN EXISTS (SELECT 1 FROM booking
        WHERE (person_id = NEW.person_id OR candidate_id = NEW.candidate_id) AND id <> NEW.id AND starts_at <
        NEW.ends_at AND ends_at > NEW.starts_at) BEGIN SELECT RAISE(ABORT, 'booking_overlap'); END""",
        """CREATE TRIGGER booking_no_overlap_update AFTER update ON booking WHEN EXISTS (SELECT 1 FROM booking
        WHERE (person_id = NEW.person_id OR candidate_id = NEW.candidate_id) AND id <> NEW.id AND starts_at <
        NEW.ends_at AND ends_at > NEW.starts_at) BEGIN SELECT RAISE(ABORT, 'booking_overlap'); END""",
        """CREATE TRIGGER tr_feedback_update BEFORE UPDATE ON feedback WHEN OLD.state = 'submitted' AND NOT
        (NEW.summary = '[erased]' AND NEW.state IS OLD.state AND NEW.vote IS OLD.vote AND NEW.seat_id IS
        OLD.seat_id AND NEW.author_id IS OLD.author_id AND NEW.submitted_at IS OLD.submitted_at AND NEW.due_at
        IS OLD.due_at AND NEW.late IS OLD.late) BEGIN SELECT RAISE(ABORT, 'feedback_final'); END""",
        """CREATE TRIGGER tr_feedback_delete BEFORE DELETE ON feedback WHEN OLD.state = 'submitted' BEGIN SELECT
        RAISE(ABORT, 'feedback_final'); END""",
        """CREATE TRIGGER tr_feedback_item_update BEFORE UPDATE ON feedback_item WHEN (EXISTS (SELECT 1 FROM
        feedback f WHERE f.id = OLD.feedback_id AND f.state = 'submitted') OR EXISTS (SELECT 1 FROM feedback f
        WHERE f.id = NEW.feedback_id AND f.state = 'submitted')) AND NOT (NEW.question = '[erased]' AND
        NEW.situation = '[erased]' AND NEW.task = '[erased]' AND NEW.action = '[erased]' AND NEW.result =
        '[erased]' AND NEW.rating IS OLD.rating AND NEW.item_id = OLD.item_id AND NEW.feedback_id =
        OLD.feedback_id) BEGIN SELECT RAISE(ABORT, 'feedback_final'); END""",
        """CREATE TRIGGER tr_feedback_item_delete BEFORE DELETE ON feedback_item WHEN EXISTS (SELECT 1 FROM
        feedback f WHERE f.id = OLD.feedback_id AND f.state = 'submitted') BEGIN SELECT RAISE(ABORT,
        'feedback_final'); END""",
        """CREATE TRIGGER tr_feedback_item_insert BEFORE INSERT ON feedback_item WHEN EXISTS (SELECT 1 FROM
        feedback f WHERE f.id = NEW.feedback_id AND f.state = 'submitted') BEGIN SELECT RAISE(ABORT,
        'feedback_final'); END""",
        """CREATE TRIGGER tr_amendment_update BEFORE UPDATE ON amendment WHEN 1 = 1 AND NOT (NEW.text = '[erased]'
        AND NEW.at = OLD.at AND NEW.feedback_id = OLD.feedback_id) BEGIN SELECT RAISE(ABORT, 'feedback_final');
        END""",
        """CREATE TRIGGER tr_amendment_delete BEFORE DELETE ON amendment WHEN 1 = 1 BEGIN SELECT RAISE(ABORT,
        'feedback_final'); END""",
        """CREATE TRIGGER tr_practice_feedback_update BEFORE UPDATE ON practice_feedback WHEN OLD.state =
        'submitted' AND NOT (NEW.text = '[erased]' AND NEW.state IS OLD.state AND NEW.shadow_id IS OLD.shadow_id
        AND NEW.author_id IS OLD.author_id AND NEW.submitted_at IS OLD.submitted_at AND NEW.saved_at IS
        OLD.saved_at) BEGIN SELECT RAISE(ABORT, 'feedback_final'); END""",
        """CREATE TRIGGER tr_practice_feedback_delete BEFORE DELETE ON practice_feedback WHEN OLD.state =
        'submitted' BEGIN SELECT RAISE(ABORT, 'feedback_final'); END""",
        """CREATE TRIGGER tr_audit_entry_update BEFORE UPDATE ON audit_entry BEGIN SELECT RAISE(ABORT,
        'audit_append_only'); END""",
        """CREATE TRIGGER tr_audit_entry_delete BEFORE DELETE ON audit_entry BEGIN SELECT RAISE(ABORT,
        'audit_append_only'); END""",
    ],
    "postgresql": [
        """ALTER TABLE booking ADD CONSTRAINT ex_booking_person EXCLUDE USING gist (int8range(person_id, person_id,
        '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&) WHERE (person_id IS NOT NULL)""",
        """ALTER TABLE booking ADD CONSTRAINT ex_booking_candidate EXCLUDE USING gist (int8range(candidate_id,
        candidate_id, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&) WHERE (candidate_id IS NOT NULL)""",
        """CREATE OR REPLACE FUNCTION freeze_feedback() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP =
        'DELETE' THEN IF OLD.state = 'submitted' THEN RAISE EXCEPTION 'feedback_final' USING ERRCODE =
        'check_violation'; END IF; RETURN OLD; END IF; IF OLD.state = 'submitted' AND NOT (NEW.summary =
        '[erased]' AND NEW.state IS NOT DISTINCT FROM OLD.state AND NEW.vote IS NOT DISTINCT FROM OLD.vote AND
        NEW.seat_id IS NOT DISTINCT FROM OLD.seat_id AND NEW.author_id IS NOT DISTINCT FROM OLD.author_id AND
        NEW.submitted_at IS NOT DISTINCT FROM OLD.submitted_at AND NEW.due_at IS NOT DISTINCT FROM OLD.due_at
        AND NEW.late IS NOT DISTINCT FROM OLD.late) THEN RAISE EXCEPTION 'feedback_final' USING ERRCODE =
        'check_violation'; END IF; RETURN NEW; END $$""",
        """CREATE TRIGGER tr_feedback_frozen BEFORE UPDATE OR DELETE ON feedback FOR EACH ROW EXECUTE FUNCTION
        freeze_feedback()""",
        """CREATE OR REPLACE FUNCTION freeze_feedback_item() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP
        = 'INSERT' THEN IF EXISTS (SELECT 1 FROM feedback f WHERE f.id = NEW.feedback_id AND f.state =
        'submitted') THEN RAISE EXCEPTION 'feedback_final' USING ERRCODE = 'check_violation'; END IF; RETURN
        NEW; END IF; IF TG_OP = 'DELETE' THEN IF EXISTS (SELECT 1 FROM feedback f WHERE f.id = OLD.feedback_id
        AND f.state = 'submitted') THEN RAISE EXCEPTION 'feedback_final' USING ERRCODE = 'check_violation'; END
        IF; RETURN OLD; END IF; IF (EXISTS (SELECT 1 FROM feedback f WHERE f.id = OLD.feedback_id AND f.state =
        'submitted') OR EXISTS (SELECT 1 FROM feedback f WHERE f.id = NEW.feedback_id AND f.state =
        'submitted')) AND NOT (NEW.question = '[erased]' AND NEW.situation = '[erased]' AND NEW.task =
        '[erased]' AND NEW.action = '[erased]' AND NEW.result = '[erased]' AND NEW.rating IS NOT DISTINCT FROM
        OLD.rating AND NEW.item_id = OLD.item_id AND NEW.feedback_id = OLD.feedback_id) THEN RAISE EXCEPTION
        'feedback_final' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$""",
        """CREATE TRIGGER tr_feedback_item_frozen BEFORE INSERT OR UPDATE OR DELETE ON feedback_item FOR EACH ROW
        EXECUTE FUNCTION freeze_feedback_item()""",
        """CREATE OR REPLACE FUNCTION freeze_amendment() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP =
        'DELETE' THEN IF 1 = 1 THEN RAISE EXCEPTION 'feedback_final' USING ERRCODE = 'check_violation'; END IF;
        RETURN OLD; END IF; IF 1 = 1 AND NOT (NEW.text = '[erased]' AND NEW.at = OLD.at AND NEW.feedback_id =
        OLD.feedback_id) THEN RAISE EXCEPTION 'feedback_final' USING ERRCODE = 'check_violation'; END IF; RETURN
        NEW; END $$""",
        """CREATE TRIGGER tr_amendment_frozen BEFORE UPDATE OR DELETE ON amendment FOR EACH ROW EXECUTE FUNCTION
        freeze_amendment()""",
        """CREATE OR REPLACE FUNCTION freeze_practice_feedback() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF
        TG_OP = 'DELETE' THEN IF OLD.state = 'submitted' THEN RAISE EXCEPTION 'feedback_final' USING ERRCODE =
        'check_violation'; END IF; RETURN OLD; END IF; IF OLD.state = 'submitted' AND NOT (NEW.text = '[erased]'
        AND NEW.state IS NOT DISTINCT FROM OLD.state AND NEW.shadow_id IS NOT DISTINCT FROM OLD.shadow_id AND
        NEW.author_id IS NOT DISTINCT FROM OLD.author_id AND NEW.submitted_at IS NOT DISTINCT FROM
        OLD.submitted_at AND NEW.saved_at IS NOT DISTINCT FROM OLD.saved_at) THEN RAISE EXCEPTION
        'feedback_final' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$""",
        """CREATE TRIGGER tr_practice_feedback_frozen BEFORE UPDATE OR DELETE ON practice_feedback FOR EACH ROW
        EXECUTE FUNCTION freeze_practice_feedback()""",
        """CREATE OR REPLACE FUNCTION freeze_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE
        EXCEPTION 'audit_append_only' USING ERRCODE = 'check_violation'; END $$""",
        """CREATE TRIGGER tr_audit_entry_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry FOR EACH STATEMENT
        EXECUTE FUNCTION freeze_audit_entry()""",
    ],
}
"""Triggers and exclusion constraints, by dialect: no overlapping bookings, no change to submitted feedback
or to the audit log."""


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column(
            "position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("details_digest", sa.String(), nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_act"), ["act"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entry_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entry_hash"), ["hash"], unique=True)

    op.create_table(
        "audit_head",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "installation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "mark",
            sa.Enum("live", "demo", "test", name="mark", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("company", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "worker_lease",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_worker_lease_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_lease")),
    )
    op.create_table(
        "job_run",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("last_started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_run")),
    )
    op.create_table(
        "principle",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("meaning", sa.String(), nullable=False),
        sa.Column("place", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_principle")),
        sa.UniqueConstraint("name", name=op.f("uq_principle_name")),
    )
    op.create_table(
        "receipt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("key", "actor", "action", name=op.f("uq_receipt_key_actor_action")),
    )
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receipt_at"), ["at"], unique=False)

    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.create_index("ix_attempt_address", ["address", "at"], unique=False)
        batch_op.create_index("ix_attempt_at", ["at"], unique=False)
        batch_op.create_index("ix_attempt_email", ["email", "at"], unique=False)

    op.create_table(
        "upload_try",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_try")),
    )
    with op.batch_alter_table("upload_try", schema=None) as batch_op:
        batch_op.create_index("ix_upload_address", ["address", "at"], unique=False)
        batch_op.create_index("ix_upload_at", ["at"], unique=False)

    op.create_table(
        "team",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("name", name=op.f("uq_team_name")),
    )
    op.create_table(
        "audit_text",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["position"], ["audit_entry.position"], name=op.f("fk_audit_text_position")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_text")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("level", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("manager_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("works_from", sa.Time(), nullable=False),
        sa.Column("works_until", sa.Time(), nullable=False),
        sa.Column("delegate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("away_from", sa.Date(), nullable=True),
        sa.Column("away_until", sa.Date(), nullable=True),
        sa.Column("guest", sa.Boolean(), nullable=False),
        sa.Column("cast", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("away_until >= away_from", name=op.f("ck_person_away_in_order")),
        sa.CheckConstraint("delegate_id <> id", name=op.f("ck_person_not_own_delegate")),
        sa.CheckConstraint("level BETWEEN 4 AND 12", name=op.f("ck_person_level_on_ladder")),
        sa.CheckConstraint("manager_id <> id", name=op.f("ck_person_not_own_manager")),
        sa.CheckConstraint("works_until > works_from", name=op.f("ck_person_works_in_order")),
        sa.ForeignKeyConstraint(["delegate_id"], ["person.id"], name=op.f("fk_person_delegate_id")),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_person_manager_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_person_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_manager_id"), ["manager_id"], unique=False)
        batch_op.create_index("ix_person_name", ["name", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_team_id"), ["team_id"], unique=False)

    op.create_table(
        "question",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("principle_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("competency", sa.String(), nullable=False),
        sa.Column(
            "use",
            sa.Enum("phone_screen", "loop", name="questionuse", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("generic", sa.Boolean(), nullable=False),
        sa.Column("better_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["better_id"], ["question.id"], name=op.f("fk_question_better_id")),
        sa.ForeignKeyConstraint(["principle_id"], ["principle.id"], name=op.f("fk_question_principle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_question_principle_id"), ["principle_id"], unique=False)

    op.create_table(
        "candidate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("email_key", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("location", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column(
            "origin",
            sa.Enum("live", "imported", name="origin", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("link_digest", sa.String(), nullable=True),
        sa.Column("consent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_into_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("merged_into_id <> id", name=op.f("ck_candidate_not_merged_into_itself")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["candidate.id"], name=op.f("fk_candidate_merged_into_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_candidate_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate")),
        sa.UniqueConstraint("link_digest", name=op.f("uq_candidate_link_digest")),
    )
    with op.batch_alter_table("candidate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_candidate_email_key"), ["email_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_candidate_name_key"), ["name_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_candidate_person_id"), ["person_id"], unique=False)

    op.create_table(
        "candidate_word",
        sa.Column("candidate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        # Compared by code point, as SQLite compares: a beginning of a word is a stretch of the index.
        sa.Column("word", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("fk_candidate_word_candidate_id")),
        sa.PrimaryKeyConstraint("candidate_id", "word", name=op.f("pk_candidate_word")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("candidate_word", schema=None) as batch_op:
        batch_op.create_index("ix_candidate_word_word", ["word", "candidate_id"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=True),
        sa.Column("recipient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("to_address", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body_text", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=True),
        sa.Column("calendar", sa.Text(), nullable=True),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("attempts", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["recipient_id"], ["person.id"], name=op.f("fk_notice_recipient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("key", name=op.f("uq_notice_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_notice_message_id")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_about"), ["about"], unique=False)
        batch_op.create_index(
            "ix_notice_dead",
            ["id"],
            unique=False,
            sqlite_where=sa.text("dead_at IS NOT NULL"),
            postgresql_where=sa.text("dead_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_notice_open",
            ["id"],
            unique=False,
            sqlite_where=sa.text("sent_at IS NULL AND dead_at IS NULL AND expired_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL AND dead_at IS NULL AND expired_at IS NULL"),
        )
        batch_op.create_index(
            "ix_notice_open_to",
            ["to_address", "id"],
            unique=False,
            sqlite_where=sa.text("sent_at IS NULL AND dead_at IS NULL AND expired_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL AND dead_at IS NULL AND expired_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_notice_recipient_id"), ["recipient_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_to_address"), ["to_address"], unique=False)

    op.create_table(
        "policy_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("changed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["person.id"], name=op.f("fk_policy_version_changed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_version")),
    )
    op.create_table(
        "qualification",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "record",
            sa.Enum(
                "course",
                "paired_interview",
                "interviews",
                "nomination",
                "bar_raiser_training",
                "certification",
                name="record",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("with_person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("attested_source", sa.String(), nullable=True),
        sa.Column("recorded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("void_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unpaired", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "record <> 'certification' OR expires_on IS NOT NULL", name=op.f("ck_qualification_certification_lapses")
        ),
        sa.CheckConstraint("count > 0", name=op.f("ck_qualification_counts")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_qualification_person_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_qualification_recorded_by")),
        sa.ForeignKeyConstraint(["with_person_id"], ["person.id"], name=op.f("fk_qualification_with_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualification")),
    )
    with op.batch_alter_table("qualification", schema=None) as batch_op:
        batch_op.create_index(
            "ix_qualification_counted",
            ["person_id", "record", "on", "void_at", "count", "expires_on"],
            unique=False,
        )
        batch_op.create_index(
            "ix_qualification_bar_raiser",
            ["record", "expires_on", "person_id"],
            unique=False,
            sqlite_where=sa.text("record = 'certification' OR record = 'nomination'"),
            postgresql_where=sa.text("record = 'certification' OR record = 'nomination'"),
        )
        batch_op.create_index(
            "ix_qualification_told",
            ["person_id"],
            unique=False,
            sqlite_where=sa.text("record <> 'interviews' OR attested_source IS NOT NULL"),
            postgresql_where=sa.text("record <> 'interviews' OR attested_source IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_qualification_unpaired",
            ["person_id"],
            unique=False,
            sqlite_where=sa.text("unpaired = 1"),
            postgresql_where=sa.text("unpaired"),
        )

    op.create_table(
        "requisition",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("location", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("hiring_manager_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recruiter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("owners_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "open",
                "closed",
                name="requisitionstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "origin",
            sa.Enum("live", "imported", name="origin", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("openings", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("live_offers", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hires", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hold_reason", sa.String(), nullable=False),
        sa.Column("description_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(status = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_requisition_closed_has_date")
        ),
        sa.CheckConstraint(
            "origin = 'imported' OR (hiring_manager_id IS NOT NULL AND recruiter_id IS NOT NULL)",
            name=op.f("ck_requisition_live_has_owners"),
        ),
        sa.CheckConstraint(
            "origin = 'imported' OR live_offers + hires <= openings", name=op.f("ck_requisition_offers_within_openings")
        ),
        sa.CheckConstraint("origin = 'live' OR status = 'closed'", name=op.f("ck_requisition_imported_is_closed")),
        sa.CheckConstraint(
            "live_offers >= 0 AND hires >= 0 AND openings >= 0", name=op.f("ck_requisition_counts_not_negative")
        ),
        sa.ForeignKeyConstraint(["hiring_manager_id"], ["person.id"], name=op.f("fk_requisition_hiring_manager_id")),
        sa.ForeignKeyConstraint(["recruiter_id"], ["person.id"], name=op.f("fk_requisition_recruiter_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_requisition_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requisition")),
        sa.UniqueConstraint("code", name=op.f("uq_requisition_code")),
    )
    with op.batch_alter_table("requisition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_requisition_hiring_manager_id"), ["hiring_manager_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_requisition_recruiter_id"), ["recruiter_id"], unique=False)
        batch_op.create_index("ix_requisition_status", ["status", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_requisition_team_id"), ["team_id"], unique=False)
        batch_op.create_index(
            "ix_requisition_unclosed",
            ["id"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "role_grant",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "administrator",
                "recruiter",
                "coordinator",
                "programme_owner",
                "head_of_recruiting",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("granted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["granted_by"], ["person.id"], name=op.f("fk_role_grant_granted_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_grant_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_role_grant_current",
            ["person_id", "role"],
            unique=True,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )

    op.create_table(
        "sign_in_session",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_session_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_session")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_sign_in_session_token_digest")),
    )
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_session_person_id"), ["person_id"], unique=False)

    op.create_table(
        "stored_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("uploaded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column(
            "text_state",
            sa.Enum(
                "waiting",
                "done",
                "failed",
                "none",
                name="textstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("text_error", sa.String(), nullable=True),
        sa.Column("text_claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("text_state <> 'done' OR text IS NOT NULL", name=op.f("ck_stored_file_done_has_text")),
        sa.CheckConstraint(
            "text_state <> 'failed' OR text_error IS NOT NULL", name=op.f("ck_stored_file_failed_says_why")
        ),
        sa.CheckConstraint("size > 0", name=op.f("ck_stored_file_has_content")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["person.id"], name=op.f("fk_stored_file_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
    )
    with op.batch_alter_table("stored_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stored_file_sha256"), ["sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_stored_file_uploaded_by"), ["uploaded_by"], unique=False)
        batch_op.create_index(
            "ix_stored_file_waiting",
            ["id"],
            unique=False,
            sqlite_where=sa.text("text_state = 'waiting'"),
            postgresql_where=sa.text("text_state = 'waiting'"),
        )

    op.create_table(
        "referral",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("candidate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("requisition_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("fk_referral_candidate_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_referral_person_id")),
        sa.ForeignKeyConstraint(["requisition_id"], ["requisition.id"], name=op.f("fk_referral_requisition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
    )
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_referral_candidate_id"), ["candidate_id"], unique=False)

    op.create_table(
        "application",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("candidate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("requisition_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "origin",
            sa.Enum("live", "imported", name="origin", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.Enum(
                "careers",
                "sourced",
                "referred",
                "agency",
                "internal",
                "moved",
                "imported",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source_detail", sa.String(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "job_description",
                "resume_review",
                "phone_screen",
                "interview_loop",
                "written_feedback",
                "debrief",
                "reference_check",
                "offer",
                name="step",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("step_entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "ended",
            sa.Enum(
                "hired",
                "rejected",
                "withdrawn",
                "moved",
                name="end",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "end_reason",
            sa.Enum(
                "arrived",
                "off_target",
                "phone_screen_no",
                "no_hire",
                "veto",
                "rescinded",
                "all_against",
                "cord",
                "position_closed",
                "candidate",
                "no_shows",
                "offer_declined",
                "offer_lapsed",
                "reneged",
                "moved",
                "imported",
                "other",
                name="endreason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("end_note", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("vetoed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("live_offer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("offer_accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cool_off_until", sa.Date(), nullable=True),
        sa.Column("interviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hold_reason", sa.String(), nullable=False),
        sa.Column("description_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("moved_to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "live_offer_id IS NULL OR (step = 'offer' AND ended IS NULL)", name=op.f("ck_application_offer_in_its_step")
        ),
        sa.CheckConstraint("step <> 'job_description'", name=op.f("ck_application_step_is_an_applications")),
        sa.CheckConstraint("(ended IS NULL) = (end_reason IS NULL)", name=op.f("ck_application_end_has_reason")),
        sa.CheckConstraint("(ended IS NULL) = (ended_at IS NULL)", name=op.f("ck_application_end_has_date")),
        sa.CheckConstraint("vetoed_at IS NULL OR live_offer_id IS NULL", name=op.f("ck_application_veto_bars_offer")),
        sa.CheckConstraint(
            "vetoed_at IS NULL OR (ended IS NOT NULL AND ended = 'rejected')", name=op.f("ck_application_veto_ends_it")
        ),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("fk_application_candidate_id")),
        sa.ForeignKeyConstraint(["moved_to_id"], ["application.id"], name=op.f("fk_application_moved_to_id")),
        sa.ForeignKeyConstraint(["requisition_id"], ["requisition.id"], name=op.f("fk_application_requisition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
    )
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_application_candidate_id"), ["candidate_id"], unique=False)
        batch_op.create_index(
            "ix_application_queue", ["requisition_id", "step", "ended", "step_entered_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_application_live",
            ["id"],
            unique=False,
            sqlite_where=sa.text("ended IS NULL"),
            postgresql_where=sa.text("ended IS NULL"),
        )
        batch_op.create_index(
            "ix_application_requisition_live",
            ["requisition_id", "step"],
            unique=False,
            sqlite_where=sa.text("ended IS NULL"),
            postgresql_where=sa.text("ended IS NULL"),
        )
        batch_op.create_index(
            "ix_application_step_live",
            ["step", "id"],
            unique=False,
            sqlite_where=sa.text("ended IS NULL"),
            postgresql_where=sa.text("ended IS NULL"),
        )
        batch_op.create_index("ix_application_step", ["step", "id"], unique=False)
        batch_op.create_index(
            "ix_application_step_open",
            ["step", "step_entered_at"],
            unique=False,
            sqlite_where=sa.text("ended IS NULL"),
            postgresql_where=sa.text("ended IS NULL"),
        )
        batch_op.create_index(
            "ix_application_stuck",
            ["step_entered_at", "id"],
            unique=False,
            sqlite_where=sa.text("ended IS NULL"),
            postgresql_where=sa.text("ended IS NULL"),
        )
        batch_op.create_index(
            "uq_application_active",
            ["candidate_id", "requisition_id"],
            unique=True,
            sqlite_where=sa.text("ended IS NULL AND origin = 'live'"),
            postgresql_where=sa.text("ended IS NULL AND origin = 'live'"),
        )
        batch_op.create_index(
            "uq_application_live_offer",
            ["candidate_id"],
            unique=True,
            sqlite_where=sa.text("live_offer_id IS NOT NULL"),
            postgresql_where=sa.text("live_offer_id IS NOT NULL"),
        )

    op.create_table(
        "booking",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("candidate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.CheckConstraint("(person_id IS NULL) <> (candidate_id IS NULL)", name=op.f("ck_booking_of_one_person")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_booking_starts_before_it_ends")),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("fk_booking_candidate_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_booking_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
    )
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.create_index("ix_booking_candidate", ["candidate_id", "ends_at"], unique=False)
        batch_op.create_index("ix_booking_person", ["person_id", "ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_booking_source"), ["source"], unique=False)

    op.create_table(
        "conflict",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("candidate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "family",
                "former_report",
                "referrer",
                "other",
                name="conflictkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("declared_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("withdrawn_reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "withdrawn_at IS NULL OR withdrawn_reason <> ''", name=op.f("ck_conflict_withdrawn_with_reason")
        ),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("fk_conflict_candidate_id")),
        sa.ForeignKeyConstraint(["declared_by"], ["person.id"], name=op.f("fk_conflict_declared_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_conflict_person_id")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["person.id"], name=op.f("fk_conflict_withdrawn_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict")),
    )
    with op.batch_alter_table("conflict", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conflict_candidate_id"), ["candidate_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_conflict_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_conflict_standing",
            ["candidate_id", "person_id"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.create_table(
        "funnel_count",
        sa.Column("requisition_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "job_description",
                "resume_review",
                "phone_screen",
                "interview_loop",
                "written_feedback",
                "debrief",
                "reference_check",
                "offer",
                name="step",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "advanced",
                "rejected",
                "withdrew",
                "moved",
                "open",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("n >= 0", name=op.f("ck_funnel_count_not_negative")),
        sa.ForeignKeyConstraint(["requisition_id"], ["requisition.id"], name=op.f("fk_funnel_count_requisition_id")),
        sa.PrimaryKeyConstraint("requisition_id", "step", "day", "outcome", name=op.f("pk_funnel_count")),
    )
    op.create_table(
        "funnel_total",
        sa.Column(
            "step",
            sa.Enum(
                "job_description",
                "resume_review",
                "phone_screen",
                "interview_loop",
                "written_feedback",
                "debrief",
                "reference_check",
                "offer",
                name="step",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("advanced", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rejected", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("withdrew", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("moved", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("open", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("step", "day", name=op.f("pk_funnel_total")),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("resume", sa.Boolean(), nullable=False),
        sa.Column("unread", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("resume OR NOT unread", name=op.f("ck_attachment_unread_is_resume")),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name=op.f("fk_attachment_added_by")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_attachment_application_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_attachment_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_application_id"), ["application_id"], unique=False)
        batch_op.create_index(
            "ix_attachment_unread",
            ["application_id"],
            unique=False,
            sqlite_where=sa.text("unread = 1"),
            postgresql_where=sa.text("unread"),
        )

    op.create_table(
        "bar_raiser_draw",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("redraw_reason", sa.String(), nullable=False),
        sa.Column("candidates", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_bar_raiser_draw_application_id")),
        sa.ForeignKeyConstraint(["drawn_by"], ["person.id"], name=op.f("fk_bar_raiser_draw_drawn_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_bar_raiser_draw_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bar_raiser_draw")),
    )
    with op.batch_alter_table("bar_raiser_draw", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bar_raiser_draw_application_id"), ["application_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bar_raiser_draw_person_id"), ["person_id"], unique=False)

    op.create_table(
        "cord",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("requisition_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("pulled_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pulled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("cleared_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("correction", sa.String(), nullable=False),
        sa.CheckConstraint(
            "cleared_at IS NULL OR (cause <> '' AND correction <> '')", name=op.f("ck_cord_cleared_with_cause")
        ),
        sa.CheckConstraint("(application_id IS NULL) <> (requisition_id IS NULL)", name=op.f("ck_cord_on_one_thing")),
        sa.CheckConstraint("(cleared_at IS NULL) = (cleared_by IS NULL)", name=op.f("ck_cord_cleared_by_somebody")),
        sa.CheckConstraint("cleared_by IS NULL OR cleared_by <> pulled_by", name=op.f("ck_cord_not_cleared_by_puller")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_cord_application_id")),
        sa.ForeignKeyConstraint(["cleared_by"], ["person.id"], name=op.f("fk_cord_cleared_by")),
        sa.ForeignKeyConstraint(["pulled_by"], ["person.id"], name=op.f("fk_cord_pulled_by")),
        sa.ForeignKeyConstraint(["requisition_id"], ["requisition.id"], name=op.f("fk_cord_requisition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cord")),
    )
    with op.batch_alter_table("cord", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cord_application_id"), ["application_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cord_requisition_id"), ["requisition_id"], unique=False)
        batch_op.create_index(
            "ix_cord_pulled",
            ["requisition_id"],
            unique=False,
            sqlite_where=sa.text("cleared_at IS NULL"),
            postgresql_where=sa.text("cleared_at IS NULL"),
        )

    op.create_table(
        "first_entry",
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "job_description",
                "resume_review",
                "phone_screen",
                "interview_loop",
                "written_feedback",
                "debrief",
                "reference_check",
                "offer",
                name="step",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("requisition_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "advanced",
                "rejected",
                "withdrew",
                "moved",
                "open",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_first_entry_application_id")),
        sa.ForeignKeyConstraint(["requisition_id"], ["requisition.id"], name=op.f("fk_first_entry_requisition_id")),
        sa.PrimaryKeyConstraint("application_id", "step", name=op.f("pk_first_entry")),
    )
    with op.batch_alter_table("first_entry", schema=None) as batch_op:
        batch_op.create_index(
            "ix_first_entry_figure", ["requisition_id", "step", "outcome", "first_entered_at"], unique=False
        )
        batch_op.create_index(
            "ix_first_entry_outcome", ["step", "outcome", "first_entered_at", "application_id"], unique=False
        )
        batch_op.create_index("ix_first_entry_step", ["step", "first_entered_at", "application_id"], unique=False)

    op.create_table(
        "hire_review",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "at",
            sa.Enum("ninety_days", "one_year", name="reviewat", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("lesson", sa.String(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("done_at IS NULL OR lesson <> ''", name=op.f("ck_hire_review_done_with_lesson")),
        sa.CheckConstraint("(done_at IS NULL) = (done_by IS NULL)", name=op.f("ck_hire_review_done_by_somebody")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_hire_review_application_id")),
        sa.ForeignKeyConstraint(["done_by"], ["person.id"], name=op.f("fk_hire_review_done_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hire_review")),
        sa.UniqueConstraint("application_id", "at", name=op.f("uq_hire_review_application_id_at")),
    )
    with op.batch_alter_table("hire_review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hire_review_application_id"), ["application_id"], unique=False)
        batch_op.create_index(
            "ix_hire_review_undone",
            ["due_on"],
            unique=False,
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )

    op.create_table(
        "imported_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("case", sa.String(), nullable=False),
        sa.Column("ordinal", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("activity", sa.String(), nullable=False),
        sa.Column("meaning", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_imported_event_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_event")),
        sa.UniqueConstraint("source", "case", "ordinal", name=op.f("uq_imported_event_source_case_ordinal")),
    )
    with op.batch_alter_table("imported_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_imported_event_application_id"), ["application_id"], unique=False)

    op.create_table(
        "job_description",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("requisition_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "in_review",
                "approved",
                "superseded",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("level", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("location", sa.String(), nullable=False),
        sa.Column("pay_low", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("pay_high", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("outcomes", sa.JSON(), nullable=False),
        sa.Column("reports_stated", sa.Boolean(), nullable=False),
        sa.Column("proposed_level", sa.Boolean(), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("written_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(status IN ('approved', 'superseded')) = (approved_at IS NOT NULL)",
            name=op.f("ck_job_description_approved_has_date"),
        ),
        sa.CheckConstraint("level BETWEEN 4 AND 12", name=op.f("ck_job_description_level_on_ladder")),
        sa.CheckConstraint(
            "pay_low IS NULL OR pay_high IS NULL OR pay_low <= pay_high",
            name=op.f("ck_job_description_pay_range_in_order"),
        ),
        sa.CheckConstraint(
            "proposed_level = (application_id IS NOT NULL)", name=op.f("ck_job_description_level_is_an_applications")
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_job_description_application_id")),
        sa.ForeignKeyConstraint(["approved_by"], ["person.id"], name=op.f("fk_job_description_approved_by")),
        sa.ForeignKeyConstraint(["requisition_id"], ["requisition.id"], name=op.f("fk_job_description_requisition_id")),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], name=op.f("fk_job_description_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_description")),
        sa.UniqueConstraint("requisition_id", "number", name=op.f("uq_job_description_requisition_id_number")),
    )
    with op.batch_alter_table("job_description", schema=None) as batch_op:
        batch_op.create_index(
            "ix_job_description_application_id",
            ["application_id"],
            unique=False,
            sqlite_where=sa.text("application_id IS NOT NULL"),
            postgresql_where=sa.text("application_id IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_job_description_requisition_id"), ["requisition_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_job_description_status"), ["status"], unique=False)
        batch_op.create_index("ix_job_description_begun", ["created_at", "status"], unique=False)
        batch_op.create_index(
            "uq_job_description_draft",
            ["requisition_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('draft', 'in_review') AND NOT proposed_level"),
            postgresql_where=sa.text("status IN ('draft', 'in_review') AND NOT proposed_level"),
        )

    op.create_table(
        "loop",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "composing", "confirmed", "over", name="loopstate", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("recruiter_named_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("debrief_starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("debrief_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("debrief_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("debrief_opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspect", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_loop_application_id")),
        sa.ForeignKeyConstraint(["recruiter_named_id"], ["person.id"], name=op.f("fk_loop_recruiter_named_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loop")),
        sa.UniqueConstraint("application_id", name=op.f("uq_loop_application_id")),
    )
    with op.batch_alter_table("loop", schema=None) as batch_op:
        batch_op.create_index(
            "ix_loop_suspect",
            ["application_id"],
            unique=False,
            sqlite_where=sa.text("suspect = 1"),
            postgresql_where=sa.text("suspect"),
        )

    op.create_table(
        "note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_note_application_id")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_note_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_note_application_id"), ["application_id"], unique=False)

    op.create_table(
        "onboarding_task",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("(done_at IS NULL) = (done_by IS NULL)", name=op.f("ck_onboarding_task_done_by_somebody")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_onboarding_task_application_id")),
        sa.ForeignKeyConstraint(["done_by"], ["person.id"], name=op.f("fk_onboarding_task_done_by")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_onboarding_task_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_onboarding_task")),
    )
    with op.batch_alter_table("onboarding_task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_onboarding_task_application_id"), ["application_id"], unique=False)
        batch_op.create_index(
            "ix_onboarding_task_undone",
            ["owner_id", "due_on"],
            unique=False,
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )

    op.create_table(
        "opening",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("requisition_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=False),
        sa.Column("approved_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("filled_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["approved_by"], ["person.id"], name=op.f("fk_opening_approved_by")),
        sa.ForeignKeyConstraint(["filled_by"], ["application.id"], name=op.f("fk_opening_filled_by")),
        sa.ForeignKeyConstraint(["requisition_id"], ["requisition.id"], name=op.f("fk_opening_requisition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening")),
        sa.UniqueConstraint("filled_by", name=op.f("uq_opening_filled_by")),
    )
    with op.batch_alter_table("opening", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opening_requisition_id"), ["requisition_id"], unique=False)

    op.create_table(
        "participation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "screener",
                "seat",
                "bar_raiser",
                "shadow",
                name="part",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_participation_application_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_participation_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participation")),
    )
    with op.batch_alter_table("participation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_participation_application_id"), ["application_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_participation_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_participation_current",
            ["application_id", "person_id", "part"],
            unique=True,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )

    op.create_table(
        "passed_warning",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("requisition_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_passed_warning_application_id")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_passed_warning_by")),
        sa.ForeignKeyConstraint(["requisition_id"], ["requisition.id"], name=op.f("fk_passed_warning_requisition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passed_warning")),
    )
    with op.batch_alter_table("passed_warning", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_passed_warning_application_id"), ["application_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_passed_warning_requisition_id"), ["requisition_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_passed_warning_rule"), ["rule"], unique=False)

    op.create_table(
        "step_visit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ordinal", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "job_description",
                "resume_review",
                "phone_screen",
                "interview_loop",
                "written_feedback",
                "debrief",
                "reference_check",
                "offer",
                name="step",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "how_left",
            sa.Enum(
                "advanced",
                "sent_back",
                "rejected",
                "withdrawn",
                "moved",
                "hired",
                name="howleft",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("left_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("(left_at IS NULL) = (how_left IS NULL)", name=op.f("ck_step_visit_left_once")),
        sa.CheckConstraint("left_at IS NULL OR left_at >= entered_at", name=op.f("ck_step_visit_left_after_entered")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_step_visit_application_id")),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_step_visit_entered_by")),
        sa.ForeignKeyConstraint(["left_by"], ["person.id"], name=op.f("fk_step_visit_left_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_visit")),
        sa.UniqueConstraint("application_id", "ordinal", name=op.f("uq_step_visit_application_id_ordinal")),
    )
    with op.batch_alter_table("step_visit", schema=None) as batch_op:
        batch_op.create_index(
            "uq_step_visit_open",
            ["application_id"],
            unique=True,
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        )

    op.create_table(
        "timeline_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("requisition_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.CheckConstraint(
            "application_id IS NOT NULL OR requisition_id IS NOT NULL", name=op.f("ck_timeline_entry_about")
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_timeline_entry_actor_id")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_timeline_entry_application_id")),
        sa.ForeignKeyConstraint(["requisition_id"], ["requisition.id"], name=op.f("fk_timeline_entry_requisition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline_entry")),
    )
    with op.batch_alter_table("timeline_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_timeline_entry_application_id"), ["application_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_timeline_entry_requisition_id"), ["requisition_id"], unique=False)

    op.create_table(
        "veto",
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_veto_in_writing")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_veto_application_id")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_veto_by")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_veto")),
    )
    op.create_table(
        "adoption",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("description_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("adopted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["adopted_by"], ["person.id"], name=op.f("fk_adoption_adopted_by")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_adoption_application_id")),
        sa.ForeignKeyConstraint(["description_id"], ["job_description.id"], name=op.f("fk_adoption_description_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adoption")),
    )
    with op.batch_alter_table("adoption", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_adoption_application_id"), ["application_id"], unique=False)

    op.create_table(
        "cord_action",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cord_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["cord_id"], ["cord.id"], name=op.f("fk_cord_action_cord_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_cord_action_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cord_action")),
    )
    with op.batch_alter_table("cord_action", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cord_action_cord_id"), ["cord_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cord_action_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "cord_named",
        sa.Column("cord_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["cord_id"], ["cord.id"], name=op.f("fk_cord_named_cord_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_cord_named_person_id")),
        sa.PrimaryKeyConstraint("cord_id", "person_id", name=op.f("pk_cord_named")),
    )
    with op.batch_alter_table("cord_named", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cord_named_person_id"), ["person_id"], unique=False)

    op.create_table(
        "description_review",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("description_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reviewer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum("approve", "changes", name="verdict", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("role_clear", sa.String(), nullable=False),
        sa.Column("problem_sharp", sa.String(), nullable=False),
        sa.Column("must_haves_testable", sa.String(), nullable=False),
        sa.Column("risks", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "replaced_at IS NULL OR (verdict IS NULL AND replaced_reason <> '')",
            name=op.f("ck_description_review_replaced_says_why"),
        ),
        sa.CheckConstraint("(verdict IS NULL) = (at IS NULL)", name=op.f("ck_description_review_verdict_has_date")),
        sa.ForeignKeyConstraint(
            ["description_id"], ["job_description.id"], name=op.f("fk_description_review_description_id")
        ),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name=op.f("fk_description_review_reviewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_description_review")),
    )
    with op.batch_alter_table("description_review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_description_review_description_id"), ["description_id"], unique=False)
        batch_op.create_index(
            "ix_description_review_open",
            ["reviewer_id"],
            unique=False,
            sqlite_where=sa.text("verdict IS NULL AND replaced_at IS NULL"),
            postgresql_where=sa.text("verdict IS NULL AND replaced_at IS NULL"),
        )
        batch_op.create_index(
            "uq_description_review_open",
            ["description_id"],
            unique=True,
            sqlite_where=sa.text("verdict IS NULL AND replaced_at IS NULL"),
            postgresql_where=sa.text("verdict IS NULL AND replaced_at IS NULL"),
        )

    op.create_table(
        "meeting",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("description_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "phase",
            sa.Enum(
                "gather",
                "read",
                "revote",
                "board",
                "discuss",
                "decide",
                "done",
                "void",
                name="phase",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("chair_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("gathered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("phase_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "decision",
            sa.Enum("hire", "no_hire", name="decision", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("concurred_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("concurred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("concurrence_note", sa.String(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("policy_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("frozen", sa.JSON(), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("concurred_by IS NULL OR decision = 'hire'", name=op.f("ck_meeting_concurs_with_a_hire")),
        sa.CheckConstraint("decision IS NULL OR reason <> ''", name=op.f("ck_meeting_decided_with_reason")),
        sa.CheckConstraint("phase <> 'done' OR done_at IS NOT NULL", name=op.f("ck_meeting_done_has_date")),
        sa.CheckConstraint(
            "(concurred_by IS NULL) = (concurred_at IS NULL)", name=op.f("ck_meeting_concurred_has_date")
        ),
        sa.CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name=op.f("ck_meeting_decided_has_date")),
        sa.CheckConstraint("(decision IS NULL) = (decided_by IS NULL)", name=op.f("ck_meeting_decided_by_somebody")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_meeting_application_id")),
        sa.ForeignKeyConstraint(["chair_id"], ["person.id"], name=op.f("fk_meeting_chair_id")),
        sa.ForeignKeyConstraint(["concurred_by"], ["person.id"], name=op.f("fk_meeting_concurred_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_meeting_decided_by")),
        sa.ForeignKeyConstraint(["description_id"], ["job_description.id"], name=op.f("fk_meeting_description_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["step_visit.id"], name=op.f("fk_meeting_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
    )
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_application_id"), ["application_id"], unique=False)
        batch_op.create_index(
            "uq_meeting_under_way",
            ["application_id"],
            unique=True,
            sqlite_where=sa.text("phase NOT IN ('done', 'void')"),
            postgresql_where=sa.text("phase NOT IN ('done', 'void')"),
        )

    op.create_table(
        "must_have",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("description_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["description_id"], ["job_description.id"], name=op.f("fk_must_have_description_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_must_have")),
    )
    with op.batch_alter_table("must_have", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_must_have_description_id"), ["description_id"], unique=False)

    op.create_table(
        "phone_screen",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("screener_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("named_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("where", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "booked",
                "held",
                "candidate_no_show",
                "screener_no_show",
                "cancelled",
                name="screenstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "verdict",
            sa.Enum("yes", "no", name="screenverdict", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "verdict IS NULL OR (state = 'held' AND summary <> '')", name=op.f("ck_phone_screen_decided_with_notes")
        ),
        sa.CheckConstraint("(verdict IS NULL) = (decided_at IS NULL)", name=op.f("ck_phone_screen_decided_has_date")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_phone_screen_starts_before_it_ends")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_phone_screen_application_id")),
        sa.ForeignKeyConstraint(["named_by"], ["person.id"], name=op.f("fk_phone_screen_named_by")),
        sa.ForeignKeyConstraint(["screener_id"], ["person.id"], name=op.f("fk_phone_screen_screener_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["step_visit.id"], name=op.f("fk_phone_screen_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_screen")),
    )
    with op.batch_alter_table("phone_screen", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_phone_screen_application_id"), ["application_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_phone_screen_screener_id"), ["screener_id"], unique=False)
        batch_op.create_index(
            "ix_phone_screen_owed",
            ["screener_id"],
            unique=False,
            sqlite_where=sa.text("verdict IS NULL"),
            postgresql_where=sa.text("verdict IS NULL"),
        )
        batch_op.create_index(
            "uq_phone_screen_booked",
            ["application_id"],
            unique=True,
            sqlite_where=sa.text("state = 'booked'"),
            postgresql_where=sa.text("state = 'booked'"),
        )

    op.create_table(
        "reference_check",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("consent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consent_source", sa.String(), nullable=False),
        sa.Column("current_employer_named", sa.Boolean(), nullable=False),
        sa.Column("consent_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("waived_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("waiver", sa.String(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "clear", "new_facts", name="referenceoutcome", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("new_facts", sa.String(), nullable=False),
        sa.Column("decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("(waived_by IS NULL) = (waiver = '')", name=op.f("ck_reference_check_waived_in_writing")),
        sa.CheckConstraint(
            "outcome <> 'new_facts' OR new_facts <> ''", name=op.f("ck_reference_check_new_facts_are_written")
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (decided_at IS NULL)", name=op.f("ck_reference_check_outcome_has_date")
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_reference_check_application_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_reference_check_decided_by")),
        sa.ForeignKeyConstraint(["visit_id"], ["step_visit.id"], name=op.f("fk_reference_check_visit_id")),
        sa.ForeignKeyConstraint(["waived_by"], ["person.id"], name=op.f("fk_reference_check_waived_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_check")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_reference_check_visit_id")),
    )
    with op.batch_alter_table("reference_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reference_check_application_id"), ["application_id"], unique=False)

    op.create_table(
        "rejection_agreement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_rejection_agreement_application_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_rejection_agreement_person_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["step_visit.id"], name=op.f("fk_rejection_agreement_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rejection_agreement")),
        sa.UniqueConstraint(
            "application_id",
            "visit_id",
            "person_id",
            name=op.f("uq_rejection_agreement_application_id_visit_id_person_id"),
        ),
    )
    with op.batch_alter_table("rejection_agreement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rejection_agreement_application_id"), ["application_id"], unique=False)

    op.create_table(
        "seat",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("loop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "hiring_manager",
                "recruiter",
                "bar_raiser",
                "interviewer",
                name="seatkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "held",
                "removed",
                "vacated",
                "handed_over",
                name="seatstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("handover", sa.Boolean(), nullable=False),
        sa.Column("successor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decline_reason", sa.String(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_reason", sa.String(), nullable=False),
        sa.Column("left_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("writing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("plan_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slot_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("(state = 'held') = (left_at IS NULL)", name=op.f("ck_seat_left_has_date")),
        sa.CheckConstraint("state <> 'vacated' OR left_reason <> ''", name=op.f("ck_seat_vacated_with_reason")),
        sa.ForeignKeyConstraint(["left_by"], ["person.id"], name=op.f("fk_seat_left_by")),
        sa.ForeignKeyConstraint(["loop_id"], ["loop.id"], name=op.f("fk_seat_loop_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_seat_person_id")),
        sa.ForeignKeyConstraint(["successor_id"], ["seat.id"], name=op.f("fk_seat_successor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
    )
    with op.batch_alter_table("seat", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seat_loop_id"), ["loop_id"], unique=False)
        batch_op.create_index("ix_seat_person_id", ["person_id", "state", "loop_id", "kind"], unique=False)
        batch_op.create_index(
            "ix_seat_unwritten",
            ["loop_id"],
            unique=False,
            sqlite_where=sa.text("submitted_at IS NULL"),
            postgresql_where=sa.text("submitted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_seat_owed",
            ["person_id", "state"],
            unique=False,
            sqlite_where=sa.text("submitted_at IS NULL"),
            postgresql_where=sa.text("submitted_at IS NULL"),
        )
        batch_op.create_index(
            "uq_seat_bar_raiser",
            ["loop_id"],
            unique=True,
            sqlite_where=sa.text("state = 'held' AND kind = 'bar_raiser'"),
            postgresql_where=sa.text("state = 'held' AND kind = 'bar_raiser'"),
        )
        batch_op.create_index(
            "uq_seat_person",
            ["loop_id", "person_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('held', 'handed_over')"),
            postgresql_where=sa.text("state IN ('held', 'handed_over')"),
        )

    op.create_table(
        "tested_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("description_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("principle", "competency", name="itemkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("principle_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "(kind = 'principle') = (principle_id IS NOT NULL)", name=op.f("ck_tested_item_principle_is_named")
        ),
        sa.ForeignKeyConstraint(["description_id"], ["job_description.id"], name=op.f("fk_tested_item_description_id")),
        sa.ForeignKeyConstraint(["principle_id"], ["principle.id"], name=op.f("fk_tested_item_principle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tested_item")),
        sa.UniqueConstraint("description_id", "name", name=op.f("uq_tested_item_description_id_name")),
    )
    with op.batch_alter_table("tested_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tested_item_description_id"), ["description_id"], unique=False)

    op.create_table(
        "would_be_report",
        sa.Column("description_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["description_id"], ["job_description.id"], name=op.f("fk_would_be_report_description_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_would_be_report_person_id")),
        sa.PrimaryKeyConstraint("description_id", "person_id", name=op.f("pk_would_be_report")),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seat_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["tested_item.id"], name=op.f("fk_assignment_item_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_assignment_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("seat_id", "item_id", name=op.f("uq_assignment_seat_id_item_id")),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignment_seat_id"), ["seat_id"], unique=False)

    op.create_table(
        "attendance",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("meeting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("present_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reading_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("absent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("absent_reason", sa.String(), nullable=False),
        sa.Column(
            "revote",
            sa.Enum(
                "strongly_inclined",
                "inclined",
                "not_inclined",
                "strongly_not_inclined",
                name="vote",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("revoted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dissent", sa.String(), nullable=False),
        sa.Column("dissent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("absent_at IS NULL OR absent_reason <> ''", name=op.f("ck_attendance_absent_with_reason")),
        sa.CheckConstraint("(revote IS NULL) = (revoted_at IS NULL)", name=op.f("ck_attendance_revote_has_date")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_attendance_meeting_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attendance_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint("meeting_id", "person_id", name=op.f("uq_attendance_meeting_id_person_id")),
    )
    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attendance_meeting_id"), ["meeting_id"], unique=False)

    op.create_table(
        "board_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("meeting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "mark",
            sa.Enum(
                "met", "not_met", "not_shown", name="boardmark", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("accepted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("accepted_reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(accepted_by IS NULL) = (accepted_reason = '')", name=op.f("ck_board_entry_accepted_in_writing")
        ),
        sa.CheckConstraint(
            "accepted_by IS NULL OR mark = 'not_shown'", name=op.f("ck_board_entry_accepts_only_not_shown")
        ),
        sa.ForeignKeyConstraint(["accepted_by"], ["person.id"], name=op.f("fk_board_entry_accepted_by")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_board_entry_by")),
        sa.ForeignKeyConstraint(["item_id"], ["tested_item.id"], name=op.f("fk_board_entry_item_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_board_entry_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_entry")),
    )
    with op.batch_alter_table("board_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_board_entry_meeting_id"), ["meeting_id"], unique=False)

    op.create_table(
        "discussion_note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("meeting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_discussion_note_author_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_discussion_note_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discussion_note")),
    )
    with op.batch_alter_table("discussion_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_discussion_note_meeting_id"), ["meeting_id"], unique=False)

    op.create_table(
        "feedback",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seat_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "submitted", name="feedbackstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column(
            "vote",
            sa.Enum(
                "strongly_inclined",
                "inclined",
                "not_inclined",
                "strongly_not_inclined",
                name="vote",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(state = 'submitted') = (submitted_at IS NOT NULL)", name=op.f("ck_feedback_submitted_has_date")
        ),
        sa.CheckConstraint("late IS NULL OR state = 'submitted'", name=op.f("ck_feedback_late_once_submitted")),
        sa.CheckConstraint(
            "state = 'draft' OR (vote IS NOT NULL AND summary <> '')", name=op.f("ck_feedback_submitted_is_complete")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_feedback_author_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_feedback_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("seat_id", name=op.f("uq_feedback_seat_id")),
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_author_id"), ["author_id"], unique=False)

    op.create_table(
        "interview",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seat_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("where", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "booked",
                "held",
                "cut_short",
                "candidate_no_show",
                "interviewer_no_show",
                "cancelled",
                name="interviewstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_end_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("policy_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('held', 'cut_short')) = (due_at IS NOT NULL)", name=op.f("ck_interview_held_owes_feedback")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_interview_starts_before_it_ends")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_interview_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview")),
    )
    with op.batch_alter_table("interview", schema=None) as batch_op:
        batch_op.create_index("ix_interview_seat_id", ["seat_id", "starts_at"], unique=False)
        batch_op.create_index("ix_interview_starts_at", ["starts_at", "state", "seat_id"], unique=False)
        batch_op.create_index(
            "ix_interview_to_close",
            ["ends_at"],
            unique=False,
            sqlite_where=sa.text("state = 'booked'"),
            postgresql_where=sa.text("state = 'booked'"),
        )
        batch_op.create_index(
            "uq_interview_current",
            ["seat_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('booked', 'held', 'cut_short')"),
            postgresql_where=sa.text("state IN ('booked', 'held', 'cut_short')"),
        )

    op.create_table(
        "must_have_mark",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("must_have_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "mark",
            sa.Enum("met", "not_met", "not_shown", name="mark", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("revision > 0", name=op.f("ck_must_have_mark_revised")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_must_have_mark_application_id")),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_must_have_mark_by")),
        sa.ForeignKeyConstraint(["must_have_id"], ["must_have.id"], name=op.f("fk_must_have_mark_must_have_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_must_have_mark")),
        sa.UniqueConstraint(
            "application_id", "must_have_id", name=op.f("uq_must_have_mark_application_id_must_have_id")
        ),
    )
    with op.batch_alter_table("must_have_mark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_must_have_mark_application_id"), ["application_id"], unique=False)

    op.create_table(
        "offer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("meeting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "prepared",
                "made",
                "accepted",
                "declined",
                "lapsed",
                "reneged",
                "rescinded",
                "dropped",
                "arrived",
                name="offerstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("pay", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("start_moved_reason", sa.String(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("terms", sa.String(), nullable=False),
        sa.Column("prepared_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("exception_asked", sa.String(), nullable=False),
        sa.Column("exception_asked_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("exception_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("excepted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("exception", sa.String(), nullable=False),
        sa.Column("exception_refusal", sa.String(), nullable=False),
        sa.Column("made_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_how", sa.String(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("close_reason", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("(excepted_by IS NULL) = (exception = '')", name=op.f("ck_offer_excepted_in_writing")),
        sa.CheckConstraint(
            "(exception_asked_at IS NULL) = (exception_asked = '')", name=op.f("ck_offer_asked_in_writing")
        ),
        sa.CheckConstraint(
            "(state IN ('prepared', 'made', 'accepted')) = (closed_at IS NULL)", name=op.f("ck_offer_closed_has_date")
        ),
        sa.CheckConstraint("excepted_by IS NULL OR exception_refusal = ''", name=op.f("ck_offer_granted_or_refused")),
        sa.CheckConstraint(
            "state IN ('prepared', 'dropped') OR made_at IS NOT NULL", name=op.f("ck_offer_made_has_date")
        ),
        sa.CheckConstraint(
            "state NOT IN ('accepted', 'arrived') OR accepted_at IS NOT NULL", name=op.f("ck_offer_accepted_has_date")
        ),
        sa.CheckConstraint("pay > 0", name=op.f("ck_offer_pay_is_positive")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_offer_application_id")),
        sa.ForeignKeyConstraint(["excepted_by"], ["person.id"], name=op.f("fk_offer_excepted_by")),
        sa.ForeignKeyConstraint(["exception_asked_by"], ["person.id"], name=op.f("fk_offer_exception_asked_by")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_offer_made_by")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_offer_meeting_id")),
        sa.ForeignKeyConstraint(["prepared_by"], ["person.id"], name=op.f("fk_offer_prepared_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index(
            "ix_offer_answer_by",
            ["answer_by"],
            unique=False,
            sqlite_where=sa.text("state = 'made'"),
            postgresql_where=sa.text("state = 'made'"),
        )
        batch_op.create_index(batch_op.f("ix_offer_application_id"), ["application_id"], unique=False)
        batch_op.create_index(
            "ix_offer_asked",
            ["exception_asked_at"],
            unique=False,
            sqlite_where=sa.text("exception_asked_at IS NOT NULL AND excepted_by IS NULL AND state = 'prepared'"),
            postgresql_where=sa.text("exception_asked_at IS NOT NULL AND excepted_by IS NULL AND state = 'prepared'"),
        )
        batch_op.create_index(
            "uq_offer_live",
            ["application_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('prepared', 'made', 'accepted')"),
            postgresql_where=sa.text("state IN ('prepared', 'made', 'accepted')"),
        )

    op.create_table(
        "reference",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("check_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("current_employer", sa.Boolean(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("called_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("would_hire_again", sa.Boolean(), nullable=True),
        sa.Column("percentile", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("notes", sa.String(), nullable=False),
        sa.CheckConstraint("(called_at IS NULL) = (called_by IS NULL)", name=op.f("ck_reference_called_by_somebody")),
        sa.CheckConstraint(
            "percentile IS NULL OR percentile BETWEEN 1 AND 99", name=op.f("ck_reference_percentile_in_range")
        ),
        sa.ForeignKeyConstraint(["called_by"], ["person.id"], name=op.f("fk_reference_called_by")),
        sa.ForeignKeyConstraint(["check_id"], ["reference_check.id"], name=op.f("fk_reference_check_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference")),
    )
    with op.batch_alter_table("reference", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reference_check_id"), ["check_id"], unique=False)

    op.create_table(
        "screen_question",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("screen_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("situation", sa.String(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["screen_id"], ["phone_screen.id"], name=op.f("fk_screen_question_screen_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screen_question")),
    )
    with op.batch_alter_table("screen_question", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_screen_question_screen_id"), ["screen_id"], unique=False)

    op.create_table(
        "shadow",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seat_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_shadow_person_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_shadow_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shadow")),
    )
    with op.batch_alter_table("shadow", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shadow_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_shadow_seat_id"), ["seat_id"], unique=False)
        batch_op.create_index(
            "uq_shadow_current",
            ["seat_id"],
            unique=True,
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        )

    op.create_table(
        "amendment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("feedback_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_amendment_feedback_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
    )
    with op.batch_alter_table("amendment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_amendment_feedback_id"), ["feedback_id"], unique=False)

    op.create_table(
        "feedback_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("feedback_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("situation", sa.String(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column(
            "rating",
            sa.Enum(
                "raises",
                "meets",
                "below",
                "not_tested",
                name="rating",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("not_tested_reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name=op.f("fk_feedback_item_feedback_id")),
        sa.ForeignKeyConstraint(["item_id"], ["tested_item.id"], name=op.f("fk_feedback_item_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_item")),
        sa.UniqueConstraint("feedback_id", "item_id", name=op.f("uq_feedback_item_feedback_id_item_id")),
    )
    with op.batch_alter_table("feedback_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_item_feedback_id"), ["feedback_id"], unique=False)

    op.create_table(
        "offer_contact",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("offer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_offer_contact_by")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_offer_contact_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_contact")),
    )
    with op.batch_alter_table("offer_contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_contact_offer_id"), ["offer_id"], unique=False)

    op.create_table(
        "practice_feedback",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shadow_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "submitted", name="feedbackstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'submitted') = (submitted_at IS NOT NULL)", name=op.f("ck_practice_feedback_submitted_has_date")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_practice_feedback_author_id")),
        sa.ForeignKeyConstraint(["shadow_id"], ["shadow.id"], name=op.f("fk_practice_feedback_shadow_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_feedback")),
        sa.UniqueConstraint("shadow_id", name=op.f("uq_practice_feedback_shadow_id")),
    )
    with op.batch_alter_table("practice_feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_practice_feedback_author_id"), ["author_id"], unique=False)
    bind = op.get_bind()
    for guard in GUARDS[bind.dialect.name]:
        bind.exec_driver_sql(guard)


def downgrade() -> None:
    with op.batch_alter_table("practice_feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_practice_feedback_author_id"))

    op.drop_table("practice_feedback")
    with op.batch_alter_table("offer_contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_offer_contact_offer_id"))

    op.drop_table("offer_contact")
    with op.batch_alter_table("feedback_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_item_feedback_id"))

    op.drop_table("feedback_item")
    with op.batch_alter_table("amendment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_amendment_feedback_id"))

    op.drop_table("amendment")
    with op.batch_alter_table("shadow", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_shadow_current", sqlite_where=sa.text("left_at IS NULL"), postgresql_where=sa.text("left_at IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_shadow_seat_id"))
        batch_op.drop_index(batch_op.f("ix_shadow_person_id"))

    op.drop_table("shadow")
    with op.batch_alter_table("screen_question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_screen_question_screen_id"))

    op.drop_table("screen_question")
    with op.batch_alter_table("reference", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reference_check_id"))

    op.drop_table("reference")
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_offer_live",
            sqlite_where=sa.text("state IN ('prepared', 'made', 'accepted')"),
            postgresql_where=sa.text("state IN ('prepared', 'made', 'accepted')"),
        )
        batch_op.drop_index(
            "ix_offer_asked",
            sqlite_where=sa.text("exception_asked_at IS NOT NULL AND excepted_by IS NULL AND state = 'prepared'"),
            postgresql_where=sa.text("exception_asked_at IS NOT NULL AND excepted_by IS NULL AND state = 'prepared'"),
        )
        batch_op.drop_index(batch_op.f("ix_offer_application_id"))
        batch_op.drop_index(
            "ix_offer_answer_by", sqlite_where=sa.text("state = 'made'"), postgresql_where=sa.text("state = 'made'")
        )

    op.drop_table("offer")
    with op.batch_alter_table("must_have_mark", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_must_have_mark_application_id"))

    op.drop_table("must_have_mark")
    with op.batch_alter_table("interview", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_interview_current",
            sqlite_where=sa.text("state IN ('booked', 'held', 'cut_short')"),
            postgresql_where=sa.text("state IN ('booked', 'held', 'cut_short')"),
        )
        batch_op.drop_index("ix_interview_starts_at")
        batch_op.drop_index(
            "ix_interview_to_close",
            sqlite_where=sa.text("state = 'booked'"),
            postgresql_where=sa.text("state = 'booked'"),
        )
        batch_op.drop_index("ix_interview_seat_id")

    op.drop_table("interview")
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_author_id"))

    op.drop_table("feedback")
    with op.batch_alter_table("discussion_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_discussion_note_meeting_id"))

    op.drop_table("discussion_note")
    with op.batch_alter_table("board_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_board_entry_meeting_id"))

    op.drop_table("board_entry")
    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attendance_meeting_id"))

    op.drop_table("attendance")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assignment_seat_id"))

    op.drop_table("assignment")
    op.drop_table("would_be_report")
    with op.batch_alter_table("tested_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tested_item_description_id"))

    op.drop_table("tested_item")
    with op.batch_alter_table("seat", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_seat_person",
            sqlite_where=sa.text("state IN ('held', 'handed_over')"),
            postgresql_where=sa.text("state IN ('held', 'handed_over')"),
        )
        batch_op.drop_index(
            "uq_seat_bar_raiser",
            sqlite_where=sa.text("state = 'held' AND kind = 'bar_raiser'"),
            postgresql_where=sa.text("state = 'held' AND kind = 'bar_raiser'"),
        )
        batch_op.drop_index(
            "ix_seat_unwritten",
            sqlite_where=sa.text("submitted_at IS NULL"),
            postgresql_where=sa.text("submitted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_seat_owed",
            sqlite_where=sa.text("submitted_at IS NULL"),
            postgresql_where=sa.text("submitted_at IS NULL"),
        )
        batch_op.drop_index("ix_seat_person_id")
        batch_op.drop_index(batch_op.f("ix_seat_loop_id"))

    op.drop_table("seat")
    with op.batch_alter_table("rejection_agreement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rejection_agreement_application_id"))

    op.drop_table("rejection_agreement")
    with op.batch_alter_table("reference_check", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reference_check_application_id"))

    op.drop_table("reference_check")
    with op.batch_alter_table("phone_screen", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_phone_screen_booked",
            sqlite_where=sa.text("state = 'booked'"),
            postgresql_where=sa.text("state = 'booked'"),
        )
        batch_op.drop_index(
            "ix_phone_screen_owed",
            sqlite_where=sa.text("verdict IS NULL"),
            postgresql_where=sa.text("verdict IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_phone_screen_screener_id"))
        batch_op.drop_index(batch_op.f("ix_phone_screen_application_id"))

    op.drop_table("phone_screen")
    with op.batch_alter_table("must_have", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_must_have_description_id"))

    op.drop_table("must_have")
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_meeting_under_way",
            sqlite_where=sa.text("phase NOT IN ('done', 'void')"),
            postgresql_where=sa.text("phase NOT IN ('done', 'void')"),
        )
        batch_op.drop_index(batch_op.f("ix_meeting_application_id"))

    op.drop_table("meeting")
    with op.batch_alter_table("description_review", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_description_review_open",
            sqlite_where=sa.text("verdict IS NULL AND replaced_at IS NULL"),
            postgresql_where=sa.text("verdict IS NULL AND replaced_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_description_review_open",
            sqlite_where=sa.text("verdict IS NULL AND replaced_at IS NULL"),
            postgresql_where=sa.text("verdict IS NULL AND replaced_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_description_review_description_id"))

    op.drop_table("description_review")
    with op.batch_alter_table("cord_named", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cord_named_person_id"))

    op.drop_table("cord_named")
    with op.batch_alter_table("cord_action", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cord_action_owner_id"))
        batch_op.drop_index(batch_op.f("ix_cord_action_cord_id"))

    op.drop_table("cord_action")
    with op.batch_alter_table("adoption", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_adoption_application_id"))

    op.drop_table("adoption")
    op.drop_table("veto")
    with op.batch_alter_table("timeline_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_timeline_entry_requisition_id"))
        batch_op.drop_index(batch_op.f("ix_timeline_entry_application_id"))

    op.drop_table("timeline_entry")
    with op.batch_alter_table("step_visit", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_step_visit_open", sqlite_where=sa.text("left_at IS NULL"), postgresql_where=sa.text("left_at IS NULL")
        )

    op.drop_table("step_visit")
    with op.batch_alter_table("passed_warning", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_passed_warning_rule"))
        batch_op.drop_index(batch_op.f("ix_passed_warning_requisition_id"))
        batch_op.drop_index(batch_op.f("ix_passed_warning_application_id"))

    op.drop_table("passed_warning")
    with op.batch_alter_table("participation", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_participation_current", sqlite_where=sa.text("until IS NULL"), postgresql_where=sa.text("until IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_participation_person_id"))
        batch_op.drop_index(batch_op.f("ix_participation_application_id"))

    op.drop_table("participation")
    with op.batch_alter_table("opening", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opening_requisition_id"))

    op.drop_table("opening")
    with op.batch_alter_table("onboarding_task", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_onboarding_task_undone",
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_onboarding_task_application_id"))

    op.drop_table("onboarding_task")
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_note_application_id"))

    op.drop_table("note")
    with op.batch_alter_table("loop", schema=None) as batch_op:
        batch_op.drop_index("ix_loop_suspect", sqlite_where=sa.text("suspect = 1"), postgresql_where=sa.text("suspect"))

    op.drop_table("loop")
    with op.batch_alter_table("job_description", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_job_description_draft",
            sqlite_where=sa.text("status IN ('draft', 'in_review') AND NOT proposed_level"),
            postgresql_where=sa.text("status IN ('draft', 'in_review') AND NOT proposed_level"),
        )
        batch_op.drop_index("ix_job_description_begun")
        batch_op.drop_index(batch_op.f("ix_job_description_status"))
        batch_op.drop_index(batch_op.f("ix_job_description_requisition_id"))
        batch_op.drop_index(
            "ix_job_description_application_id",
            sqlite_where=sa.text("application_id IS NOT NULL"),
            postgresql_where=sa.text("application_id IS NOT NULL"),
        )

    op.drop_table("job_description")
    with op.batch_alter_table("imported_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_imported_event_application_id"))

    op.drop_table("imported_event")
    with op.batch_alter_table("hire_review", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_hire_review_undone",
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_hire_review_application_id"))

    op.drop_table("hire_review")
    with op.batch_alter_table("first_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_first_entry_step")
        batch_op.drop_index("ix_first_entry_outcome")
        batch_op.drop_index("ix_first_entry_figure")

    op.drop_table("first_entry")
    with op.batch_alter_table("cord", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_cord_pulled", sqlite_where=sa.text("cleared_at IS NULL"), postgresql_where=sa.text("cleared_at IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_cord_requisition_id"))
        batch_op.drop_index(batch_op.f("ix_cord_application_id"))

    op.drop_table("cord")
    with op.batch_alter_table("bar_raiser_draw", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bar_raiser_draw_person_id"))
        batch_op.drop_index(batch_op.f("ix_bar_raiser_draw_application_id"))

    op.drop_table("bar_raiser_draw")
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_attachment_unread",
            sqlite_where=sa.text("unread = 1"),
            postgresql_where=sa.text("unread"),
        )
        batch_op.drop_index(batch_op.f("ix_attachment_application_id"))

    op.drop_table("attachment")
    op.drop_table("funnel_total")
    op.drop_table("funnel_count")
    with op.batch_alter_table("conflict", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_conflict_standing",
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_conflict_person_id"))
        batch_op.drop_index(batch_op.f("ix_conflict_candidate_id"))

    op.drop_table("conflict")
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_booking_source"))
        batch_op.drop_index("ix_booking_person")
        batch_op.drop_index("ix_booking_candidate")

    op.drop_table("booking")
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_application_live_offer",
            sqlite_where=sa.text("live_offer_id IS NOT NULL"),
            postgresql_where=sa.text("live_offer_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "uq_application_active",
            sqlite_where=sa.text("ended IS NULL AND origin = 'live'"),
            postgresql_where=sa.text("ended IS NULL AND origin = 'live'"),
        )
        batch_op.drop_index("ix_application_step")
        batch_op.drop_index(
            "ix_application_step_live", sqlite_where=sa.text("ended IS NULL"), postgresql_where=sa.text("ended IS NULL")
        )
        batch_op.drop_index(
            "ix_application_live", sqlite_where=sa.text("ended IS NULL"), postgresql_where=sa.text("ended IS NULL")
        )
        batch_op.drop_index(
            "ix_application_requisition_live",
            sqlite_where=sa.text("ended IS NULL"),
            postgresql_where=sa.text("ended IS NULL"),
        )
        batch_op.drop_index(
            "ix_application_stuck", sqlite_where=sa.text("ended IS NULL"), postgresql_where=sa.text("ended IS NULL")
        )
        batch_op.drop_index(
            "ix_application_step_open", sqlite_where=sa.text("ended IS NULL"), postgresql_where=sa.text("ended IS NULL")
        )
        batch_op.drop_index("ix_application_queue")
        batch_op.drop_index(batch_op.f("ix_application_candidate_id"))

    op.drop_table("application")
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_referral_candidate_id"))

    op.drop_table("referral")
    with op.batch_alter_table("stored_file", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_stored_file_waiting",
            sqlite_where=sa.text("text_state = 'waiting'"),
            postgresql_where=sa.text("text_state = 'waiting'"),
        )
        batch_op.drop_index(batch_op.f("ix_stored_file_uploaded_by"))
        batch_op.drop_index(batch_op.f("ix_stored_file_sha256"))

    op.drop_table("stored_file")
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_session_person_id"))

    op.drop_table("sign_in_session")
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_role_grant_current", sqlite_where=sa.text("until IS NULL"), postgresql_where=sa.text("until IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_role_grant_person_id"))

    op.drop_table("role_grant")
    with op.batch_alter_table("requisition", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_requisition_unclosed",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_requisition_team_id"))
        batch_op.drop_index("ix_requisition_status")
        batch_op.drop_index(batch_op.f("ix_requisition_recruiter_id"))
        batch_op.drop_index(batch_op.f("ix_requisition_hiring_manager_id"))

    op.drop_table("requisition")
    with op.batch_alter_table("qualification", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_qualification_bar_raiser",
            sqlite_where=sa.text("record = 'certification' OR record = 'nomination'"),
            postgresql_where=sa.text("record = 'certification' OR record = 'nomination'"),
        )
        batch_op.drop_index("ix_qualification_counted")
        batch_op.drop_index(
            "ix_qualification_told",
            sqlite_where=sa.text("record <> 'interviews' OR attested_source IS NOT NULL"),
            postgresql_where=sa.text("record <> 'interviews' OR attested_source IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_qualification_unpaired", sqlite_where=sa.text("unpaired = 1"), postgresql_where=sa.text("unpaired")
        )

    op.drop_table("qualification")
    op.drop_table("policy_version")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_to_address"))
        batch_op.drop_index(batch_op.f("ix_notice_recipient_id"))
        batch_op.drop_index(
            "ix_notice_dead",
            sqlite_where=sa.text("dead_at IS NOT NULL"),
            postgresql_where=sa.text("dead_at IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_notice_open_to",
            sqlite_where=sa.text("sent_at IS NULL AND dead_at IS NULL AND expired_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL AND dead_at IS NULL AND expired_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_notice_open",
            sqlite_where=sa.text("sent_at IS NULL AND dead_at IS NULL AND expired_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL AND dead_at IS NULL AND expired_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_notice_about"))

    op.drop_table("notice")
    with op.batch_alter_table("candidate_word", schema=None) as batch_op:
        batch_op.drop_index("ix_candidate_word_word")

    op.drop_table("candidate_word")
    with op.batch_alter_table("candidate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_candidate_person_id"))
        batch_op.drop_index(batch_op.f("ix_candidate_name_key"))
        batch_op.drop_index(batch_op.f("ix_candidate_email_key"))

    op.drop_table("candidate")
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_principle_id"))

    op.drop_table("question")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_team_id"))
        batch_op.drop_index("ix_person_name")
        batch_op.drop_index(batch_op.f("ix_person_manager_id"))

    op.drop_table("person")
    op.drop_table("audit_text")
    op.drop_table("team")
    with op.batch_alter_table("upload_try", schema=None) as batch_op:
        batch_op.drop_index("ix_upload_at")
        batch_op.drop_index("ix_upload_address")

    op.drop_table("upload_try")
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_attempt_email")
        batch_op.drop_index("ix_attempt_at")
        batch_op.drop_index("ix_attempt_address")

    op.drop_table("sign_in_attempt")
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_receipt_at"))

    op.drop_table("receipt")
    op.drop_table("principle")
    op.drop_table("job_run")
    op.drop_table("worker_lease")
    op.drop_table("installation")
    op.drop_table("audit_head")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entry_hash"))
        batch_op.drop_index(batch_op.f("ix_audit_entry_actor_id"))
        batch_op.drop_index(batch_op.f("ix_audit_entry_act"))

    op.drop_table("audit_entry")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS freeze_feedback() CASCADE")
        op.execute("DROP FUNCTION IF EXISTS freeze_feedback_item() CASCADE")
        op.execute("DROP FUNCTION IF EXISTS freeze_amendment() CASCADE")
        op.execute("DROP FUNCTION IF EXISTS freeze_practice_feedback() CASCADE")
        op.execute("DROP FUNCTION IF EXISTS freeze_audit_entry() CASCADE")
