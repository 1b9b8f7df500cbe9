// What the kernels work on: weights, layers, active inputs, values by example. Views: nothing here owns memory or
// depends on the instruction set. T is float or double.
#pragma once
#include <cstdint>
#include <type_traits>

namespace rectinet {

constexpr int64_t line_bytes = 64;  // a cache line; columns are always handled in whole lines
constexpr int64_t max_threads = 256;

template <class T>
constexpr int64_t line = line_bytes / int64_t(sizeof(T));

inline int64_t round_up(int64_t n, int64_t multiple) { return (n + multiple - 1) / multiple * multiple; }

// The rows, columns or examples begin .. end - 1.
struct Range {
  int64_t begin, end;
  int64_t size() const { return end - begin; }
  Range up_to(int64_t n) const { return {begin < n ? begin : n, end < n ? end : n}; }
};

// Part t of n things in n_parts nearly equal parts.
inline Range part(int64_t n, int64_t t, int64_t n_parts) { return {n * t / n_parts, n * (t + 1) / n_parts}; }

enum class Unit : int32_t { rectifier, softplus, tanh, logistic, linear };

// d|h| / dh: 0 at 0, NaN kept.
template <class T>
T sign(T h) {
  return h > 0 ? T(1) : h < 0 ? T(-1) : h;
}

// A matrix with rows on cache lines; columns n_columns .. stride - 1 are padding, always 0. T is const where it is only
// read.
template <class T>
struct Weights {
  T* data;
  int64_t stride, n_rows, n_columns;

  T* row(int64_t i) const { return data + i * stride; }
  int64_t padded_columns() const { return round_up(n_columns, line<T>); }
  operator Weights<const T>() const
    requires(!std::is_const_v<T>)
  {
    return {data, stride, n_rows, n_columns};
  }
};

// One layer, h = signs * f(x W + b). Row i of W holds the outgoing weights of input i.
template <class T>
struct Layer {
  using Value = std::remove_const_t<T>;
  Weights<T> W;
  T* b;                // (n_out,)
  const Value* signs;  // (n_out,) or null
  Unit unit;
  Value alpha;  // of the rescaled softplus

  int64_t n_in() const { return W.n_rows; }
  int64_t n_out() const { return W.n_columns; }
  bool exact_zeros() const { return unit == Unit::rectifier; }
  operator Layer<const T>() const
    requires(!std::is_const_v<T>)
  {
    return {W, b, signs, unit, alpha};
  }
};

// A factor for each of some rows of weights and each example: value[k * ld + e] goes with row[k] and example e. A
// factor of 0 takes no part, unless `dense`.
template <class T>
struct Factors {
  const int32_t* row;
  const T* value;
  int64_t ld;  // examples there is room for
  bool dense;
};

// The inputs of a layer for one minibatch, twice: row by row over the union of what is on in some example, and example
// by example over what is on in it, both ascending. Threads fill one segment each, [begin, begin + count) of the rows
// and [begin, begin + list_count) of every list, so segments follow each other in order but leave gaps. When `dense`,
// every input is a row and there are no lists.
template <class T>
struct Panel {
  int32_t* row;  // row[k]: index of the input
  T* value;      // value[k * ld + e]: its value in example e
  int64_t ld;
  int32_t* list_row;  // list_row[e * capacity + p]: index of an input that is on in example e
  T* list_value;
  int64_t capacity;     // inputs there is room for
  int32_t* list_count;  // list_count[s * ld + e]
  bool dense;
  int64_t n_segments;
  int64_t begin[max_threads], count[max_threads], active[max_threads];

  Factors<T> factors() const { return {row, value, ld, dense}; }
  int64_t n_rows() const { return total(count); }
  int64_t n_active() const { return total(active); }

 private:
  int64_t total(const int64_t* of_segment) const {
    int64_t n = 0;
    for (int64_t s = 0; s < n_segments; ++s) n += of_segment[s];
    return n;
  }
};

// Values of a layer for one minibatch, example by example: (n_examples, stride), padding always 0.
template <class T>
struct Rows {
  T* data;
  int64_t stride;
  T* operator[](int64_t e) const { return data + e * stride; }
};

// Where the backward pass through a layer leaves the delta of the units that its inputs come from.
template <class T>
struct InputDelta {
  Rows<T> delta;       // written: s f'(z) (dh + l1 sign(h)), only where the unit is on
  Rows<T> derivative;  // f'(z), or data == null for rectifiers (1 where on)
  const T* signs;      // s, or null for 1
  const T* l1;         // per example: coefficient times normalised weight over the minibatch size
};

constexpr int64_t max_rows_together = 8;  // rows of weights that the backward pass may hold at a time

// Room of one thread: an entry per example and row held; `partial` has two cache lines for each.
template <class T>
struct Scratch {
  const T** delta;
  T** sum;
  T *step, *dot, *partial;
  int32_t* example;
};

}  // namespace rectinet
