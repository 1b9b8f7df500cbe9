"""One run: a configuration and data in, an outcome out; stopped at any moment and resumed, the bytes are the same."""

from rectinet.runs.config import Configuration as Configuration
from rectinet.runs.data import Data as Data
from rectinet.runs.data import Part as Part
from rectinet.runs.outcome import Outcome as Outcome
from rectinet.runs.run import run as run
