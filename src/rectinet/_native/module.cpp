// The Python module rectinet._native._kernels: arrays in, arrays out, nothing computed here.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <chrono>
#include <mutex>
#include <stdexcept>
#include <string>

#include "autoencoder.hpp"
#include "predict.hpp"
#include "train.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace rectinet {
namespace {

template <class T> using Matrix = nb::ndarray<T, nb::ndim<2>, nb::device::cpu>;
template <class T> using Vector = nb::ndarray<T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

// (W, b, signs or None, unit, alpha); W in the padded layout of rectinet.network.padded_zeros
template <class T>
using LayerArgs = std::tuple<Matrix<T>, Vector<T>, std::optional<Vector<T>>, int, double>;
// X dense, or (indptr, indices, data, n_columns)
template <class T>
using Csr = std::tuple<Vector<const int64_t>, Vector<const int32_t>, Vector<const T>, int64_t>;
template <class T>
using DenseArgs = std::optional<nb::ndarray<const T, nb::ndim<2>, nb::c_contig, nb::device::cpu>>;

void require(bool condition, const char* what) {
    if (!condition) throw std::invalid_argument(what);
}

template <class T>
std::vector<Layer<T>> view(const std::vector<LayerArgs<T>>& args) {
    std::vector<Layer<T>> layers;
    for (const auto& [W, b, signs, unit, alpha] : args) {
        Layer<T> layer{};
        layer.W = W.data();
        layer.n_in = int64_t(W.shape(0));
        layer.n_out = int64_t(W.shape(1));
        layer.stride = layer.n_in > 1 ? W.stride(0) : row_stride<T>(layer.n_out);
        layer.b = b.data();
        layer.signs = signs ? signs->data() : nullptr;
        layer.unit = Unit(unit);
        layer.alpha = T(alpha);
        require(reinterpret_cast<uintptr_t>(layer.W) % line_bytes == 0 && layer.stride % line<T> == 0 &&
                    layer.stride >= layer.columns() && (layer.n_out < 2 || W.stride(1) == 1),
                "W must be in the padded layout");
        require(int64_t(b.shape(0)) == layer.n_out, "b must have one entry per unit");
        require(!signs || int64_t(signs->shape(0)) == layer.n_out, "signs must have one entry per unit");
        require(unit >= 0 && unit <= int(Unit::linear), "unknown unit");
        require(layers.empty() || layers.back().n_out == layer.n_in, "layers must fit together");
        layers.push_back(layer);
    }
    require(!layers.empty(), "a network needs a layer");
    return layers;
}

template <class T>
Inputs<T> view(const DenseArgs<T>& dense, const std::optional<Csr<T>>& csr, int64_t n_inputs) {
    Inputs<T> inputs{};
    if (dense) {
        inputs.n_examples = int64_t(dense->shape(0));
        inputs.n_inputs = int64_t(dense->shape(1));
        inputs.dense = dense->data();
    } else {
        require(csr.has_value(), "X must be dense or CSR");
        const auto& [indptr, indices, data, n_columns] = *csr;
        inputs.n_examples = int64_t(indptr.shape(0)) - 1;
        inputs.n_inputs = n_columns;
        inputs.indptr = indptr.data();
        inputs.indices = indices.data();
        inputs.data = data.data();
    }
    require(inputs.n_inputs == n_inputs, "X must have as many columns as the network has inputs");
    return inputs;
}

void check_threads(int n_threads) {
    require(n_threads >= 1 && n_threads <= max_threads, "n_threads must lie in 1..256");
}

using Totals = std::tuple<double, double, double, std::vector<int64_t>, std::vector<int64_t>>;

template <class T>
Totals train(const std::vector<LayerArgs<T>>& layer_args, const DenseArgs<T>& X, const std::optional<Csr<T>>& csr,
             const std::optional<Vector<const int32_t>>& classes,
             const std::optional<nb::ndarray<const T, nb::ndim<2>, nb::c_contig, nb::device::cpu>>& values,
             const std::optional<Vector<const T>>& weight, const std::vector<double>& l1, Vector<const int64_t> order,
             int64_t batch_size, Vector<const double> rates, int n_threads, bool skip_zeros,
             const std::tuple<double, double, double>& start) {
    const auto layers = view<T>(layer_args);
    const auto inputs = view<T>(X, csr, layers[0].n_in);
    check_threads(n_threads);
    const int64_t n = int64_t(order.shape(0)), n_outputs = layers.back().n_out;
    require(batch_size >= 1, "batch_size must be at least 1");
    require(int64_t(rates.shape(0)) == (n + batch_size - 1) / batch_size, "one learning rate per step");
    require(l1.size() + 1 == layers.size(), "one activity_l1 per hidden layer");
    require(classes.has_value() != values.has_value(), "either classes or values");
    require(!classes || int64_t(classes->shape(0)) == inputs.n_examples, "one class per example");
    require(!values || (int64_t(values->shape(0)) == inputs.n_examples && int64_t(values->shape(1)) == n_outputs),
            "one row of values per example");
    require(!weight || int64_t(weight->shape(0)) == inputs.n_examples, "one weight per example");
    for (int64_t i = 0; i < n; ++i)
        require(order.data()[i] >= 0 && order.data()[i] < inputs.n_examples, "order must index examples");
    if (classes)
        for (int64_t i = 0; i < n; ++i) {
            const int32_t y = classes->data()[order.data()[i]];
            require(y >= 0 && y < n_outputs, "classes must index outputs");
        }

    Targets<T> targets{};
    if (classes) targets.classes = classes->data();
    if (values) targets.values = values->data();
    if (weight) targets.weight = weight->data();
    Trainer<T> trainer(layers, inputs, targets, std::vector<T>(l1.begin(), l1.end()), std::min(batch_size, std::max<int64_t>(n, 1)),
                       n_threads, skip_zeros, TrainTotals{std::get<0>(start), std::get<1>(start), std::get<2>(start), {}, {}});
    const TrainTotals* totals;
    {
        nb::gil_scoped_release release;
        totals = &trainer.run(order.data(), n, rates.data());
    }
    return {totals->loss, totals->penalty, totals->errors, totals->active, totals->unions};
}

template <class T>
void outputs(const std::vector<LayerArgs<T>>& layer_args, int64_t n_layers, const DenseArgs<T>& X,
             const std::optional<Csr<T>>& csr, nb::ndarray<T, nb::ndim<2>, nb::c_contig, nb::device::cpu> out,
             int n_threads, bool skip_zeros) {
    const auto layers = view<T>(layer_args);
    const auto inputs = view<T>(X, csr, layers[0].n_in);
    check_threads(n_threads);
    require(n_layers >= 1 && n_layers <= int64_t(layers.size()), "no such layer");
    require(int64_t(out.shape(0)) == inputs.n_examples && int64_t(out.shape(1)) == layers[size_t(n_layers - 1)].n_out,
            "out must have one row per example");
    nb::gil_scoped_release release;
    forward_all<T>(layers, n_layers, inputs, out.data(), n_threads, skip_zeros);
}

// (V, c, by_output, unit of the reconstruction, cross-entropy)
template <class T>
using DecoderArgs = std::tuple<Matrix<T>, Vector<T>, bool, int, bool>;
// (kind, level, p_one, seed, purpose, epoch)
using NoiseArgs = std::tuple<int, double, double, uint64_t, uint64_t, uint64_t>;
// (probability of each output where its input is 0, or None for all outputs; purpose)
using SamplingArgs = std::pair<std::optional<Vector<const double>>, uint64_t>;

template <class T>
Totals train_autoencoder(const LayerArgs<T>& encoder_args, const DecoderArgs<T>& decoder_args, const DenseArgs<T>& X,
                         const std::optional<Csr<T>>& csr, const DenseArgs<T>& targets, Vector<const int64_t> ids,
                         const NoiseArgs& noise, const SamplingArgs& sampling, double l1, Vector<const int64_t> order,
                         int64_t batch_size, Vector<const double> rates, int n_threads, bool skip_zeros,
                         const std::tuple<double, double, double>& start) {
    const auto& [V, c, by_output, unit, cross_entropy] = decoder_args;
    AutoencoderView<T> autoencoder{};
    autoencoder.encoder = view<T>(std::vector{encoder_args})[0];
    const int64_t n_in = autoencoder.encoder.n_in, n_hidden = autoencoder.encoder.n_out;
    // As a layer, a decoder stored by output has the outputs for its rows; its biases belong to them and stay outside.
    require(int64_t(V.shape(0)) == (by_output ? n_in : n_hidden) && int64_t(V.shape(1)) == (by_output ? n_hidden : n_in) &&
                int64_t(c.shape(0)) == n_in, "the decoder must fit the encoder");
    Layer<T>& decoder = autoencoder.decoder;
    decoder.W = V.data();
    decoder.n_in = int64_t(V.shape(0));
    decoder.n_out = int64_t(V.shape(1));
    decoder.stride = decoder.n_in > 1 ? V.stride(0) : row_stride<T>(decoder.n_out);
    decoder.b = c.data();
    decoder.unit = Unit::linear;
    decoder.alpha = T(1);
    require(reinterpret_cast<uintptr_t>(decoder.W) % line_bytes == 0 && decoder.stride % line<T> == 0 &&
                decoder.stride >= decoder.columns(), "V must be in the padded layout");
    autoencoder.by_output = by_output;
    autoencoder.unit = Unit(unit);
    autoencoder.cross_entropy = cross_entropy;

    const auto inputs = view<T>(X, csr, n_in);
    check_threads(n_threads);
    const int64_t n = int64_t(order.shape(0));
    require(batch_size >= 1, "batch_size must be at least 1");
    require(int64_t(rates.shape(0)) == (n + batch_size - 1) / batch_size, "one learning rate per step");
    require(int64_t(ids.shape(0)) == inputs.n_examples, "one id per example");
    require(!targets || (int64_t(targets->shape(0)) == inputs.n_examples && int64_t(targets->shape(1)) == n_in),
            "one row of targets per example");
    for (int64_t i = 0; i < n; ++i)
        require(order.data()[i] >= 0 && order.data()[i] < inputs.n_examples, "order must index examples");
    const auto& [kind, level, p_one, seed, purpose, epoch] = noise;
    require(kind >= 0 && kind <= int(Noise::gaussian), "unknown corruption");
    require(!(csr && kind == int(Noise::gaussian)), "Gaussian noise needs a dense X");
    require(!sampling.first || (by_output && int64_t(sampling.first->shape(0)) == n_in),
            "sampled reconstruction needs a decoder stored by output and one probability per input");

    TrainTotals totals;
    {
        nb::gil_scoped_release release;
        AutoencoderTrainer<T> trainer(autoencoder, inputs, targets ? targets->data() : nullptr, ids.data(), Noise(kind),
                                      level, p_one, NoiseKey{seed, purpose, epoch},
                                      SamplingRule{sampling.first ? sampling.first->data() : nullptr,
                                                   NoiseKey{seed, sampling.second, epoch}}, T(l1),
                                      std::min(batch_size, std::max<int64_t>(n, 1)), n_threads, skip_zeros,
                                      TrainTotals{std::get<0>(start), std::get<1>(start), std::get<2>(start), {}, {}});
        totals = trainer.run(order.data(), n, rates.data());
    }
    return {totals.loss, totals.penalty, totals.errors, totals.active, totals.unions};
}

// A network frozen for low latency: keeps its own copy of the parameters, checks nothing but the size of x.
template <class T>
class Predictor {
 public:
    Predictor(const std::vector<LayerArgs<T>>& layer_args, bool softmax) : softmax_(softmax) {
        for (Layer<T> layer : view<T>(layer_args)) {
            storage_.emplace_back(layer.n_in * layer.stride);
            std::memcpy(storage_.back().get(), layer.W, size_t(layer.n_in * layer.stride) * sizeof(T));
            layer.W = storage_.back().get();
            layer.b = keep(layer.b, layer.n_out);
            if (layer.signs) layer.signs = keep(layer.signs, layer.n_out);
            layers_.push_back(layer);
        }
    }

    Predictor(const Predictor&) = delete;
    Predictor& operator=(const Predictor&) = delete;

    auto operator()(nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu> x) const {
        if (int64_t(x.shape(0)) != layers_[0].n_in)
            throw std::invalid_argument("x must have " + std::to_string(layers_[0].n_in) + " entries; got " +
                                        std::to_string(x.shape(0)));
        const size_t n_out = size_t(layers_.back().n_out);
        T* result = new T[n_out];
        nb::capsule owner(result, [](void* p) noexcept { delete[] static_cast<T*>(p); });
        {
            nb::gil_scoped_release release;
            const Borrowed mine(*this);
            mine->run(x.data());
            if (softmax_) kernels<T>().probabilities(mine->values(), int64_t(n_out));
            std::memcpy(result, mine->values(), n_out * sizeof(T));
        }
        return nb::ndarray<nb::numpy, T, nb::ndim<1>>(result, {n_out}, owner);
    }

 private:
    // A set of buffers for the time of one call, so that any number of threads may predict at once.
    class Borrowed {
     public:
        explicit Borrowed(const Predictor& from) : from_(from) {
            const std::lock_guard lock(from_.mutex_);
            if (from_.idle_.empty()) {
                buffers_ = std::make_unique<OneExample<T>>(from_.layers_);
            } else {
                buffers_ = std::move(from_.idle_.back());
                from_.idle_.pop_back();
            }
        }
        ~Borrowed() {
            const std::lock_guard lock(from_.mutex_);
            from_.idle_.push_back(std::move(buffers_));
        }
        OneExample<T>* operator->() const { return buffers_.get(); }

     private:
        const Predictor& from_;
        std::unique_ptr<OneExample<T>> buffers_;
    };

    T* keep(const T* values, int64_t n) {
        storage_.emplace_back(n);
        std::memcpy(storage_.back().get(), values, size_t(n) * sizeof(T));
        return storage_.back().get();
    }

    bool softmax_;
    std::vector<Layer<T>> layers_;
    std::vector<Buffer<T>> storage_;
    mutable std::mutex mutex_;
    mutable std::vector<std::unique_ptr<OneExample<T>>> idle_;
};

// Bytes per second of one thread reading, and reading and writing in place, n_bytes of memory: medians of passes.
std::pair<double, double> bandwidth(int64_t n_bytes, int passes) {
    require(n_bytes >= 4096 && passes >= 1, "bandwidth needs at least 4096 bytes and one pass");
    const int64_t n = n_bytes / int64_t(sizeof(float));
    Buffer<float> memory(n);
    std::vector<double> read, update;
    float sink = 0;
    const auto timed = [](auto&& f) {
        const auto began = std::chrono::steady_clock::now();
        f();
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    };
    for (int i = 0; i <= passes; ++i) {  // the first pass warms up
        const double r = timed([&] { sink += kernels<float>().stream_read(memory.get(), n); });
        const double u = timed([&] { kernels<float>().stream_update(memory.get(), n, sink); });
        if (i > 0) { read.push_back(r); update.push_back(u); }
    }
    std::sort(read.begin(), read.end());
    std::sort(update.begin(), update.end());
    const double bytes = double(n * int64_t(sizeof(float)));
    return {bytes / read[read.size() / 2], 2 * bytes / update[update.size() / 2]};
}

template <class T>
void bind(nb::module_& module, const char* suffix) {
    const auto named = [&](const char* name) { return std::string(name) + suffix; };
    module.def(named("train_").c_str(), &train<T>, "layers"_a, "X"_a.none(), "csr"_a.none(), "classes"_a.none(),
               "values"_a.none(), "weight"_a.none(), "l1"_a, "order"_a, "batch_size"_a, "learning_rates"_a,
               "n_threads"_a, "skip_zeros"_a, "totals"_a,
               "Minibatch SGD in place; returns the sums (loss, penalty, errors), added to `totals`, and the counts "
               "(active, union).");
    module.def(named("outputs_").c_str(), &outputs<T>, "layers"_a, "n_layers"_a, "X"_a.none(), "csr"_a.none(), "out"_a,
               "n_threads"_a, "skip_zeros"_a, "Values of layer n_layers - 1 for every example, written to out.");
    module.def(named("train_autoencoder_").c_str(), &train_autoencoder<T>, "encoder"_a, "decoder"_a, "X"_a.none(),
               "csr"_a.none(), "targets"_a.none(), "ids"_a, "noise"_a, "sampling"_a, "l1"_a, "order"_a, "batch_size"_a,
               "learning_rates"_a, "n_threads"_a, "skip_zeros"_a, "totals"_a,
               "Denoising steps in place; returns the sums (loss, penalty, reconstructed entries), added to `totals`, and "
               "the counts (active, union) of corrupted inputs and codes.");
    nb::class_<Predictor<T>>(module, named("Predictor_").c_str(), "One example at a time, with its own copy of the network.")
        .def(nb::init<const std::vector<LayerArgs<T>>&, bool>(), "layers"_a, "softmax"_a)
        .def("__call__", &Predictor<T>::operator(), "x"_a);
}

}  // namespace
}  // namespace rectinet

NB_MODULE(_kernels, module) {
    module.doc() = "Compiled kernels of rectinet.";
    module.def("isa", [] { return rectinet::dispatch().name; },
               "Name of the instruction set in use: baseline, x86-64-v3 or x86-64-v4.");
    module.def("bandwidth", &rectinet::bandwidth, "n_bytes"_a, "passes"_a = 15,
               "Bytes per second of one thread: (reading, reading plus writing in place) n_bytes.",
               nb::call_guard<nb::gil_scoped_release>());
    rectinet::bind<float>(module, "f32");
    rectinet::bind<double>(module, "f64");
}
