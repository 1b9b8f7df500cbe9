"""NISTP and P07: endless deformed characters, made on the fly (Bastien et al. 2010, arXiv:1009.3589).

    from rectinet.datasets.nistp import NISTP
    ds = NISTP(seed=0, split="train")
    image, label = ds[7]
    X, y = ds.batch(0, 1000)

One file per deformation in `modules`, one per kind of character in `sources`.
"""

from rectinet.datasets.nistp.generator import NISTP as NISTP
from rectinet.datasets.nistp.sources import CHARACTERS as CHARACTERS
from rectinet.datasets.nistp.sources import NoFontsError as NoFontsError
