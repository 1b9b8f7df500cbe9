// Outputs and codes of a network for many examples or one.
#pragma once
#include "inputs.hpp"
#include "threads.hpp"

namespace rectinet {

// Buffers for up to `batch` examples of one network; one per thread.
template <class T>
class Forward {
 public:
  Forward(const std::vector<Layer<T>>& layers, int64_t n_layers, const Inputs<T>& inputs, int64_t batch, bool skip)
      : layers_(layers.begin(), layers.begin() + n_layers), skip_(skip), maker_(inputs, batch), pointers_(size_t(batch)) {
    int64_t widest = inputs.n_inputs;
    for (const auto& layer : layers_) widest = std::max(widest, layer.n_out);
    panel_ = PanelBuffer<T>(widest, batch);
    H_ = RowsBuffer<T>(batch, widest);
    for (int64_t e = 0; e < batch; ++e) pointers_[size_t(e)] = H_.rows[e];
  }

  // The values of the last of its layers for n <= batch examples, (n, n_out), C-contiguous.
  void run(const int64_t* examples, int64_t n, T* out) {
    const Kernels<T>& k = kernels<T>();
    Panel<T>& panel = panel_.panel;
    for (size_t l = 0; l < layers_.size(); ++l) {
      const Layer<T>& layer = layers_[l];
      const bool every = !skip_ || (l > 0 && !layers_[l - 1].exact_zeros());
      if (l == 0) maker_.make(examples, n, every, panel);
      else k.emit(pointers_.data(), n, 0, layer.n_in, every, panel, 0);
      k.forward(layer, panel, n, 0, layer.columns(), every, H_.rows, Rows<T>{nullptr, 0});
    }
    const int64_t n_out = layers_.back().n_out;
    for (int64_t e = 0; e < n; ++e) std::memcpy(out + e * n_out, H_.rows[e], size_t(n_out) * sizeof(T));
  }

 private:
  std::vector<Layer<T>> layers_;
  bool skip_;
  PanelMaker<T> maker_;
  std::vector<const T*> pointers_;
  PanelBuffer<T> panel_{1, 1};
  RowsBuffer<T> H_;
};

// All examples, a share for each thread, in batches that keep activations in cache.
template <class T>
void forward_all(const std::vector<Layer<T>>& layers, int64_t n_layers, const Inputs<T>& inputs, T* out, int n_threads,
                 bool skip) {
  constexpr int64_t most = 120;  // a whole number of register tiles
  const int64_t n = inputs.n_examples, n_out = layers[size_t(n_layers - 1)].n_out;
  if (n == 0) return;
  const int64_t batch = std::min(most, (n + n_threads - 1) / n_threads);
  std::vector<Forward<T>> forward;
  for (int t = 0; t < n_threads; ++t) forward.emplace_back(layers, n_layers, inputs, batch, skip);
  std::vector<int64_t> ids(size_t(n), 0);
  for (int64_t i = 0; i < n; ++i) ids[size_t(i)] = i;
  Team team(n_threads);
  team.run([&](int t) {
    const Share mine = share(n, t, n_threads);
    for (int64_t i = mine.begin; i < mine.end; i += batch)
      forward[size_t(t)].run(ids.data() + i, std::min(batch, mine.end - i), out + i * n_out);
  });
}

// One example at a time, as fast as it goes: nothing allocated per call.
template <class T>
class OneExample {
 public:
  explicit OneExample(const std::vector<Layer<T>>& layers) : layers_(layers) {
    int64_t widest = layers[0].n_in;
    for (const auto& layer : layers) widest = std::max(widest, layer.n_out);
    panel_ = PanelBuffer<T>(widest, 1);
    H_ = RowsBuffer<T>(1, widest);
  }

  void run(const T* x) {
    const Kernels<T>& k = kernels<T>();
    for (size_t l = 0; l < layers_.size(); ++l) {
      const T* h = l == 0 ? x : H_.rows[0];
      k.emit(&h, 1, 0, layers_[l].n_in, false, panel_.panel, 0);
      k.forward(layers_[l], panel_.panel, 1, 0, layers_[l].columns(), false, H_.rows, Rows<T>{nullptr, 0});
    }
  }
  T* values() { return H_.rows[0]; }

 private:
  std::vector<Layer<T>> layers_;
  PanelBuffer<T> panel_{1, 1};
  RowsBuffer<T> H_;
};

}  // namespace rectinet
