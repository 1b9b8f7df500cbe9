// Outputs and codes of a network for many examples.
#pragma once
#include "inputs.hpp"
#include "threads.hpp"

namespace rectinet {

// Buffers for up to `batch` examples of one network; one per thread.
template <class T>
class Forward {
 public:
  Forward(const std::vector<Layer<const T>>& layers, const Inputs<T>& inputs, int64_t batch, bool skip_zeros)
      : layers_(layers), skip_zeros_(skip_zeros), maker_(inputs, batch), pointers_(size_t(batch)) {
    int64_t widest = inputs.n_inputs;
    for (const auto& layer : layers_) widest = std::max(widest, layer.n_out());
    panel_ = PanelBuffer<T>(widest, batch, !skip_zeros);
    H_ = RowsBuffer<T>(batch, widest);
    for (int64_t e = 0; e < batch; ++e) pointers_[size_t(e)] = H_.rows[e];
  }

  // The values of the last of its layers for n <= batch examples, (n, n_out), C-contiguous.
  void run(const int64_t* examples, int64_t n, T* out) {
    Panel<T>& panel = panel_.panel;
    for (size_t l = 0; l < layers_.size(); ++l) {
      const Layer<const T>& layer = layers_[l];
      panel.dense = !skip_zeros_ || (l > 0 && !layers_[l - 1].exact_zeros());
      if (l == 0) maker_.make(examples, n, panel);
      else kernels<T>().emit(pointers_.data(), n, {0, layer.n_in()}, panel, 0);
      kernels<T>().forward(layer, panel, n, {0, layer.W.padded_columns()}, H_.rows, Rows<T>{nullptr, 0});
    }
    const int64_t n_out = layers_.back().n_out();
    for (int64_t e = 0; e < n; ++e) std::memcpy(out + e * n_out, H_.rows[e], size_t(n_out) * sizeof(T));
  }

 private:
  std::vector<Layer<const T>> layers_;
  bool skip_zeros_;
  PanelMaker<T> maker_;
  std::vector<const T*> pointers_;
  PanelBuffer<T> panel_{1, 1, false};
  RowsBuffer<T> H_;
};

// All examples, a share for each thread, in batches that keep activations in cache.
template <class T>
void forward_all(const std::vector<Layer<const T>>& layers, const Inputs<T>& inputs, T* out, int n_threads,
                 bool skip_zeros) {
  constexpr int64_t most = 120;  // a whole number of register tiles
  const int64_t n = inputs.n_examples, n_out = layers.back().n_out();
  if (n == 0) return;
  const int64_t batch = std::min(most, (n + n_threads - 1) / n_threads);
  std::vector<Forward<T>> forward;
  for (int t = 0; t < n_threads; ++t) forward.emplace_back(layers, inputs, batch, skip_zeros);
  std::vector<int64_t> examples(size_t(n), 0);
  for (int64_t i = 0; i < n; ++i) examples[size_t(i)] = i;
  Team(n_threads).run([&](int t) {
    const Range mine = part(n, t, n_threads);
    for (int64_t i = mine.begin; i < mine.end; i += batch)
      forward[size_t(t)].run(examples.data() + i, std::min(batch, mine.end - i), out + i * n_out);
  });
}

}  // namespace rectinet
