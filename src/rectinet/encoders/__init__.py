"""From raw input to features, as plain values that a model file can hold."""

from rectinet.encoders.words import BagOfWords as BagOfWords
