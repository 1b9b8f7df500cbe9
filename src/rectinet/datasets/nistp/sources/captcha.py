"""Characters as in a captcha: a font, turned, slanted, resized, moved and waved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from rectinet.datasets.nistp._sampling import SIDE
from rectinet.datasets.nistp._stream import Floats
from rectinet.datasets.nistp.modules import apply_modules
from rectinet.datasets.nistp.sources._glyphs import GlyphSource, Images, Labels

_CENTRE = np.float32((SIDE - 1) / 2)


@dataclass(frozen=True)
class CaptchaWarp:
    """Rotation, shear, scale, shift and two sine waves.

    Rotation by U(-0.35, 0.35) radians, shear U(-0.3, 0.3), scale U(0.8, 1.15), shift U(-2, 2) pixels. The waves move
    a row sideways and a column up or down by amplitude U(0, 1.5) pixels, period U(16, 40) pixels, uniform phase. The
    ranges let a reader still name the character. The original used a modified PyCAPTCHA ("slant, distortions,
    rotation, translation", Bastien et al. 2010, section 3), whose ranges are not known.

    Attributes
    ----------
    angle, shear, scale : ndarray of shape (n,)
    shift, amplitude, period, phase : ndarray of shape (n, 2)
        For rows and columns; pixels, the phase in radians.
    """

    uniforms: ClassVar[int] = 11

    angle: Floats
    shear: Floats
    scale: Floats
    shift: Floats
    amplitude: Floats
    period: Floats
    phase: Floats

    @classmethod
    def draw(cls, u: Floats) -> Self:
        """Parameters from u of shape (n, 11)."""
        return cls(
            angle=0.7 * u[:, 0] - np.float32(0.35),
            shear=0.6 * u[:, 1] - np.float32(0.3),
            scale=np.float32(0.8) + np.float32(0.35) * u[:, 2],
            shift=4 * u[:, 3:5] - 2,
            amplitude=np.float32(1.5) * u[:, 5:7],
            period=16 + 24 * u[:, 7:9],
            phase=np.float32(2 * np.pi) * u[:, 9:11],
        )

    def pull(self, rows: Floats, columns: Floats) -> tuple[Floats, Floats]:
        """Coordinates in the output -> coordinates in the clean character, pixels."""
        angular = np.float32(2 * np.pi) / self.period
        amplitude, phase, shift = (part[:, :, None, None] for part in (self.amplitude, self.phase, self.shift))
        angular = angular[:, :, None, None]
        down = rows - _CENTRE - shift[:, 0] + amplitude[:, 0] * np.sin(angular[:, 0] * columns + phase[:, 0])
        right = columns - _CENTRE - shift[:, 1] + amplitude[:, 1] * np.sin(angular[:, 1] * rows + phase[:, 1])
        angle, shear, scale = (part[:, None, None] for part in (self.angle, self.shear, self.scale))
        cosine, sine = np.cos(angle) / scale, np.sin(angle) / scale
        down, right = cosine * down - sine * right, sine * down + cosine * right
        return _CENTRE + down, _CENTRE + right + shear * down


@dataclass(frozen=True)
class CaptchaSource:
    """Characters of a glyph source under a CaptchaWarp."""

    glyphs: GlyphSource
    name: str = "captcha"
    uniforms: int = 2 + CaptchaWarp.uniforms

    def draw(self, u: Floats) -> tuple[Images, Labels]:
        images, labels = self.glyphs.draw(u[:, :2])
        warped = apply_modules([CaptchaWarp.draw(u[:, 2:])], images.astype(np.float32))
        return np.rint(warped).astype(np.uint8), labels
