"""Types that a pipeline file may hold beside those skops trusts by itself: ours, and never the file's own list."""

TRUSTED: tuple[str, ...] = (
    "collections.OrderedDict",
    "functools.partial",  # holds check_array, which is named below; any other function would have to stand here too
    "lightgbm.basic.Booster",
    "lightgbm.sklearn.LGBMClassifier",
    "lightgbm.sklearn.LGBMRegressor",
    "mlops_assets.training.booster.Booster",
    "mlops_assets.training.network.estimator.NetworkClassifier",
    "mlops_assets.training.network.estimator.NetworkRegressor",
    "mlops_assets.training.standard_target.StandardTarget",
    "numpy.dtype",
    "scipy.sparse._csr.csr_matrix",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
    "sklearn.utils._bunch.Bunch",
    "sklearn.utils.validation.check_array",
    "xgboost.core.Booster",
    "xgboost.sklearn.XGBClassifier",
    "xgboost.sklearn.XGBRegressor",
)
