"""Documents that were uploaded, what was read in them, and what was served minute by minute."""

import sqlalchemy as sa
from alembic import op

revision = "0010_documents"
down_revision = "0009_windows"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("use_case", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_at", sa.String(length=32), nullable=False),
        sa.Column("uploaded_by", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
    )
    op.create_index(
        "ix_documents_use_case_sha256_uploaded_by", "documents", ["use_case", "sha256", "uploaded_by"], unique=True
    )
    op.create_index("ix_documents_use_case_uploaded_at", "documents", ["use_case", "uploaded_at"])
    op.create_table(
        "ocr_results",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("document_id", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("engines", sa.String(length=64), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("words", sa.String(length=512), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("error", sa.String(length=32), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ocr_results")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ocr_results_document_id_id", "ocr_results", ["document_id", "id"])
    op.create_table(
        "document_predictions",
        sa.Column("prediction_id", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.String(length=64), nullable=False),
        sa.Column("ocr_result_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("prediction_id", name=op.f("pk_document_predictions")),
    )
    op.create_index(
        "ix_document_predictions_document_id_prediction_id", "document_predictions", ["document_id", "prediction_id"]
    )
    op.create_table(
        "performance_minutes",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("use_case", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("minute", sa.String(length=32), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_performance_minutes")),
    )
    op.create_index("ix_performance_minutes_use_case_minute", "performance_minutes", ["use_case", "minute"])
    op.create_table(
        "model_minutes",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("use_case", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("minute", sa.String(length=32), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("abstained", sa.Integer(), nullable=False),
        sa.Column("confidence_sum", sa.Float(), nullable=False),
        sa.Column("confidence", sa.JSON(), nullable=False),
        sa.Column("classes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_minutes")),
    )
    op.create_index("ix_model_minutes_use_case_version_minute", "model_minutes", ["use_case", "version", "minute"])


def downgrade() -> None:
    for name in ("model_minutes", "performance_minutes", "document_predictions", "ocr_results", "documents"):
        op.drop_table(name)
