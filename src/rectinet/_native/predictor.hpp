// A network frozen for low latency: one example at a time, with a copy of the parameters, nothing allocated per call.
#pragma once
#include <algorithm>
#include <cstring>
#include <mutex>
#include <vector>

#include "buffers.hpp"
#include "kernels.hpp"

namespace rectinet {

template <class T>
class Predictor {
 public:
  Predictor(const std::vector<Layer<const T>>& layers, bool softmax) : softmax_(softmax), layers_(layers) {
    widest_ = n_in();
    for (Layer<const T>& layer : layers_) {
      layer.W.data = keep(layer.W.data, (layer.n_in() - 1) * layer.W.stride + layer.W.padded_columns());
      layer.b = keep(layer.b, layer.n_out());
      if (layer.signs) layer.signs = keep(layer.signs, layer.n_out());
      widest_ = std::max(widest_, layer.n_out());
    }
  }

  Predictor(const Predictor&) = delete;
  Predictor& operator=(const Predictor&) = delete;

  int64_t n_in() const { return layers_.front().n_in(); }
  int64_t n_out() const { return layers_.back().n_out(); }

  // Any number of threads may predict at once.
  void predict(const T* x, T* out) const {
    std::unique_ptr<Room> room = borrow();
    T* const H = room->H.rows[0];
    Panel<T>& panel = room->panel.panel;
    for (const Layer<const T>& layer : layers_) {
      const T* h = &layer == &layers_.front() ? x : H;
      kernels<T>().emit(&h, 1, {0, layer.n_in()}, panel, 0);
      kernels<T>().forward(layer, panel, 1, {0, layer.W.padded_columns()}, room->H.rows, Rows<T>{nullptr, 0});
    }
    if (softmax_) kernels<T>().probabilities(H, n_out());
    std::memcpy(out, H, size_t(n_out()) * sizeof(T));
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(room));
  }

 private:
  struct Room {  // of one call
    explicit Room(int64_t widest) : panel(widest, 1, false), H(1, widest) {}
    PanelBuffer<T> panel;
    RowsBuffer<T> H;
  };

  std::unique_ptr<Room> borrow() const {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        std::unique_ptr<Room> room = std::move(idle_.back());
        idle_.pop_back();
        return room;
      }
    }
    return std::make_unique<Room>(widest_);
  }

  const T* keep(const T* values, int64_t n) {
    T* copy = storage_.emplace_back(n).get();
    std::memcpy(copy, values, size_t(n) * sizeof(T));
    return copy;
  }

  bool softmax_;
  std::vector<Layer<const T>> layers_;
  int64_t widest_;
  std::vector<Buffer<T>> storage_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Room>> idle_;
};

}  // namespace rectinet
