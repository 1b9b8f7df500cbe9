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
      : layers_(layers.begin(), layers.begin() + n_layers), batch_(batch), skip_(skip), maker_(inputs, batch),
        pointers_(size_t(batch)) {
    int64_t widest = inputs.n_inputs;
    for (const auto& layer : layers_) widest = std::max(widest, layer.n_out);
    panel_.emplace_back(widest, batch);
    list_row_ = Buffer<int32_t>(widest * batch);
    list_value_ = Buffer<T>(widest * batch);
    list_count_.resize(size_t(batch));
    H_ = RowsBuffer<T>(batch, widest);
  }

  // The values of the last of its layers for n <= batch examples, (n, n_out), C-contiguous.
  void run(const int64_t* examples, int64_t n, T* out) {
    Panel<T>& panel = panel_[0].panel;
    for (size_t l = 0; l < layers_.size(); ++l) {
      const Layer<T>& layer = layers_[l];
      const bool every = !skip_ || (l > 0 && !layers_[l - 1].exact_zeros());
      if (l == 0) maker_.make(examples, n, every, panel);
      else emit(layer.n_in, n, every);
      layer_forward(layer, n, every);
    }
    const int64_t n_out = layers_.back().n_out;
    for (int64_t e = 0; e < n; ++e) std::memcpy(out + e * n_out, H_.rows[e], size_t(n_out) * sizeof(T));
  }

 private:
  void emit(int64_t n_in, int64_t n, bool every) {
    for (int64_t e = 0; e < n; ++e) pointers_[size_t(e)] = H_.rows[e];
    panel_[0].panel.n_segments = 1;
    panel_[0].panel.begin[0] = 0;
    kernels<T>().emit(pointers_.data(), n, 0, n_in, every, panel_[0].panel, 0);
  }

  // Either over the union of active rows, all examples at once, or example by example over its own: the same sums in
  // the same order. A value costs about three times more in a list, where no register tile shares the weights.
  void layer_forward(const Layer<T>& layer, int64_t n, bool every) {
    const Kernels<T>& k = kernels<T>();
    const Panel<T>& panel = panel_[0].panel;
    if (n > 1 && (every || panel.n_active() * 3 > panel.n_rows() * n)) {
      k.forward(layer, panel, n, 0, layer.columns(), H_.rows, Rows<T>{nullptr, 0});
      return;
    }
    split(n, every);
    const int64_t width = n == 1 ? layer.columns() : 8 * line<T>;  // columns whose weights stay in cache for all examples
    for (int64_t c = 0; c < layer.columns(); c += width)
      for (int64_t e = 0; e < n; ++e)
        k.forward_one(layer, list_row_.get() + e * panel.n_rows(), list_value_.get() + e * panel.n_rows(),
                      list_count_[size_t(e)], c, std::min(c + width, layer.columns()), H_.rows[e]);
  }

  void split(int64_t n, bool every) {  // panel to lists
    const Panel<T>& panel = panel_[0].panel;
    const int64_t rows = panel.n_rows();
    std::fill(list_count_.begin(), list_count_.begin() + n, 0);
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t e = 0; e < n; ++e) {
        const T v = panel.value[i * panel.ld + e];
        int64_t& count = list_count_[size_t(e)];
        list_row_.get()[e * rows + count] = panel.row[i];
        list_value_.get()[e * rows + count] = v;
        count += every || v != 0;
      }
  }

  std::vector<Layer<T>> layers_;
  int64_t batch_;
  bool skip_;
  PanelMaker<T> maker_;
  std::vector<const T*> pointers_;
  std::vector<PanelBuffer<T>> panel_;
  Buffer<int32_t> list_row_;
  Buffer<T> list_value_;
  std::vector<int64_t> list_count_;
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

// One example at a time, as fast as it goes: lists only, nothing allocated per call.
template <class T>
class OneExample {
 public:
  explicit OneExample(const std::vector<Layer<T>>& layers) : layers_(layers) {
    int64_t widest = layers[0].n_in;
    for (const auto& layer : layers) widest = std::max(widest, layer.n_out);
    row_ = Buffer<int32_t>(widest);
    value_ = Buffer<T>(widest);
    h_ = Buffer<T>(round_up(widest, line<T>));
  }

  const T* run(const T* x) {
    const Kernels<T>& k = kernels<T>();
    for (size_t l = 0; l < layers_.size(); ++l) {
      const Layer<T>& layer = layers_[l];
      const bool every = l > 0 && !layers_[l - 1].exact_zeros();
      const int64_t n = k.emit_one(l == 0 ? x : h_.get(), layer.n_in, every, row_.get(), value_.get());
      k.forward_one(layer, row_.get(), value_.get(), n, 0, layer.columns(), h_.get());
    }
    return h_.get();
  }
  T* values() { return h_.get(); }

 private:
  std::vector<Layer<T>> layers_;
  Buffer<int32_t> row_;
  Buffer<T> value_, h_;
};

}  // namespace rectinet
