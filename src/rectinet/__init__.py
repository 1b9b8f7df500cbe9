"""Deep sparse rectifier networks: the method of Glorot, Bordes and Bengio (AISTATS 2011) for Python."""

__version__ = "0.1.0"
