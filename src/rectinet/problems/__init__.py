"""What is minimised, as records: all that an engine needs to know, and nothing that computes."""

from rectinet.problems.denoising import Denoising as Denoising
from rectinet.problems.denoising import Sampling as Sampling
from rectinet.problems.denoising import Unlabelled as Unlabelled
from rectinet.problems.supervised import Examples as Examples
from rectinet.problems.supervised import Supervised as Supervised
