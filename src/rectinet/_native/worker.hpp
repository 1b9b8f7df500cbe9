// What one thread does of a layer in a training step: a share of the columns going forward, of the rows going back. The
// supervised and the denoising trainer are made of these.
#pragma once
#include <cstring>
#include <vector>

#include "inputs.hpp"
#include "threads.hpp"

namespace rectinet {

// How often, in what order and at which rates a trainer steps.
template <class T>
struct Steps {
  const int64_t* order;  // examples, n of them
  int64_t n, batch_size;
  const double* rates;  // one for every step
  Rule<T> rule;
};

struct Execution {
  int n_threads;
  bool skip_zeros;  // false: every input counts as on
};

// One step's examples, and the rule at the step's rate.
template <class T>
struct Minibatch {
  const int64_t* examples;
  int64_t n;
  Rule<T> rule;
};

// What one layer computes for a minibatch, and the delta of its units.
template <class T>
struct Activations {
  Activations(const Layer<T>& layer, int64_t batch, bool with_derivative)
      : signs(layer.signs), value(batch, layer.n_out()), delta(batch, layer.n_out()), l1(batch) {
    if (with_derivative && !layer.exact_zeros()) derivative = RowsBuffer<T>(batch, layer.n_out());
    for (int64_t e = 0; e < batch; ++e) pointers.push_back(value.rows[e]);
  }

  InputDelta<T> input_delta() const { return {delta.rows, derivative.rows, signs, l1.get()}; }

  const T* signs;
  RowsBuffer<T> value, derivative, delta;  // no derivative for rectifiers: 1 where on
  Buffer<T> l1;                            // see InputDelta
  std::vector<const T*> pointers;          // value.rows
};

template <class T>
class Worker {
 public:
  Worker(Team& team, int index, int64_t batch) : team_(team), index_(index), scratch_(batch) {}

  bool alone() const { return team_.size() == 1; }
  bool leads() const { return index_ == 0; }
  void wait() { team_.wait(); }
  const Scratch<T>& scratch() const { return scratch_.scratch; }

  // My share of n things; of n columns, in whole lines of the padded width.
  Range share(int64_t n) const { return part(n, index_, team_.size()); }
  Range columns(int64_t n) const {
    const Range lines = share(round_up(n, line<T>) / line<T>);
    return {lines.begin * line<T>, lines.end * line<T>};
  }

  void forward(const Layer<T>& layer, const Panel<T>& x, int64_t n, const Activations<T>& out) const {
    kernels<T>().forward(layer, x, n, columns(layer.n_out()), out.value.rows, out.derivative.rows);
  }

  // Lists the units of my columns that are on, as inputs of the next layer, and clears their delta.
  void emit(const Activations<T>& units, int64_t n_units, int64_t n, Panel<T>& panel) const {
    const Range mine = columns(n_units);
    panel.begin[index_] = mine.begin;
    kernels<T>().emit(units.pointers.data(), n, mine.up_to(n_units), panel, index_);
    if (leads()) panel.n_segments = team_.size();
    for (int64_t e = 0; e < n; ++e) std::memset(units.delta.rows[e] + mine.begin, 0, size_t(mine.size()) * sizeof(T));
  }

  // Updates my rows of the weights, and leaves the delta of their inputs where it is wanted (not null).
  void backward(const Weights<T>& W, const Panel<T>& x, const Minibatch<T>& m, Rows<T> delta,
                const InputDelta<T>* below) const {
    for (int64_t s = 0; s < x.n_segments; ++s) {
      const Range rows = share(x.count[s]);
      if (rows.size() > 0)
        kernels<T>().backward(W, x.factors(), {x.begin[s] + rows.begin, x.begin[s] + rows.end}, m.n, delta, m.rule,
                              below, scratch());
    }
  }

  // The whole of a layer: its weights as above, and its biases.
  void backward(const Layer<T>& layer, const Panel<T>& x, const Minibatch<T>& m, Rows<T> delta,
                const InputDelta<T>* below) const {
    backward(layer.W, x, m, delta, below);
    kernels<T>().update_bias(layer.b, columns(layer.n_out()).up_to(layer.n_out()), m.n, delta, m.rule);
  }

 private:
  Team& team_;
  int index_;
  ScratchBuffer<T> scratch_;
};

// A team, its workers, and the loop over minibatches that they run together.
template <class T>
class Crew {
 public:
  Crew(int n_threads, int64_t batch) : team_(n_threads) {
    for (int t = 0; t < n_threads; ++t) workers_.emplace_back(team_, t, batch);
  }

  // step(minibatch, worker) by every worker for every step.
  template <class F>
  void run(const Steps<T>& steps, F&& step) {
    team_.run([&](int t) {
      for (int64_t first = 0, s = 0; first < steps.n; first += steps.batch_size, ++s)
        step(Minibatch<T>{steps.order + first, std::min(steps.batch_size, steps.n - first),
                          steps.rule.at(steps.rates[s])},
             workers_[size_t(t)]);
    });
  }

 private:
  Team team_;
  std::vector<Worker<T>> workers_;
};

}  // namespace rectinet
