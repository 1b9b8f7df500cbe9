"""scikit-learn estimators for rectifier networks; they compute nothing themselves."""

from rectinet.estimators._load import load as load
from rectinet.estimators._torch import from_torch as from_torch
from rectinet.estimators.autoencoder import StackedDenoisingAutoencoder as StackedDenoisingAutoencoder
from rectinet.estimators.classifier import RectifierClassifier as RectifierClassifier
from rectinet.estimators.predictor import Predictor as Predictor
from rectinet.estimators.rating import RatingRegressor as RatingRegressor
from rectinet.estimators.regressor import RectifierRegressor as RectifierRegressor
from rectinet.estimators.semisupervised import SemiSupervisedClassifier as SemiSupervisedClassifier
from rectinet.estimators.table import TableModel as TableModel
from rectinet.estimators.text import TextModel as TextModel
