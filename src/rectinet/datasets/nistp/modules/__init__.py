"""The deformations, one file each, and the order in which NISTP and P07 apply them.

The original pipeline has thirteen modules: motion blur and pinch are one of them there, both being filters of GIMP.
Here they are two classes with a complexity each, so P07 lists fourteen classes.
"""

from rectinet.datasets.nistp.modules._module import CoordinateMap as CoordinateMap
from rectinet.datasets.nistp.modules._module import Module as Module
from rectinet.datasets.nistp.modules._module import PixelOperation as PixelOperation
from rectinet.datasets.nistp.modules._module import Supply as Supply
from rectinet.datasets.nistp.modules._module import apply_modules as apply_modules
from rectinet.datasets.nistp.modules.affine import Affine as Affine
from rectinet.datasets.nistp.modules.background import Background as Background
from rectinet.datasets.nistp.modules.contrast import Contrast as Contrast
from rectinet.datasets.nistp.modules.elastic import Elastic as Elastic
from rectinet.datasets.nistp.modules.gaussian_noise import GaussianNoise as GaussianNoise
from rectinet.datasets.nistp.modules.motion_blur import MotionBlur as MotionBlur
from rectinet.datasets.nistp.modules.occlusion import Occlusion as Occlusion
from rectinet.datasets.nistp.modules.permutation import PixelPermutation as PixelPermutation
from rectinet.datasets.nistp.modules.pinch import Pinch as Pinch
from rectinet.datasets.nistp.modules.salt_and_pepper import SaltAndPepper as SaltAndPepper
from rectinet.datasets.nistp.modules.scratches import Scratches as Scratches
from rectinet.datasets.nistp.modules.slant import Slant as Slant
from rectinet.datasets.nistp.modules.smoothing import SpatialSmoothing as SpatialSmoothing
from rectinet.datasets.nistp.modules.thickness import Thickness as Thickness

NISTP_MODULES: tuple[type[Module], ...] = (Slant, Thickness, Affine, Elastic, Pinch)
P07_MODULES: tuple[type[Module], ...] = (
    Slant,
    Thickness,
    Affine,
    Elastic,
    MotionBlur,
    Pinch,
    Scratches,
    Occlusion,
    PixelPermutation,
    GaussianNoise,
    Background,
    SaltAndPepper,
    SpatialSmoothing,
    Contrast,
)
