"""Compiled kernels of rectinet."""



def isa() -> str:
    """Name of the instruction set in use: baseline, x86-64-v3 or x86-64-v4."""
