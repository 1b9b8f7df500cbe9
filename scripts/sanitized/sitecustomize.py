"""Python imports this at its start when it is on the path: rectinet gets the kernels that RECTINET_KERNELS names."""

import os
import sys
from importlib.machinery import ExtensionFileLoader
from importlib.util import spec_from_file_location

KERNELS = "rectinet._native._kernels"


class Kernels:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != KERNELS:
            return None
        file = os.environ["RECTINET_KERNELS"]
        return spec_from_file_location(name, file, loader=ExtensionFileLoader(name, file))


sys.meta_path.insert(0, Kernels)
