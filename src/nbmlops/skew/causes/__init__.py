"""Why a column differs: one table of hypotheses, each judged by its own evidence."""
