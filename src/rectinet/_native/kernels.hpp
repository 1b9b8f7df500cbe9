// What the compiled kernels work on, and the table through which they are called.
//
// One source (kernels.cpp) is compiled once per instruction set; each build fills one table. Nothing here depends on
// the instruction set. T is float or double.
#pragma once
#include <cstdint>

namespace rectinet {

constexpr int64_t line_bytes = 64;  // a cache line; columns are always handled in whole lines
constexpr int64_t max_threads = 256;

template <class T>
constexpr int64_t line = line_bytes / int64_t(sizeof(T));

inline int64_t round_up(int64_t n, int64_t multiple) { return (n + multiple - 1) / multiple * multiple; }

enum class Unit : int32_t { rectifier, softplus, tanh, logistic, linear };

// One layer, h = signs * f(x W + b). Row i of W holds the outgoing weights of input i.
template <class T>
struct Layer {
  T* W;           // (n_in, stride), rows on cache lines, columns n_out..stride are padding
  int64_t stride;
  T* b;           // (n_out,)
  const T* signs; // (n_out,) or null
  int64_t n_in, n_out;
  Unit unit;
  T alpha;        // of the rescaled softplus

  bool exact_zeros() const { return unit == Unit::rectifier; }
  int64_t columns() const { return round_up(n_out, line<T>); }
};

// The inputs of a layer for one minibatch, twice: row by row over the union of what is on in some example, and example
// by example over what is on in it, both ascending. Threads fill one segment each, [begin, begin + count) of the rows and
// [begin, begin + list_count) of every list, so segments follow each other in order but leave gaps.
template <class T>
struct Panel {
  int32_t* row;         // row[k]: index of the input
  T* value;             // value[k * ld + e]: its value in example e
  int64_t ld;           // examples there is room for
  int32_t* list_row;    // list_row[e * capacity + p]: index of an input that is on in example e
  T* list_value;
  int64_t capacity;     // inputs there is room for
  int32_t* list_count;  // list_count[s * ld + e]
  int64_t n_segments;
  int64_t begin[max_threads], count[max_threads], active[max_threads];

  int64_t n_rows() const { int64_t n = 0; for (int64_t s = 0; s < n_segments; ++s) n += count[s]; return n; }
  int64_t n_active() const { int64_t n = 0; for (int64_t s = 0; s < n_segments; ++s) n += active[s]; return n; }
};

// Values of a layer for one minibatch, example by example: (n_examples, stride), padding always 0.
template <class T>
struct Rows {
  T* data;
  int64_t stride;
  T* operator[](int64_t e) const { return data + e * stride; }
};

// What the backward pass needs to know of the layer below to turn dh into its delta.
template <class T>
struct Below {
  Rows<T> delta;       // written: s f'(z) (dh + l1 w sign(h)), only where the unit is on
  Rows<T> derivative;  // f'(z), or data == null for rectifiers (1 where on)
  const T* signs;      // or null
  const T* l1;         // per example: coefficient times normalised weight over the minibatch size
};

constexpr int64_t max_rows_together = 8;  // rows of weights that the backward pass may hold at a time

// Room for one entry per example and row held, a set for every thread; `carried` has two cache lines for each.
template <class T>
struct Scratch {
  const T** delta;
  T** sum;
  T *step, *dot, *carried;
  int32_t* example;
};

struct Loss { double loss, errors; };

template <class T>
struct Kernels {
  // H[:, c0:c1] = signs f(x W + b) and the derivative (null for rectifiers); c0 and c1 are whole lines. Works row by row
  // or example by example, whichever is quicker; `every` says that there are no lists. The sums are the same.
  void (*forward)(const Layer<T>&, const Panel<T>& x, int64_t n_examples, int64_t c0, int64_t c1, bool every,
                  Rows<T> H, Rows<T> derivative);
  // Fills segment s of the panel with the columns c0..c1 that are on in some example; all of them when `every`, which
  // leaves no lists.
  void (*emit)(const T* const* h, int64_t n_examples, int64_t c0, int64_t c1, bool every, Panel<T>&, int64_t s);
  // For rows k0..k1 of the panel: delta of the layer below from the old weights, then W -= rate x' delta in place.
  void (*backward)(const Layer<T>&, const Panel<T>& x, int64_t k0, int64_t k1, int64_t n_examples, Rows<T> delta,
                   T rate, bool every, const Below<T>* below, const Scratch<T>&);
  // b[c0:c1] -= rate sum_e delta[e, c0:c1]
  void (*update_bias)(const Layer<T>&, int64_t c0, int64_t c1, int64_t n_examples, Rows<T> delta, T rate);
  // delta = scale (softmax(z) - onehot(y)); the loss -log p_y, and 1 if the argmax is not y.
  Loss (*softmax)(const T* z, int64_t n, int32_t y, T scale, T* delta);
  // delta = 2 scale (z - y); the loss sum (z - y)^2, twice.
  Loss (*squared)(const T* z, int64_t n, const T* y, T scale, T* delta);
  // z becomes softmax(z).
  void (*probabilities)(T* z, int64_t n);
  // One pass over n values: reading, or adding to each in place. For the memory roofline.
  T (*stream_read)(const T* x, int64_t n);
  void (*stream_update)(T* x, int64_t n, T by);
  // For decoders stored by output (row k of W leads to output k): z[k * ld + e] = <H[e], W[row[k]]> where value is not 0,
  // and Z[e][c0:c1] (+)= sum over rows k0..k1 of value[k][e] W[row[k]][c0:c1].
  void (*products)(const Layer<T>&, const Panel<T>&, int64_t k0, int64_t k1, int64_t n_examples, Rows<T> H, T* z,
                   const Scratch<T>&);
  void (*accumulate)(const Layer<T>&, const Panel<T>&, int64_t k0, int64_t k1, bool first, int64_t n_examples, int64_t c0,
                     int64_t c1, Rows<T> Z);
  // The latter for all columns of one row, and its update while it is in cache: Z[e] += gradient[e] W[row], then
  // W[row] -= rate sum_e gradient[e] H[e].
  void (*spread)(const Layer<T>&, int64_t row, int64_t ahead, const T* gradient, int64_t n_examples, Rows<T> H, T rate,
                 Rows<T> Z, const Scratch<T>&);
};

struct Dispatch {
  const char* name;
  const Kernels<float>* f32;
  const Kernels<double>* f64;
};

const Dispatch& dispatch();  // the best set this processor has, or the one RECTINET_ISA names
template <class T>
const Kernels<T>& kernels();
template <>
inline const Kernels<float>& kernels<float>() { return *dispatch().f32; }
template <>
inline const Kernels<double>& kernels<double>() { return *dispatch().f64; }

}  // namespace rectinet
