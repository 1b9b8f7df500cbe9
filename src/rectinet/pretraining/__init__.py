"""Unsupervised pre-training: denoising auto-encoders trained greedily, one hidden layer after the other.

Glorot et al. 2011, section 3.2 and 4; the layer-wise procedure is that of Vincent et al. 2008.
"""

from rectinet.pretraining.rates import GRID as GRID
from rectinet.pretraining.reconstruction import costs as costs
from rectinet.pretraining.reconstruction import reconstruct as reconstruct
from rectinet.pretraining.reconstruction import reconstruction_error as reconstruction_error
from rectinet.pretraining.settings import LayerSettings as LayerSettings
from rectinet.pretraining.source import Source as Source
from rectinet.pretraining.source import target_of as target_of
from rectinet.pretraining.stack import PretrainingDiverged as PretrainingDiverged
from rectinet.pretraining.stack import PretrainingState as PretrainingState
from rectinet.pretraining.stack import pretrain as pretrain
