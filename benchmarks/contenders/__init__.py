"""The rivals, one file each. Every contender is a whole process: ``python -m benchmarks.contenders.NAME --help``."""
