"""Pillow, or what to do without it."""

try:
    from PIL import Image as Image
    from PIL import ImageDraw as ImageDraw
    from PIL import ImageFont as ImageFont
except ImportError as error:
    raise ImportError("drawing characters for NISTP needs Pillow: pip install Pillow") from error
