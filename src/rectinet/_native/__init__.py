"""C++20 kernels: typed contiguous arrays in, preallocated arrays out."""

from rectinet._native._kernels import isa as isa
