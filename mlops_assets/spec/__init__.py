"""A use case as a value: one YAML file, read into frozen models that refuse what they do not know.

Every limit that a run obeys stands here with its default and, where it is a convention, its origin. Nothing in this
room reads a file, a clock or the environment.
"""

from mlops_assets.spec.bert import Bert
from mlops_assets.spec.documents import Reading
from mlops_assets.spec.drift import DriftPolicy, Floors, Limit, RetrainPolicy
from mlops_assets.spec.experiment import Decision, Feedback, RampStep, Routing
from mlops_assets.spec.intake import (
    Column,
    Delimited,
    Derivation,
    Folder,
    Glob,
    JsonLines,
    Kind,
    Label,
    Landing,
    Parquet,
    Source,
    Sql,
    Task,
    Validation,
)
from mlops_assets.spec.race import RacePolicy
from mlops_assets.spec.stream import Stream
from mlops_assets.spec.training import Training
from mlops_assets.spec.use_case import Format, UseCase, parse_label
from mlops_assets.spec.value import Positive, Share, Value

__all__ = [
    "Bert",
    "Column",
    "Decision",
    "Delimited",
    "Derivation",
    "DriftPolicy",
    "Feedback",
    "Floors",
    "Folder",
    "Format",
    "Glob",
    "JsonLines",
    "Kind",
    "Label",
    "Landing",
    "Limit",
    "Parquet",
    "Positive",
    "RacePolicy",
    "RampStep",
    "Reading",
    "RetrainPolicy",
    "Routing",
    "Share",
    "Source",
    "Sql",
    "Stream",
    "Task",
    "Training",
    "UseCase",
    "Validation",
    "Value",
    "parse_label",
]
