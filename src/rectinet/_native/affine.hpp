// The affine map of some layers for every example: a forward pass that keeps which units are on, then derivatives from
// the top down through those alone, all outputs at once.
#pragma once
#include "inputs.hpp"
#include "threads.hpp"

namespace rectinet {

// Derivatives of values @ readout by the inputs, or these times the inputs, and what the biases add.
template <class T>
struct AffineProblem {
  std::vector<Layer<const T>> layers;
  Inputs<T> inputs;
  const T* readout;  // (n_top, n_outputs)
  int64_t n_outputs;
  bool contributions;  // whether slopes are times the inputs
  T *values,           // (n, n_top)
      *slopes,         // (n, n_outputs, n_inputs), or (n_outputs, n_stored) for CSR
      *constants;      // (n, n_outputs)
};

// Examples share the weights of a block of rows while it is in the second-level cache. Buffers for up to `batch` of
// them; one per thread.
template <class T>
class AffineMaps {
 public:
  AffineMaps(const AffineProblem<T>& problem, int64_t batch)
      : p_(problem), maker_(p_.inputs, batch), ids_(size_t(batch)), pointers_(size_t(batch)), done_(size_t(batch)),
        turns_(size_t(batch)), width_(std::min(round_up(p_.n_outputs, line<T>), most_outputs)) {
    int64_t widest = p_.inputs.n_inputs, most_rows = 0;
    for (size_t l = 0; l < p_.layers.size(); ++l) {
      const Layer<const T>& layer = p_.layers[l];
      panels_.emplace_back(layer.n_in(), batch, l > 0 && !p_.layers[l - 1].exact_zeros());
      slope_.push_back(curved(layer) ? RowsBuffer<T>(batch, layer.n_out()) : RowsBuffer<T>());
      room_ = std::max(room_, layer.n_out());
      most_rows = std::max(most_rows, std::min(block_rows(layer.W), layer.n_in()));
    }
    for (int64_t i = 0; i < std::max(widest, room_); ++i) all_.push_back(int32_t(i));
    for (int64_t u = 0; u < n_top(); ++u) {
      const T* r = p_.readout + u * p_.n_outputs;
      if (std::any_of(r, r + p_.n_outputs, [](T v) { return v != 0; })) wanted_.push_back(int32_t(u));
    }
    H_ = RowsBuffer<T>(batch, room_);
    for (int64_t e = 0; e < batch; ++e) pointers_[size_t(e)] = H_.rows[e];
    top_ = Buffer<int32_t>(batch * n_top());
    top_count_.resize(size_t(batch));
    for (Buffer<T>& D : D_) D = Buffer<T>(batch * room_ * width_);
    turned_ = RowsBuffer<T>(batch * std::min(p_.n_outputs, width_), room_);
    found_ = Buffer<T>(most_rows * width_);
  }

  void run(Range examples) {
    first_ = examples.begin;
    n_ = examples.size();
    forward();
    if (p_.inputs.X) {
      const int64_t each = p_.n_outputs * p_.inputs.n_inputs;
      std::memset(p_.slopes + first_ * each, 0, size_t(n_ * each) * sizeof(T));
    }
    for (int64_t o = 0; o < p_.n_outputs; o += width_) backward({o, std::min(o + width_, p_.n_outputs)});
  }

 private:
  static constexpr int64_t most_outputs = 4 * line<T>;  // worked off together
  static constexpr int64_t block_bytes = 512 << 10;

  struct List {  // units of one example, ascending
    const int32_t* unit;
    int64_t n;
  };

  static bool curved(const Layer<const T>& layer) {
    return layer.unit != Unit::rectifier && layer.unit != Unit::linear;
  }
  static int64_t block_rows(const Weights<const T>& W) {
    return std::max<int64_t>(8, block_bytes / (W.stride * int64_t(sizeof(T))));
  }
  int64_t n_top() const { return p_.layers.back().n_out(); }

  void forward() {
    for (int64_t e = 0; e < n_; ++e) ids_[size_t(e)] = first_ + e;
    for (size_t l = 0; l < p_.layers.size(); ++l) {
      const Layer<const T>& layer = p_.layers[l];
      Panel<T>& panel = panels_[l].panel;
      if (l == 0) maker_.make(ids_.data(), n_, panel);
      else kernels<T>().emit(pointers_.data(), n_, {0, layer.n_in()}, panel, 0);
      kernels<T>().forward(layer, panel, n_, {0, layer.W.padded_columns()}, H_.rows, slope_[l].rows);
    }
    const bool can_be_off = p_.layers.back().exact_zeros();
    for (int64_t e = 0; e < n_; ++e) {
      const T* h = H_.rows[e];
      int64_t count = 0;
      for (const int32_t u : wanted_)
        if (!can_be_off || h[u] != 0) top_.get()[e * n_top() + count++] = u;
      top_count_[size_t(e)] = count;
      std::memcpy(p_.values + (first_ + e) * n_top(), h, size_t(n_top()) * sizeof(T));
    }
  }

  // The inputs of a layer by which derivatives are wanted.
  List inputs_of(size_t l, int64_t e) const {
    const Inputs<T>& x = p_.inputs;
    if (l == 0 && !x.X) return {x.indices + x.indptr[first_ + e], x.indptr[first_ + e + 1] - x.indptr[first_ + e]};
    const Panel<T>& panel = panels_[l].panel;
    if (panel.dense || (l == 0 && !p_.contributions)) return {all_.data(), p_.layers[l].n_in()};
    return {panel.list_row + e * panel.capacity, panel.list_count[e]};
  }
  // The units of a layer that are on.
  List outputs_of(size_t l, int64_t e) const {
    if (l + 1 < p_.layers.size()) return inputs_of(l + 1, e);
    return {top_.get() + e * n_top(), top_count_[size_t(e)]};
  }

  T slope(size_t l, int64_t e, int64_t unit) const {
    const T* signs = p_.layers[l].signs;
    const T s = signs ? signs[unit] : T(1);
    return slope_[l].rows.data ? slope_[l].rows[e][unit] * s : s;
  }

  // Derivatives of some outputs, through all layers.
  void backward(Range outputs) {
    const size_t last = p_.layers.size() - 1;
    for (int64_t e = 0; e < n_; ++e) {
      const List units = outputs_of(last, e);
      for (int64_t k = 0; k < units.n; ++k) {
        T* d = derivatives(last, e) + k * width_;
        const T s = slope(last, e, units.unit[k]);
        for (int64_t o = 0; o < width_; ++o)
          d[o] = o < outputs.size() ? s * p_.readout[units.unit[k] * p_.n_outputs + outputs.begin + o] : T(0);
      }
      std::fill_n(p_.constants + (first_ + e) * p_.n_outputs + outputs.begin, outputs.size(), T(0));
    }
    for (size_t l = last + 1; l-- > 0;) {
      for (int64_t e = 0; e < n_; ++e) {
        add_biases(l, e, outputs);
        turn(l, e, outputs.size());
        done_[size_t(e)] = 0;
      }
      const int64_t n_in = p_.layers[l].n_in(), rows = block_rows(p_.layers[l].W);
      for (int64_t i = 0; i < n_in; i += rows)
        for (int64_t e = 0; e < n_; ++e) through(l, e, std::min(i + rows, n_in), outputs);
    }
  }

  // Derivatives by the sums of a layer's units, room_ x width_ for each example; two layers take turns.
  T* derivatives(size_t l, int64_t e) const { return D_[l % 2].get() + e * room_ * width_; }

  void add_biases(size_t l, int64_t e, Range outputs) {
    const List units = outputs_of(l, e);
    const T* d = derivatives(l, e);
    T* constants = p_.constants + (first_ + e) * p_.n_outputs + outputs.begin;
    for (int64_t k = 0; k < units.n; ++k, d += width_)
      for (int64_t o = 0; o < outputs.size(); ++o) constants[o] += p_.layers[l].b[units.unit[k]] * d[o];
  }

  // Where that leaves fewer lines to multiply, the derivatives are written out by output, for units that are off too.
  void turn(size_t l, int64_t e, int64_t n_outputs) {
    const List units = outputs_of(l, e);
    const int64_t columns = p_.layers[l].W.padded_columns();
    std::vector<const T*>& turned = turns_[size_t(e)];
    turned.clear();
    if (n_outputs * (columns / line<T>) > units.n * (width_ / line<T>)) return;
    const int64_t each = std::min(p_.n_outputs, width_);
    for (int64_t o = 0; o < n_outputs; ++o) {
      T* row = turned_.rows[e * each + o];
      std::memset(row, 0, size_t(columns) * sizeof(T));
      const T* d = derivatives(l, e) + o;
      for (int64_t k = 0; k < units.n; ++k) row[units.unit[k]] = d[k * width_];
      turned.push_back(row);
    }
  }

  // The inputs of a layer below `end` that have not had their turn.
  void through(size_t l, int64_t e, int64_t end, Range outputs) {
    const List inputs = inputs_of(l, e), units = outputs_of(l, e);
    const int64_t from = done_[size_t(e)];
    int64_t to = from;
    while (to < inputs.n && inputs.unit[to] < end) ++to;
    done_[size_t(e)] = to;
    if (to == from) return;
    T* const below = l > 0 ? derivatives(l - 1, e) + from * width_ : found_.get();
    const std::vector<const T*>& turned = turns_[size_t(e)];
    const Weights<const T>& W = p_.layers[l].W;
    if (turned.empty())
      derivative_kernels<T>().by_unit(W, inputs.unit + from, to - from,
                                      {units.unit, units.n, derivatives(l, e), width_}, below);
    else
      derivative_kernels<T>().by_output(W, inputs.unit + from, to - from, turned.data(), outputs.size(), width_, below);
    if (l == 0) return write(e, {from, to}, below, outputs);
    const Layer<const T>& layer = p_.layers[l - 1];
    if (!layer.signs && !curved(layer)) return;
    for (int64_t k = from; k < to; ++k) {
      const T s = slope(l - 1, e, inputs.unit[k]);
      for (int64_t o = 0; o < outputs.size(); ++o) below[(k - from) * width_ + o] *= s;
    }
  }

  void write(int64_t e, Range listed, const T* found, Range outputs) {
    const Inputs<T>& x = p_.inputs;
    const List inputs = inputs_of(0, e);
    const int64_t stored = x.X ? 0 : x.indptr[first_ + e];
    T* const out = x.X ? p_.slopes + (first_ + e) * p_.n_outputs * x.n_inputs : p_.slopes + stored;
    const int64_t apart = x.X ? x.n_inputs : x.indptr[x.n_examples];  // of two outputs
    for (int64_t k = listed.begin; k < listed.end; ++k, found += width_) {
      const int64_t i = inputs.unit[k];
      const T factor = !p_.contributions ? T(1) : x.X ? x.row(first_ + e)[i] : x.data[stored + k];
      T* at = out + outputs.begin * apart + (x.X ? i : k);
      for (int64_t o = 0; o < outputs.size(); ++o, at += apart) *at = found[o] * factor;
    }
  }

  AffineProblem<T> p_;
  PanelMaker<T> maker_;
  std::vector<int64_t> ids_;
  std::vector<const T*> pointers_;            // H_.rows
  std::vector<int64_t> done_, top_count_;     // for each example
  std::vector<std::vector<const T*>> turns_;  // rows of turned_ for each example, none where they are not used
  const int64_t width_;                       // outputs worked off together, whole lines
  int64_t room_ = 0;                          // units of the widest layer
  int64_t first_ = 0, n_ = 0;                 // the examples at work
  std::vector<PanelBuffer<T>> panels_;        // inputs of every layer
  std::vector<RowsBuffer<T>> slope_;          // of every curved layer
  std::vector<int32_t> all_, wanted_;         // 0, 1, 2, ...; units of the last layer that are read out
  RowsBuffer<T> H_, turned_;
  Buffer<int32_t> top_;
  Buffer<T> D_[2], found_;
};

// All examples, a share for each thread.
template <class T>
void affine_maps(const AffineProblem<T>& problem, int n_threads) {
  constexpr int64_t most = 32;
  const int64_t n = problem.inputs.n_examples;
  if (n == 0) return;
  const int64_t batch = std::min(most, (n + n_threads - 1) / n_threads);
  std::vector<AffineMaps<T>> maps;
  maps.reserve(size_t(n_threads));
  for (int t = 0; t < n_threads; ++t) maps.emplace_back(problem, batch);
  Team(n_threads).run([&](int t) {
    const Range mine = part(n, t, n_threads);
    for (int64_t i = mine.begin; i < mine.end; i += batch) maps[size_t(t)].run({i, std::min(i + batch, mine.end)});
  });
}

}  // namespace rectinet
