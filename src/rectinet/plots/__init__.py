"""Figures with matplotlib (`pip install "rectinet[report]"`): units, training, sparsity, the inside of a network.

Every function returns a `matplotlib.figure.Figure` that is independent of any window and of global state: save it with
``figure.savefig("name.svg")`` or show it in a notebook.
"""

from rectinet.plots._contributions import contribution_bars as contribution_bars
from rectinet.plots._contributions import heat_maps as heat_maps
from rectinet.plots._filters import first_layer_filters as first_layer_filters
from rectinet.plots._paths import active_path as active_path
from rectinet.plots._pruning import pruning_tradeoff as pruning_tradeoff
from rectinet.plots._sparsity import error_by_sparsity as error_by_sparsity
from rectinet.plots._sparsity import sparsity_histograms as sparsity_histograms
from rectinet.plots._sparsity import zeros_by_layer as zeros_by_layer
from rectinet.plots._training import learning_curves as learning_curves
from rectinet.plots._training import zeros_by_epoch as zeros_by_epoch
from rectinet.plots._units import softplus_family as softplus_family
from rectinet.plots._units import units as units
