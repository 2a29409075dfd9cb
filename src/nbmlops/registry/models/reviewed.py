"""scikit-learn's types, and a few others, that anyone's artifact may make.

Each was read by us, and is read again for each new minor version before it is added
here: how a class takes its state (`__setstate__`, `__new__`, `__reduce__`,
`__setattr__`), as skops calls nothing else, and what its constructor does, for the few
that skops calls.
In all of scikit-learn's Python five classes set their state other than attribute by
attribute: BaseEstimator (compares versions), IsotonicRegression (interpolates its
points), Bunch (ignores the state) and two that are not listed here. The functions are
scorers and the like: they compute on the arrays that they are given, and no more.

A type that a newer scikit-learn brings is unknown here, and is refused until somebody
has read it; a test compares this list with the installed version.
"""

from functools import cache

import sklearn

# By the minor version that brought them. 1.7.2, 1.8.0 and 1.9.1 were read.
_SINCE = {
    "1.7": """
numpy: asarray dtype mean
numpy.ma.core: masked_equal
scipy._lib.array_api_compat.numpy._aliases: asarray
scipy.sparse._csc: csc_array csc_matrix
scipy.sparse._csr: csr_array csr_matrix
sklearn._loss.link: HalfLogitLink IdentityLink Interval LogLink LogitLink
  MultinomialLogit
sklearn._loss.loss: AbsoluteError ExponentialLoss HalfBinomialLoss HalfGammaLoss
  HalfMultinomialLoss HalfPoissonLoss HalfSquaredError HalfTweedieLoss
  HalfTweedieLossIdentity HuberLoss PinballLoss
sklearn.calibration: CalibratedClassifierCV _CalibratedClassifier _SigmoidCalibration
sklearn.cluster._affinity_propagation: AffinityPropagation
sklearn.cluster._agglomerative: AgglomerativeClustering FeatureAgglomeration
sklearn.cluster._bicluster: SpectralBiclustering SpectralCoclustering
sklearn.cluster._birch: Birch
sklearn.cluster._bisect_k_means: _BisectingTree
sklearn.cluster._dbscan: DBSCAN
sklearn.cluster._hdbscan.hdbscan: HDBSCAN
sklearn.cluster._kmeans: KMeans MiniBatchKMeans _kmeans_single_elkan
  _kmeans_single_lloyd
sklearn.cluster._mean_shift: MeanShift
sklearn.cluster._optics: OPTICS
sklearn.cluster._spectral: SpectralClustering
sklearn.compose._column_transformer: ColumnTransformer make_column_selector
sklearn.compose._target: TransformedTargetRegressor
sklearn.covariance._elliptic_envelope: EllipticEnvelope
sklearn.covariance._empirical_covariance: EmpiricalCovariance
sklearn.covariance._graph_lasso: GraphicalLasso GraphicalLassoCV
sklearn.covariance._robust_covariance: MinCovDet
sklearn.covariance._shrunk_covariance: LedoitWolf OAS ShrunkCovariance
sklearn.cross_decomposition._pls: CCA PLSCanonical PLSRegression PLSSVD
sklearn.decomposition._dict_learning: DictionaryLearning MiniBatchDictionaryLearning
  SparseCoder
sklearn.decomposition._factor_analysis: FactorAnalysis
sklearn.decomposition._fastica: FastICA
sklearn.decomposition._incremental_pca: IncrementalPCA
sklearn.decomposition._kernel_pca: KernelPCA
sklearn.decomposition._lda: LatentDirichletAllocation
sklearn.decomposition._nmf: MiniBatchNMF NMF
sklearn.decomposition._pca: PCA
sklearn.decomposition._sparse_pca: MiniBatchSparsePCA SparsePCA
sklearn.decomposition._truncated_svd: TruncatedSVD
sklearn.discriminant_analysis: LinearDiscriminantAnalysis
  QuadraticDiscriminantAnalysis
sklearn.dummy: DummyClassifier DummyRegressor
sklearn.ensemble._bagging: BaggingClassifier BaggingRegressor
sklearn.ensemble._forest: ExtraTreesClassifier ExtraTreesRegressor
  RandomForestClassifier RandomForestRegressor RandomTreesEmbedding
sklearn.ensemble._gb: GradientBoostingClassifier GradientBoostingRegressor
sklearn.ensemble._hist_gradient_boosting.binning: _BinMapper
sklearn.ensemble._hist_gradient_boosting.gradient_boosting:
  HistGradientBoostingClassifier HistGradientBoostingRegressor
sklearn.ensemble._iforest: IsolationForest
sklearn.ensemble._stacking: StackingClassifier StackingRegressor
sklearn.ensemble._voting: VotingClassifier VotingRegressor
sklearn.ensemble._weight_boosting: AdaBoostClassifier AdaBoostRegressor
sklearn.feature_extraction._dict_vectorizer: DictVectorizer
sklearn.feature_extraction._hash: FeatureHasher
sklearn.feature_extraction.image: PatchExtractor
sklearn.feature_extraction.text: CountVectorizer HashingVectorizer TfidfTransformer
  TfidfVectorizer
sklearn.feature_selection._from_model: SelectFromModel
sklearn.feature_selection._mutual_info: mutual_info_classif mutual_info_regression
sklearn.feature_selection._rfe: RFE RFECV
sklearn.feature_selection._sequential: SequentialFeatureSelector
sklearn.feature_selection._univariate_selection: GenericUnivariateSelect SelectFdr
  SelectFpr SelectFwe SelectKBest SelectPercentile chi2 f_classif f_regression
  r_regression
sklearn.feature_selection._variance_threshold: VarianceThreshold
sklearn.frozen._frozen: FrozenEstimator
sklearn.gaussian_process._gpc: GaussianProcessClassifier
  _BinaryGaussianProcessClassifierLaplace
sklearn.gaussian_process._gpr: GaussianProcessRegressor
sklearn.gaussian_process.kernels: CompoundKernel ConstantKernel DotProduct
  ExpSineSquared Exponentiation Hyperparameter Matern PairwiseKernel Product RBF
  RationalQuadratic Sum WhiteKernel
sklearn.impute._base: MissingIndicator SimpleImputer
sklearn.impute._knn: KNNImputer
sklearn.isotonic: IsotonicRegression
sklearn.kernel_approximation: AdditiveChi2Sampler Nystroem PolynomialCountSketch
  RBFSampler SkewedChi2Sampler
sklearn.kernel_ridge: KernelRidge
sklearn.linear_model._base: LinearRegression
sklearn.linear_model._bayes: ARDRegression BayesianRidge
sklearn.linear_model._coordinate_descent: ElasticNet ElasticNetCV Lasso LassoCV
  MultiTaskElasticNet MultiTaskElasticNetCV MultiTaskLasso MultiTaskLassoCV
sklearn.linear_model._glm.glm: GammaRegressor PoissonRegressor TweedieRegressor
sklearn.linear_model._huber: HuberRegressor
sklearn.linear_model._least_angle: Lars LarsCV LassoLars LassoLarsCV LassoLarsIC
sklearn.linear_model._logistic: LogisticRegression LogisticRegressionCV
sklearn.linear_model._omp: OrthogonalMatchingPursuit OrthogonalMatchingPursuitCV
sklearn.linear_model._passive_aggressive: PassiveAggressiveClassifier
  PassiveAggressiveRegressor
sklearn.linear_model._perceptron: Perceptron
sklearn.linear_model._quantile: QuantileRegressor
sklearn.linear_model._ransac: RANSACRegressor
sklearn.linear_model._ridge: Ridge RidgeCV RidgeClassifier RidgeClassifierCV
sklearn.linear_model._sgd_fast: EpsilonInsensitive Hinge ModifiedHuber
  SquaredEpsilonInsensitive SquaredHinge
sklearn.linear_model._stochastic_gradient: SGDClassifier SGDOneClassSVM SGDRegressor
sklearn.linear_model._theil_sen: TheilSenRegressor
sklearn.manifold._isomap: Isomap
sklearn.manifold._locally_linear: LocallyLinearEmbedding
sklearn.manifold._mds: MDS
sklearn.manifold._spectral_embedding: SpectralEmbedding
sklearn.manifold._t_sne: TSNE
sklearn.metrics._classification: accuracy_score balanced_accuracy_score
  brier_score_loss f1_score fbeta_score jaccard_score log_loss matthews_corrcoef
  precision_score recall_score
sklearn.metrics._ranking: average_precision_score roc_auc_score top_k_accuracy_score
sklearn.metrics._regression: d2_absolute_error_score explained_variance_score
  max_error mean_absolute_error mean_absolute_percentage_error mean_gamma_deviance
  mean_pinball_loss mean_poisson_deviance mean_squared_error mean_squared_log_error
  mean_tweedie_deviance median_absolute_error r2_score root_mean_squared_error
  root_mean_squared_log_error
sklearn.metrics._scorer: _CurveScorer _MultimetricScorer _PassthroughScorer _Scorer
  negative_likelihood_ratio positive_likelihood_ratio
sklearn.metrics.cluster._supervised: adjusted_mutual_info_score adjusted_rand_score
  completeness_score fowlkes_mallows_score homogeneity_score mutual_info_score
  normalized_mutual_info_score rand_score v_measure_score
sklearn.mixture._bayesian_mixture: BayesianGaussianMixture
sklearn.mixture._gaussian_mixture: GaussianMixture
sklearn.model_selection._classification_threshold: FixedThresholdClassifier
  TunedThresholdClassifierCV
sklearn.model_selection._search: GridSearchCV RandomizedSearchCV
sklearn.model_selection._split: GroupKFold GroupShuffleSplit KFold LeaveOneGroupOut
  LeaveOneOut LeavePGroupsOut LeavePOut PredefinedSplit RepeatedKFold
  RepeatedStratifiedKFold ShuffleSplit StratifiedGroupKFold StratifiedKFold
  StratifiedShuffleSplit TimeSeriesSplit
sklearn.multiclass: OneVsOneClassifier OneVsRestClassifier OutputCodeClassifier
  _ConstantPredictor
sklearn.multioutput: ClassifierChain MultiOutputClassifier MultiOutputRegressor
  RegressorChain
sklearn.naive_bayes: BernoulliNB CategoricalNB ComplementNB GaussianNB MultinomialNB
sklearn.neighbors._kde: KernelDensity
sklearn.neighbors._nca: NeighborhoodComponentsAnalysis
sklearn.neighbors._nearest_centroid: NearestCentroid
sklearn.neural_network._multilayer_perceptron: MLPClassifier MLPRegressor
sklearn.neural_network._rbm: BernoulliRBM
sklearn.neural_network._stochastic_optimizers: AdamOptimizer SGDOptimizer
sklearn.pipeline: FeatureUnion Pipeline
sklearn.preprocessing._data: Binarizer KernelCenterer MaxAbsScaler MinMaxScaler
  Normalizer PowerTransformer QuantileTransformer RobustScaler StandardScaler
sklearn.preprocessing._discretization: KBinsDiscretizer
sklearn.preprocessing._encoders: OneHotEncoder OrdinalEncoder
sklearn.preprocessing._function_transformer: FunctionTransformer
sklearn.preprocessing._label: LabelBinarizer LabelEncoder MultiLabelBinarizer
sklearn.preprocessing._polynomial: PolynomialFeatures SplineTransformer
sklearn.preprocessing._target_encoder: TargetEncoder
sklearn.random_projection: GaussianRandomProjection SparseRandomProjection
sklearn.semi_supervised._label_propagation: LabelPropagation LabelSpreading
sklearn.semi_supervised._self_training: SelfTrainingClassifier
sklearn.svm._classes: LinearSVC LinearSVR
sklearn.tree._classes: DecisionTreeClassifier DecisionTreeRegressor
  ExtraTreeClassifier ExtraTreeRegressor
sklearn.utils._bunch: Bunch
sklearn.utils._metadata_requests: MetadataRequest MethodMetadataRequest
""",
    "1.8": """
sklearn.calibration: _TemperatureScaling
sklearn.manifold._classical_mds: ClassicalMDS
sklearn.metrics._classification: d2_brier_score d2_log_loss_score
""",
    "1.9": """
sklearn._loss._loss: CyAbsoluteError CyExponentialLoss CyHalfBinomialLoss
  CyHalfGammaLoss CyHalfMultinomialLoss CyHalfPoissonLoss CyHalfSquaredError
  CyHalfTweedieLoss CyHalfTweedieLossIdentity CyHuberLoss CyPinballLoss
sklearn._loss.loss: HalfBinomialLossArrayAPI
  HalfMultinomialLossArrayAPI HalfPoissonLossArrayAPI
""",
}

# Of our own: what a repair in front of a pipeline has no part of scikit-learn for.
OWN_TYPES = frozenset({"nbmlops.skew.repair.rewrite.Rewrite"})

# Compiled code follows the numbers in their state without looking at the bounds, so a
# malformed state can crash a process once the model predicts. The reader must vouch.
COMPILED_TYPES = frozenset(
    {
        "scipy.interpolate._bsplines.BSpline",  # a negative degree aborts
        "sklearn.cluster._bisect_k_means.BisectingKMeans",  # of other columns
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.metrics._dist_metrics.EuclideanDistance64",
        "sklearn.metrics._dist_metrics.ManhattanDistance64",
        "sklearn.metrics._dist_metrics.MinkowskiDistance64",
        "sklearn.neighbors._ball_tree.BallTree",
        "sklearn.neighbors._classification.KNeighborsClassifier",  # labels are indices
        "sklearn.neighbors._classification.RadiusNeighborsClassifier",
        "sklearn.neighbors._graph.KNeighborsTransformer",
        "sklearn.neighbors._graph.RadiusNeighborsTransformer",
        "sklearn.neighbors._kd_tree.KDTree",
        "sklearn.neighbors._lof.LocalOutlierFactor",
        "sklearn.neighbors._regression.KNeighborsRegressor",
        "sklearn.neighbors._regression.RadiusNeighborsRegressor",
        "sklearn.neighbors._unsupervised.NearestNeighbors",
        "sklearn.svm._classes.NuSVC",  # libsvm believes how many vectors there are
        "sklearn.svm._classes.NuSVR",
        "sklearn.svm._classes.OneClassSVM",
        "sklearn.svm._classes.SVC",
        "sklearn.svm._classes.SVR",
        "sklearn.tree._tree.Tree",
    }
)


def reviewed_types(version: str = sklearn.__version__) -> frozenset[str]:
    """List the types that need nobody's word with a version of scikit-learn.

    Parameters
    ----------
    version
        As scikit-learn writes it: "1.9.1".

    Returns
    -------
    frozenset of str
        Names with their modules. For versions newer than the newest that was read: what
        was read there.
    """
    return _types(minor(version)) | OWN_TYPES


def minor(version: str) -> tuple[int, ...]:
    """Return the first two numbers of a version."""
    return tuple(int(part) for part in version.split(".")[:2])


@cache
def _types(wanted: tuple[int, ...]) -> frozenset[str]:
    known: set[str] = set()
    for since, text in _SINCE.items():
        if minor(since) <= wanted:
            known |= set(_names(text))
    return frozenset(known)


def _names(text: str) -> list[str]:
    module, names = "", []
    for word in text.split():
        if word.endswith(":"):
            module = word.removesuffix(":")
        else:
            names.append(f"{module}.{word}")
    return names
