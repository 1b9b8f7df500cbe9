// Arguments from Python as the views that the engine works on, checked as the table in module.cpp says.
#pragma once
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <limits>

#include "checks.hpp"
#include "worker.hpp"

namespace rectinet {

namespace nb = nanobind;

template <class T> using Strided = nb::ndarray<T, nb::ndim<2>, nb::device::cpu>;
template <class T> using Matrix = nb::ndarray<T, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
template <class T> using Vector = nb::ndarray<T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

// (W, b, signs or None, unit, alpha); W in the padded layout of rectinet.network.padded_zeros
template <class T>
using LayerArgs = std::tuple<Strided<T>, Vector<T>, std::optional<Vector<const std::remove_const_t<T>>>, int, double>;
// X dense, or (indptr, indices, data, n_columns)
template <class T> using DenseArgs = std::optional<Matrix<const T>>;
template <class T> using Csr = std::tuple<Vector<const int64_t>, Vector<const int32_t>, Vector<const T>, int64_t>;
template <class T> using CsrArgs = std::optional<Csr<T>>;

template <class A>
void check_length(const char* name, const A& array, int64_t n, const char* of) {
  require(int64_t(array.shape(0)) == n, name, " must have one entry per ", of, ", ", n, "; got ", array.shape(0));
}

template <class A>
void check_shape(const char* name, const A& array, int64_t n_rows, int64_t n_columns) {
  require(int64_t(array.shape(0)) == n_rows && int64_t(array.shape(1)) == n_columns, name, " must have shape (", n_rows,
          ", ", n_columns, "); got (", array.shape(0), ", ", array.shape(1), ")");
}

inline void check_unit(int unit) { require(unit >= 0 && unit <= int(Unit::linear), "there is no unit ", unit); }

inline void check_threads(int n_threads) {
  require(n_threads >= 1 && n_threads <= max_threads, "n_threads must lie in 1 .. ", max_threads, "; got ", n_threads);
}

template <class T>
Weights<T> weights(const char* name, const Strided<T>& W) {
  Weights<T> view{W.data(), 0, int64_t(W.shape(0)), int64_t(W.shape(1))};
  view.stride = view.n_rows > 1 ? W.stride(0) : row_stride<T>(view.n_columns);
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  require(view.n_rows >= 1 && view.n_rows <= most && view.n_columns >= 1 && view.n_columns <= most, name,
          " must have 1 .. ", most, " rows and columns; got (", view.n_rows, ", ", view.n_columns, ")");
  require(reinterpret_cast<uintptr_t>(view.data) % line_bytes == 0 && view.stride % line<T> == 0 &&
              view.stride >= view.padded_columns() && (view.n_columns == 1 || W.stride(1) == 1),
          name, " must be laid out as rectinet.network.padded_zeros does it: rows on cache lines, whole lines apart");
  return view;
}

template <class T>
Layer<T> layer(const LayerArgs<T>& args) {
  const auto& [W, b, signs, unit, alpha] = args;
  check_unit(unit);
  const Layer<T> view{weights("W", W), b.data(), signs ? signs->data() : nullptr, Unit(unit),
                      std::remove_const_t<T>(alpha)};
  check_length("b", b, view.n_out(), "unit");
  if (signs) check_length("signs", *signs, view.n_out(), "unit");
  return view;
}

template <class T>
std::vector<Layer<T>> network(const std::vector<LayerArgs<T>>& args) {
  std::vector<Layer<T>> layers;
  for (const auto& one : args) {
    layers.push_back(layer(one));
    const size_t l = layers.size() - 1;
    require(l == 0 || layers[l - 1].n_out() == layers[l].n_in(), "layer ", l,
            " must have as many inputs as the layer before has units; got ", layers[l].n_in());
  }
  require(!layers.empty(), "a network needs a layer");
  return layers;
}

template <class T>
Inputs<T> inputs(const DenseArgs<T>& X, const CsrArgs<T>& csr, int64_t n_inputs) {
  require(X.has_value() != csr.has_value(), "X must be either dense or CSR");
  if (X) {
    check_shape("X", *X, int64_t(X->shape(0)), n_inputs);
    return {int64_t(X->shape(0)), n_inputs, X->data()};
  }
  const auto& [indptr, indices, data, n_columns] = *csr;
  require(n_columns == n_inputs, "X must have ", n_inputs, " columns; got ", n_columns);
  require(indptr.shape(0) >= 1, "indptr of X must have one entry more than X has rows; it is empty");
  check_length("data of X", data, int64_t(indices.shape(0)), "index");
  const Inputs<T> view{int64_t(indptr.shape(0)) - 1, n_inputs, nullptr, indptr.data(), indices.data(), data.data()};
  check_indptr(view.indptr, view.n_examples, int64_t(indices.shape(0)));
  check_indices(view.indptr, view.indices, view.n_examples, n_inputs);
  return view;
}

template <class T>
Steps<T> steps(const Vector<const int64_t>& order, int64_t batch_size, const Vector<const double>& rates,
               const std::vector<double>& rule, int64_t n_examples) {
  const int64_t n = int64_t(order.shape(0));
  require(batch_size >= 1, "batch_size must be at least 1; got ", batch_size);
  check_length("learning_rates", rates, n / batch_size + (n % batch_size != 0), "step");
  check_range("order", order.data(), n, int64_t(0), n_examples);
  return {order.data(), n, std::min(batch_size, std::max<int64_t>(n, 1)), rates.data(), Rule<T>(rule)};
}

}  // namespace rectinet
