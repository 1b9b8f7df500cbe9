// The Python module rectinet._native._kernels: binds, and checks what comes in. Nothing is computed here.
//
// Every array that crosses is checked. Its dtype, number of dimensions and contiguity are declared by its type below,
// and nanobind refuses another with a TypeError; the rest is a ValueError:
//
//   array          shape                    and
//   W, V           (n_in, n_out)            rows on cache lines, whole lines apart; 1 .. 2^31 - 1 units; as many inputs
//                                           as the layer before has units; read-only will do for prediction
//   b, signs, c    one entry per unit       read-only as W; signs always
//   X              (n, n_in)                any values: NaN has to surface
//   indptr         (n + 1,)                 from 0, never falling, to len(indices) == len(data)
//   indices        (entries,)               0 .. n_in - 1, strictly ascending within a row
//   order          (any,)                   rows of X
//   learning_rates one entry per step
//   classes        (n,)                     outputs, for the rows in order
//   values         (n, n_out)
//   weight         (n,)
//   targets        (n, n_in)
//   ids            (n,)                     0 .. 2^56 - 1
//   probability    (n_in,)                  above 0, at most 1
//   out            (n, n_out), writable
//   readout        (n_top, n_outputs)
//   values         (n, n_top) when it is written
//   slopes         (n, n_outputs, n_in), for CSR (n_outputs, entries), flat; writable
//   constants      (n, n_outputs), writable
#include "affine.hpp"
#include "arguments.hpp"
#include "bandwidth.hpp"
#include "denoising.hpp"
#include "predict.hpp"
#include "predictor.hpp"

using namespace nanobind::literals;

namespace rectinet {
namespace {

// (V, c, by_output, unit of the reconstruction, cross-entropy)
template <class T> using DecoderArgs = std::tuple<Strided<T>, Vector<T>, bool, int, bool>;
// (kind, level, p_one, seed, purpose, epoch)
using NoiseArgs = std::tuple<int, double, double, uint64_t, uint64_t, uint64_t>;
// (probability of each output where its input is 0, or None for all outputs; purpose)
using SamplingArgs = std::pair<std::optional<Vector<const double>>, uint64_t>;
using Sums = std::tuple<double, double, double>;
using Result = std::tuple<double, double, double, std::vector<int64_t>, std::vector<int64_t>>;

template <class T>
Result train(const std::vector<LayerArgs<T>>& layers, const DenseArgs<T>& X, const CsrArgs<T>& csr,
             const std::optional<Vector<const int32_t>>& classes, const DenseArgs<T>& values,
             const std::optional<Vector<const T>>& weight, const std::vector<double>& l1,
             const Vector<const int64_t>& order, int64_t batch_size, const Vector<const double>& rates, int n_threads,
             bool skip_zeros, const Sums& start, const std::vector<double>& rule) {
  Supervised<T> problem{network<T>(layers), {}, nullptr, nullptr, nullptr, std::vector<T>(l1.begin(), l1.end())};
  problem.inputs = inputs<T>(X, csr, problem.layers[0].n_in());
  const int64_t n_examples = problem.inputs.n_examples, n_outputs = problem.layers.back().n_out();
  const Steps<T> how_often = steps<T>(order, batch_size, rates, rule, n_examples);
  check_threads(n_threads);
  require(l1.size() + 1 == layers.size(), "l1 must have one entry per hidden layer, ", layers.size() - 1, "; got ",
          l1.size());
  require(classes.has_value() != values.has_value(), "either classes or values must be given");
  if (classes) {
    check_length("classes", *classes, n_examples, "example");
    problem.classes = classes->data();
    for (int64_t i = 0; i < how_often.n; ++i) {
      const int64_t example = order.data()[i], y = problem.classes[example];
      require(y >= 0 && y < n_outputs, "classes must lie in 0 .. ", n_outputs - 1, "; that of example ", example,
              " is ", y);
    }
  } else {
    check_shape("values", *values, n_examples, n_outputs);
    problem.values = values->data();
  }
  if (weight) {
    check_length("weight", *weight, n_examples, "example");
    problem.weight = weight->data();
  }
  SupervisedTotals totals{std::get<0>(start), std::get<1>(start), std::get<2>(start)};
  Counts counts;
  {
    const nb::gil_scoped_release release;
    counts = SupervisedTrainer<T>(problem, how_often, {n_threads, skip_zeros}).run(totals);
  }
  return {totals.loss, totals.penalty, totals.errors, counts.active, counts.unions};
}

template <class T>
Result train_autoencoder(const LayerArgs<T>& encoder, const DecoderArgs<T>& decoder, const DenseArgs<T>& X,
                         const CsrArgs<T>& csr, const DenseArgs<T>& targets, const Vector<const int64_t>& ids,
                         const NoiseArgs& noise, const SamplingArgs& sampling, double l1,
                         const Vector<const int64_t>& order, int64_t batch_size, const Vector<const double>& rates,
                         int n_threads, bool skip_zeros, const Sums& start, const std::vector<double>& rule) {
  const auto& [V, c, by_output, unit, cross_entropy] = decoder;
  const auto& [kind, level, p_one, seed, purpose, epoch] = noise;
  const Layer<T> coder = layer(encoder);
  const int64_t n_in = coder.n_in(), n_hidden = coder.n_out();
  check_unit(unit);
  check_shape("V", V, by_output ? n_in : n_hidden, by_output ? n_hidden : n_in);
  check_length("c", c, n_in, "input");
  const Inputs<T> clean = inputs<T>(X, csr, n_in);
  const Steps<T> how_often = steps<T>(order, batch_size, rates, rule, clean.n_examples);
  check_threads(n_threads);
  if (targets) check_shape("targets", *targets, clean.n_examples, n_in);
  check_length("ids", ids, clean.n_examples, "example");
  check_range("ids", ids.data(), clean.n_examples, int64_t(0), int64_t(1) << 56);
  require(kind >= 0 && kind <= int(Noise::gaussian), "there is no corruption ", kind);
  require(kind == int(Noise::gaussian) || (level >= 0 && level <= 1), "the corruption level must lie in [0, 1]; got ",
          level);
  require(!(csr && kind == int(Noise::gaussian)), "Gaussian noise needs a dense X");
  require(p_one >= 0 && p_one <= 1, "p_one must lie in [0, 1]; got ", p_one);
  require(purpose < 256 && sampling.second < 256 && epoch >> 32 == 0,
          "purposes must lie below 2^8 and the epoch below 2^32");
  const double* probability = nullptr;
  if (sampling.first) {
    require(by_output, "sampled reconstruction needs a decoder stored by output");
    check_length("probability", *sampling.first, n_in, "input");
    probability = sampling.first->data();
    for (int64_t i = 0; i < n_in; ++i)
      require(probability[i] > 0 && probability[i] <= 1, "probability must lie in (0, 1]; that of input ", i, " is ",
              probability[i]);
  }
  const Denoising<T> problem{coder,
                             {weights("V", V), c.data(), by_output, Unit(unit), cross_entropy},
                             clean,
                             targets ? targets->data() : nullptr,
                             ids.data(),
                             {Noise(kind), level, p_one, {seed, purpose, epoch}},
                             {probability, {seed, sampling.second, epoch}},
                             T(l1)};
  DenoisingTotals totals{std::get<0>(start), std::get<1>(start), std::get<2>(start)};
  Counts counts;
  {
    const nb::gil_scoped_release release;
    counts = DenoisingTrainer<T>(problem, how_often, {n_threads, skip_zeros}).run(totals);
  }
  return {totals.loss, totals.penalty, totals.reconstructed, counts.active, counts.unions};
}

template <class T>
void outputs(const std::vector<LayerArgs<const T>>& args, int64_t n_layers, const DenseArgs<T>& X,
             const CsrArgs<T>& csr, const Matrix<T>& out, int n_threads, bool skip_zeros) {
  auto layers = network<const T>(args);
  const Inputs<T> examples = inputs<T>(X, csr, layers[0].n_in());
  check_threads(n_threads);
  require(n_layers >= 1 && n_layers <= int64_t(layers.size()), "n_layers must lie in 1 .. ", layers.size(), "; got ",
          n_layers);
  layers.resize(size_t(n_layers));
  check_shape("out", out, examples.n_examples, layers.back().n_out());
  const nb::gil_scoped_release release;
  forward_all<T>(layers, examples, out.data(), n_threads, skip_zeros);
}

template <class T>
void maps(const std::vector<LayerArgs<const T>>& args, const Matrix<const T>& readout, const DenseArgs<T>& X,
          const CsrArgs<T>& csr, bool contributions, const Matrix<T>& values, const Vector<T>& slopes,
          const Matrix<T>& constants, int n_threads) {
  AffineProblem<T> problem{network<const T>(args)};
  problem.inputs = inputs<T>(X, csr, problem.layers[0].n_in());
  const int64_t n = problem.inputs.n_examples, n_top = problem.layers.back().n_out(),
                n_outputs = int64_t(readout.shape(1));
  check_threads(n_threads);
  require(n_outputs >= 1, "readout must have a column");
  check_shape("readout", readout, n_top, n_outputs);
  check_shape("values", values, n, n_top);
  check_shape("constants", constants, n, n_outputs);
  const int64_t n_slopes = csr ? problem.inputs.indptr[n] : n * problem.inputs.n_inputs;
  require(int64_t(slopes.shape(0)) == n_outputs * n_slopes, "slopes must have ", n_outputs, " x ", n_slopes,
          " entries; got ", slopes.shape(0));
  problem.readout = readout.data();
  problem.n_outputs = n_outputs;
  problem.contributions = contributions;
  problem.values = values.data();
  problem.slopes = slopes.data();
  problem.constants = constants.data();
  const nb::gil_scoped_release release;
  affine_maps<T>(problem, n_threads);
}

template <class T>
auto predict(const Predictor<T>& predictor, const Vector<const T>& x) {
  require(int64_t(x.shape(0)) == predictor.n_in(), "x must have ", predictor.n_in(), " entries; got ", x.shape(0));
  const size_t n_out = size_t(predictor.n_out());
  T* result = new T[n_out];
  nb::capsule owner(result, [](void* p) noexcept { delete[] static_cast<T*>(p); });
  {
    const nb::gil_scoped_release release;
    predictor.predict(x.data(), result);
  }
  return nb::ndarray<nb::numpy, T, nb::ndim<1>>(result, {n_out}, owner);
}

// An argument that is not converted on the way: what is written to a copy of an array would be lost.
auto exactly(const char* name) { return nb::arg(name).noconvert(); }

template <class T>
void bind(nb::module_& module, const std::string& suffix) {
  module.def(("train_" + suffix).c_str(), &train<T>, exactly("layers"), exactly("X").none(), exactly("csr").none(),
             exactly("classes").none(), exactly("values").none(), exactly("weight").none(), "l1"_a, exactly("order"),
             "batch_size"_a, exactly("learning_rates"), "n_threads"_a, "skip_zeros"_a, "totals"_a, "rule"_a,
             "Minibatch SGD in place; returns the sums (loss, penalty, errors), added to `totals`, and the counts "
             "(active, union). `rule`: constants of the update rule.");
  module.def(("outputs_" + suffix).c_str(), &outputs<T>, exactly("layers"), "n_layers"_a, exactly("X").none(),
             exactly("csr").none(), exactly("out"), "n_threads"_a, "skip_zeros"_a,
             "Values of layer n_layers - 1 for every example, written to out.");
  module.def(("affine_maps_" + suffix).c_str(), &maps<T>, exactly("layers"), exactly("readout"), exactly("X").none(),
             exactly("csr").none(), "contributions"_a, exactly("values"), exactly("slopes"), exactly("constants"),
             "n_threads"_a,
             "Values of the last layer, derivatives of values @ readout by the inputs (times the inputs for "
             "contributions), and what the biases add to it, written to the last three arrays.");
  module.def(
      ("train_autoencoder_" + suffix).c_str(), &train_autoencoder<T>, exactly("encoder"), exactly("decoder"),
      exactly("X").none(), exactly("csr").none(), exactly("targets").none(), exactly("ids"), "noise"_a,
      exactly("sampling"), "l1"_a, exactly("order"), "batch_size"_a, exactly("learning_rates"), "n_threads"_a,
      "skip_zeros"_a, "totals"_a, "rule"_a,
      "Denoising steps in place; returns the sums (loss, penalty, reconstructed entries), added to `totals`, and "
      "the counts (active, union) of corrupted inputs and codes. `rule`: constants of the update rule.");
  nb::class_<Predictor<T>>(module, ("Predictor_" + suffix).c_str(),
                           "One example at a time, with its own copy of the network.")
      .def(
          "__init__",
          [](Predictor<T>* self, const std::vector<LayerArgs<const T>>& layers, bool softmax) {
            new (self) Predictor<T>(network<const T>(layers), softmax);
          },
          exactly("layers"), "softmax"_a)
      .def("__call__", &predict<T>, "x"_a);
}

}  // namespace
}  // namespace rectinet

NB_MODULE(_kernels, module) {
  module.doc() = "Compiled kernels of rectinet.";
  module.def(
      "isa", [] { return rectinet::instruction_set().name; },
      "Name of the instruction set in use: baseline, x86-64-v3 or x86-64-v4.");
  module.def(
      "bandwidth",
      [](int64_t n_bytes, int passes) {
        rectinet::require(n_bytes >= 4096 && passes >= 1, "bandwidth needs at least 4096 bytes and one pass");
        const nanobind::gil_scoped_release release;
        return rectinet::bandwidth(n_bytes, passes);
      },
      "n_bytes"_a, "passes"_a = 15,
      "Bytes per second of one thread: (reading, reading plus writing in place) n_bytes.");
  rectinet::bind<float>(module, "f32");
  rectinet::bind<double>(module, "f64");
}
