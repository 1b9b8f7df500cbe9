// Supervised minibatch training: forward, head, one fused backward pass a layer that updates in place.
#pragma once
#include <cmath>

#include "worker.hpp"

namespace rectinet {

template <class T>
struct Supervised {
  std::vector<Layer<T>> layers;
  Inputs<T> inputs;
  const int32_t* classes;  // softmax head; or null
  const T* values;         // (n_examples, n_outputs), squared-error head; or null
  const T* weight;         // of the examples, or null: all 1
  std::vector<T> l1;       // per hidden layer
};

// Sums over examples, to which a trainer adds.
struct SupervisedTotals {
  double loss = 0, penalty = 0, errors = 0;
};

// Inputs that are on: over examples, and in some example of a minibatch, summed over minibatches; per layer.
struct Counts {
  std::vector<int64_t> active, unions;
};

template <class T>
class SupervisedTrainer {
 public:
  SupervisedTrainer(const Supervised<T>& problem, const Steps<T>& steps, const Execution& how)
      : p_(problem), steps_(steps), crew_(how.n_threads, steps.batch_size), maker_(problem.inputs, steps.batch_size),
        weight_(steps.batch_size), sum_(size_t(steps.batch_size)) {
    const int64_t batch = steps.batch_size;
    bool dense = !how.skip_zeros;
    for (const Layer<T>& layer : p_.layers) {
      inputs_.emplace_back(layer.n_in(), batch, dense, how.n_threads);
      layers_.emplace_back(layer, batch, layers_.size() + 1 < p_.layers.size());
      dense = !how.skip_zeros || !layer.exact_zeros();
    }
    counts_.active.assign(p_.layers.size(), 0);
    counts_.unions.assign(p_.layers.size(), 0);
  }

  Counts run(SupervisedTotals& totals) {
    crew_.run(steps_, [&](const Minibatch<T>& m, Worker<T>& worker) { step(m, worker, totals); });
    return counts_;
  }

 private:
  Panel<T>& input(size_t l) { return inputs_[l].panel; }

  void step(const Minibatch<T>& m, Worker<T>& worker, SupervisedTotals& totals) {
    const size_t n = p_.layers.size();
    if (worker.leads()) maker_.make(m.examples, m.n, input(0));
    worker.wait();
    for (size_t l = 0; l < n; ++l) {
      worker.forward(p_.layers[l], input(l), m.n, layers_[l]);
      if (l + 1 < n) worker.emit(layers_[l], p_.layers[l].n_out(), m.n, input(l + 1));
      worker.wait();
    }
    if (worker.leads()) head(m, totals);
    worker.wait();
    for (size_t l = n; l-- > 0;) {
      InputDelta<T> below{};
      if (l > 0) below = layers_[l - 1].input_delta();
      worker.backward(p_.layers[l], input(l), m, layers_[l].delta.rows, l > 0 ? &below : nullptr);
      worker.wait();
    }
  }

  void head(const Minibatch<T>& m, SupervisedTotals& totals) {
    const NetworkKernels<T>& k = kernels<T>();
    const Activations<T>& last = layers_.back();
    const int64_t n_out = p_.layers.back().n_out();
    for (int64_t e = 0; e < m.n; ++e) {
      const int64_t example = m.examples[e];
      const T weight = p_.weight ? p_.weight[example] : T(1), scale = weight / T(m.n);
      const Loss one =
          p_.classes ? k.softmax(last.value.rows[e], n_out, p_.classes[example], scale, last.delta.rows[e])
                     : k.squared(last.value.rows[e], n_out, p_.values + example * n_out, scale, last.delta.rows[e]);
      totals.loss += double(weight) * one.loss;
      totals.errors += one.errors;
      weight_.get()[e] = weight;
      for (size_t l = 0; l < p_.l1.size(); ++l) layers_[l].l1.get()[e] = p_.l1[l] * scale;
    }
    for (size_t l = 0; l < p_.layers.size(); ++l) {
      counts_.active[l] += input(l).n_active();
      counts_.unions[l] += rows_on(input(l), m.n);
      if (l > 0 && p_.l1[l - 1] != 0) totals.penalty += double(p_.l1[l - 1]) * penalty(input(l), m.n);
    }
  }

  // The sum of |h| of each example, weighted.
  double penalty(const Panel<T>& panel, int64_t n) {
    std::fill(sum_.begin(), sum_.end(), 0.0);
    for (int64_t s = 0; s < panel.n_segments; ++s)
      for (int64_t k = 0; k < panel.count[s]; ++k)
        for (int64_t e = 0; e < n; ++e)
          sum_[size_t(e)] += std::abs(double(panel.value[(panel.begin[s] + k) * panel.ld + e]));
    double total = 0;
    for (int64_t e = 0; e < n; ++e) total += sum_[size_t(e)] * double(weight_.get()[e]);
    return total;
  }

  Supervised<T> p_;
  Steps<T> steps_;
  Crew<T> crew_;
  PanelMaker<T> maker_;
  Buffer<T> weight_;  // of the minibatch
  std::vector<double> sum_;
  Counts counts_;
  std::vector<PanelBuffer<T>> inputs_;  // of every layer
  std::vector<Activations<T>> layers_;
};

}  // namespace rectinet
