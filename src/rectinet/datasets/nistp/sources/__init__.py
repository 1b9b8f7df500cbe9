"""Where the clean characters come from, and in which shares."""

from rectinet.datasets.nistp.sources._glyphs import CHARACTERS as CHARACTERS
from rectinet.datasets.nistp.sources._glyphs import N_CLASSES as N_CLASSES
from rectinet.datasets.nistp.sources._glyphs import ArraySource as ArraySource
from rectinet.datasets.nistp.sources._glyphs import GlyphSource as GlyphSource
from rectinet.datasets.nistp.sources._glyphs import Source as Source
from rectinet.datasets.nistp.sources.captcha import CaptchaSource as CaptchaSource
from rectinet.datasets.nistp.sources.fonts import NoFontsError as NoFontsError
from rectinet.datasets.nistp.sources.mixture import Mixture as Mixture
from rectinet.datasets.nistp.sources.mixture import mixture as mixture
