"""A fitted pipeline as an ONNX graph."""

import copy
from typing import Any

import numpy as np
import pandas as pd

from mlops_assets.bundle.feed import NUMBERS
from mlops_assets.bundle.forget import walk
from mlops_assets.bundle.leaf_weights import drop_zero_weights
from mlops_assets.bundle.onnx_text import mend_texts, spell_out_terms
from mlops_assets.spec import Task

# Opsets that the converters of all families support; every onnxruntime since 1.14 reads them.
OPSETS = {"": 18, "ai.onnx.ml": 3}


def convert(pipeline: Any, X: pd.DataFrame, task: Task) -> bytes:
    """The graph's bytes: inputs as `feed.feed_of` gives them, and as last output the probabilities or the numbers.

    Raises
    ------
    Exception
        Whatever a converter raises; not every pipeline has a graph.
    """
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    _register()
    plain = _convertible(copy.deepcopy(pipeline))
    types = [
        (str(name), StringTensorType([None, 1]) if X[name].dtype == object else FloatTensorType([None, 1]))
        for name in X
    ]
    graph = convert_sklearn(plain, initial_types=types, options=_options(plain, task), target_opset=OPSETS)
    mend_texts(graph.graph)
    _name_inputs(graph.graph, [name for name, _ in types])
    _pack_numbers(graph.graph, [name for name, kind in types if isinstance(kind, FloatTensorType)])
    drop_zero_weights(graph.graph)
    return bytes(graph.SerializeToString())


def _name_inputs(graph: Any, names: list[str]) -> None:
    """Give the inputs the names of the columns again: the converter writes `fixed_acidity` for 'fixed acidity'."""
    given = [each.name for each in graph.input]
    if len(given) != len(names):
        raise ValueError(f"the graph has {len(given)} inputs for {len(names)} columns")
    renamed = dict(zip(given, names, strict=True))
    for each in graph.input:
        each.name = renamed[each.name]
    for node in graph.node:
        for at, name in enumerate(node.input):
            node.input[at] = renamed.get(name, name)


def _pack_numbers(graph: Any, names: list[str]) -> None:
    """One input for all numeric columns in place of one each: a request then costs one tensor."""
    from onnx import TensorProto, helper

    if not names:
        return
    others = [each for each in graph.input if each.name not in names]
    packed = helper.make_tensor_value_info(NUMBERS, TensorProto.FLOAT, [None, len(names)])
    del graph.input[:]
    graph.input.extend([packed, *others])
    joined = _joint(graph, names)
    if joined is None:
        graph.node.insert(0, helper.make_node("Split", [NUMBERS], names, axis=1, num_outputs=len(names)))
        return
    for node in graph.node:
        for at, name in enumerate(node.input):
            node.input[at] = NUMBERS if name == joined.output[0] else name
    graph.node.remove(joined)


def _joint(graph: Any, names: list[str]) -> Any | None:
    """The node that only joins these inputs in their order, where nothing else uses them."""
    users = [node for node in graph.node if set(node.input) & set(names)]
    if len(users) != 1 or users[0].op_type != "Concat" or list(users[0].input) != names:
        return None
    return None if users[0].output[0] in {each.name for each in graph.output} else users[0]


def _convertible(estimator: Any) -> Any:
    """The estimator without our wrappers, with '' in place of NaN as the missing category, terms in words; in place."""
    for owner, names in (("steps", "steps"), ("estimators_", "estimators_"), ("transformers_", "transformers_")):
        if hasattr(estimator, owner):
            setattr(estimator, names, [_convertible_part(part) for part in getattr(estimator, owner)])
    if hasattr(estimator, "model_"):
        return estimator.model_
    if hasattr(estimator, "categories_"):
        _rename_missing(estimator)
    if hasattr(estimator, "vocabulary_"):
        spell_out_terms(estimator)
    return estimator


def _convertible_part(part: Any) -> Any:
    if not isinstance(part, tuple):
        return _convertible(part)
    return (part[0], _convertible(part[1]), *part[2:])


def _rename_missing(encoder: Any) -> None:
    # An ordinal encoder gives missing and new values the same code, so that '' may count as new; a one-hot encoder
    # has a column for missing values.
    ordinal = hasattr(encoder, "encoded_missing_value")
    encoder.categories_ = [
        np.array([value if value == value else "" for value in values if value == value or not ordinal], dtype=object)
        for values in encoder.categories_
    ]


def _options(pipeline: Any, task: Task) -> dict[int, dict[str, Any]]:
    options: dict[int, dict[str, Any]] = {}
    if task == "classification":
        options[id(pipeline.steps[-1][1])] = {"zipmap": False}
    for part in walk(pipeline):
        if hasattr(part, "vocabulary_"):
            options[id(part)] = {"locale": "C"}  # the default names a locale that plain machines lack
    return options


def _register() -> None:
    """Tell skl2onnx about the boosting libraries."""
    from lightgbm import LGBMClassifier, LGBMRegressor
    from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
    from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
    from skl2onnx import update_registered_converter
    from skl2onnx.common.shape_calculator import (
        calculate_linear_classifier_output_shapes as of_classifier,
    )
    from skl2onnx.common.shape_calculator import (
        calculate_linear_regressor_output_shapes as of_regressor,
    )
    from xgboost import XGBClassifier, XGBRegressor

    labels = {"nocl": [True, False], "zipmap": [True, False, "columns"]}
    update_registered_converter(LGBMClassifier, "LgbmClassifier", of_classifier, convert_lightgbm, options=labels)
    update_registered_converter(LGBMRegressor, "LgbmRegressor", of_regressor, convert_lightgbm, options={"split": None})
    update_registered_converter(XGBClassifier, "XgbClassifier", of_classifier, convert_xgboost, options=labels)
    update_registered_converter(XGBRegressor, "XgbRegressor", of_regressor, convert_xgboost)
