"""Encoders from raw data to features, whose state is plain values that a model file can hold."""

from rectinet.encoders.columns import TableEncoder as TableEncoder
from rectinet.encoders.frames import read_frame as read_frame
from rectinet.encoders.words import BagOfWords as BagOfWords
from rectinet.encoders.words import Tokens as Tokens
