// Supervised minibatch SGD: forward, head, one fused backward pass a layer that updates in place.
#pragma once
#include <cmath>

#include "inputs.hpp"
#include "threads.hpp"

namespace rectinet {

template <class T>
struct Targets {
  const int32_t* classes = nullptr;  // softmax head
  const T* values = nullptr;         // (n_examples, n_outputs), squared-error head
  const T* weight = nullptr;         // or null: all 1
};

struct TrainTotals {
  double loss = 0, penalty = 0, errors = 0;
  std::vector<int64_t> active, unions;  // per layer, of its inputs
};

template <class T>
class Trainer {
 public:
  Trainer(std::vector<Layer<T>> layers, const Inputs<T>& inputs, const Targets<T>& targets, std::vector<T> l1,
          int64_t batch, int n_threads, bool skip, TrainTotals start = {})
      : layers_(std::move(layers)), targets_(targets), l1_(std::move(l1)), batch_(batch), skip_(skip),
        team_(n_threads), maker_(inputs, batch), weight_(batch),
        sum_(size_t(batch)), totals_(std::move(start)) {
    const size_t n = layers_.size();
    for (size_t l = 0; l < n; ++l) {
      panels_.emplace_back(layers_[l].n_in, batch, n_threads);
      H_.emplace_back(batch, layers_[l].n_out);
      delta_.emplace_back(batch, layers_[l].n_out);
      const bool hidden = l + 1 < n;
      derivative_.emplace_back(hidden && !layers_[l].exact_zeros() ? RowsBuffer<T>(batch, layers_[l].n_out) : RowsBuffer<T>());
      l1_weight_.emplace_back(batch);
      pointers_.emplace_back(size_t(batch));
      for (int64_t e = 0; e < batch; ++e) pointers_[l][size_t(e)] = H_[l].rows[e];
    }
    for (int t = 0; t < n_threads; ++t) scratch_.emplace_back(batch);
    totals_.active.assign(n, 0);
    totals_.unions.assign(n, 0);
  }

  // Steps through `order`, `rates[s]` for step s.
  const TrainTotals& run(const int64_t* order, int64_t n, const double* rates) {
    team_.run([&](int t) {
      for (int64_t first = 0, s = 0; first < n; first += batch_, ++s)
        step(order + first, std::min(batch_, n - first), T(rates[s]), t);
    });
    return totals_;
  }

 private:
  bool every(size_t l) const {  // whether all inputs of layer l count as on
    return !skip_ || (l > 0 && !layers_[l - 1].exact_zeros());
  }

  void step(const int64_t* examples, int64_t n, T rate, int t) {
    if (t == 0) maker_.make(examples, n, every(0), panels_[0].panel);
    team_.meet();
    for (size_t l = 0; l < layers_.size(); ++l) forward(l, n, t);
    if (t == 0) head(examples, n);
    team_.meet();
    for (size_t l = layers_.size(); l-- > 0;) backward(l, n, rate, t);
  }

  void forward(size_t l, int64_t n, int t) {
    const Layer<T>& layer = layers_[l];
    const Share lines = share(layer.columns() / line<T>, t, team_.size());
    const int64_t c0 = lines.begin * line<T>, c1 = lines.end * line<T>;
    const bool hidden = l + 1 < layers_.size();
    const Kernels<T>& k = kernels<T>();
    k.forward(layer, panels_[l].panel, n, c0, c1, every(l), H_[l].rows, derivative_[l].rows);
    if (hidden) {
      Panel<T>& above = panels_[l + 1].panel;
      above.begin[t] = c0;
      const int64_t end = std::min(c1, layer.n_out);
      k.emit(pointers_[l].data(), n, c0, std::max(c0, end), every(l + 1), above, t);
      if (t == 0) above.n_segments = team_.size();
      if (c1 > c0)
        for (int64_t e = 0; e < n; ++e) std::memset(delta_[l].rows[e] + c0, 0, size_t(c1 - c0) * sizeof(T));
    }
    team_.meet();
  }

  void head(const int64_t* examples, int64_t n) {
    const size_t last = layers_.size() - 1;
    const Kernels<T>& k = kernels<T>();
    for (int64_t e = 0; e < n; ++e) {
      const int64_t example = examples[e], n_out = layers_[last].n_out;
      weight_.get()[e] = targets_.weight ? targets_.weight[example] : T(1);
      const T scale = weight_.get()[e] / T(n);
      const Loss one = targets_.classes
          ? k.softmax(H_[last].rows[e], n_out, targets_.classes[example], scale, delta_[last].rows[e])
          : k.squared(H_[last].rows[e], n_out, targets_.values + example * n_out, scale, delta_[last].rows[e]);
      totals_.loss += double(weight_.get()[e]) * one.loss;
      totals_.errors += one.errors;
      for (size_t l = 0; l < last; ++l) l1_weight_[l].get()[e] = l1_[l] * scale;
    }
    for (size_t l = 0; l < layers_.size(); ++l) {
      totals_.active[l] += panels_[l].panel.n_active();
      totals_.unions[l] += rows_on(panels_[l].panel, every(l), n);
      if (l > 0 && l1_[l - 1] != 0) totals_.penalty += double(l1_[l - 1]) * penalty(panels_[l].panel, n);
    }
  }

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

  void backward(size_t l, int64_t n, T rate, int t) {
    const Layer<T>& layer = layers_[l];
    const Kernels<T>& k = kernels<T>();
    Below<T> below{};
    if (l > 0) below = {delta_[l - 1].rows, derivative_[l - 1].rows, layers_[l - 1].signs, l1_weight_[l - 1].get()};
    const Panel<T>& x = panels_[l].panel;
    for (int64_t s = 0; s < x.n_segments; ++s) {
      const Share rows = share(x.count[s], t, team_.size());
      if (rows.end > rows.begin)
        k.backward(layer, x, x.begin[s] + rows.begin, x.begin[s] + rows.end, n, delta_[l].rows, rate,
                   every(l), l > 0 ? &below : nullptr, scratch_[size_t(t)].scratch);
    }
    const Share lines = share(layer.columns() / line<T>, t, team_.size());
    k.update_bias(layer, lines.begin * line<T>, lines.end * line<T>, n, delta_[l].rows, rate);
    team_.meet();
  }

  std::vector<Layer<T>> layers_;
  Targets<T> targets_;
  std::vector<T> l1_;
  int64_t batch_;
  bool skip_;
  Team team_;
  PanelMaker<T> maker_;
  Buffer<T> weight_;
  std::vector<double> sum_;
  TrainTotals totals_;
  std::vector<PanelBuffer<T>> panels_;
  std::vector<RowsBuffer<T>> H_, delta_, derivative_;
  std::vector<Buffer<T>> l1_weight_;
  std::vector<std::vector<const T*>> pointers_;
  std::vector<ScratchBuffer<T>> scratch_;
};

}  // namespace rectinet
