"""scikit-learn faces of rectifier networks; no mathematics here."""

from rectinet.estimators._files import load as load
from rectinet.estimators.classifier import RectifierClassifier as RectifierClassifier
from rectinet.estimators.predictor import Predictor as Predictor
from rectinet.estimators.regressor import RectifierRegressor as RectifierRegressor
