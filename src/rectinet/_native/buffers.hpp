// Aligned memory and the per-minibatch buffers built from it.
#pragma once
#include <cstdlib>
#include <memory>
#include <new>

#include "views.hpp"

namespace rectinet {

// Zero-filled, on cache lines. Memory that is never written is never taken from the system: most buffers have room for
// every unit of every example, and few are on.
template <class T>
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(int64_t n) : memory_(std::calloc(size_t(n * int64_t(sizeof(T)) + 2 * line_bytes), 1)) {
    if (!memory_) throw std::bad_alloc();
    const auto address = reinterpret_cast<uintptr_t>(memory_.get());
    data_ = reinterpret_cast<T*>((address + line_bytes - 1) / line_bytes * line_bytes);
  }
  T* get() const { return data_; }

 private:
  struct Free {
    void operator()(void* p) const { std::free(p); }
  };
  std::unique_ptr<void, Free> memory_;
  T* data_ = nullptr;
};

// Distance between the rows of two examples: whole lines, never a multiple of 1 KiB (cache sets).
template <class T>
int64_t row_stride(int64_t n) {
  const int64_t lines = round_up(n > 0 ? n : 1, line<T>) / line<T>;
  return (lines + (lines % 16 == 0)) * line<T>;
}

template <class T>
struct RowsBuffer {
  RowsBuffer() = default;
  RowsBuffer(int64_t n_examples, int64_t n)
      : memory(n_examples * row_stride<T>(n)), rows{memory.get(), row_stride<T>(n)} {}
  Buffer<T> memory;
  Rows<T> rows{nullptr, 0};
};

template <class T>
struct PanelBuffer {  // values with room behind them: they are read a vector at a time
  PanelBuffer(int64_t n, int64_t n_examples, bool dense, int n_threads = 1)
      : row(n), list_row(dense ? 0 : n * n_examples), list_count(n_examples * n_threads),
        value(n * n_examples + line<T>), list_value(dense ? 0 : n * n_examples + line<T>), panel{} {
    panel.row = row.get();
    panel.value = value.get();
    panel.ld = n_examples;
    panel.list_row = list_row.get();
    panel.list_value = list_value.get();
    panel.capacity = n;
    panel.list_count = list_count.get();
    panel.dense = dense;
    panel.n_segments = 1;
  }
  Buffer<int32_t> row, list_row, list_count;
  Buffer<T> value, list_value;
  Panel<T> panel;
};

template <class T>
struct ScratchBuffer {
  explicit ScratchBuffer(int64_t n_examples) : ScratchBuffer(n_examples * max_rows_together, 0) {}
  Buffer<const T*> delta;
  Buffer<T*> sum;
  Buffer<T> step, dot, partial;
  Buffer<int32_t> example;
  Scratch<T> scratch;

 private:
  ScratchBuffer(int64_t n, int)
      : delta(n), sum(n), step(n), dot(n), partial(2 * line<T> * n), example(n),
        scratch{delta.get(), sum.get(), step.get(), dot.get(), partial.get(), example.get()} {}
};

}  // namespace rectinet
