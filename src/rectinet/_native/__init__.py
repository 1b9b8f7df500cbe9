"""C++20 kernels: typed contiguous arrays in, preallocated arrays out."""

from rectinet._native._kernels import Predictor_f32 as Predictor_f32
from rectinet._native._kernels import Predictor_f64 as Predictor_f64
from rectinet._native._kernels import affine_maps_f32 as affine_maps_f32
from rectinet._native._kernels import affine_maps_f64 as affine_maps_f64
from rectinet._native._kernels import bandwidth as bandwidth
from rectinet._native._kernels import isa as isa
from rectinet._native._kernels import outputs_f32 as outputs_f32
from rectinet._native._kernels import outputs_f64 as outputs_f64
from rectinet._native._kernels import train_autoencoder_f32 as train_autoencoder_f32
from rectinet._native._kernels import train_autoencoder_f64 as train_autoencoder_f64
from rectinet._native._kernels import train_f32 as train_f32
from rectinet._native._kernels import train_f64 as train_f64
