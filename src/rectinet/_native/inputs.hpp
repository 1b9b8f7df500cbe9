// The data a network is fed: dense rows or CSR, and how a minibatch of it becomes a panel of active inputs.
#pragma once
#include <algorithm>
#include <vector>

#include "buffers.hpp"

namespace rectinet {

// Dense when `dense` is set, else CSR. Duplicate CSR entries add up, explicit zeros count as off.
template <class T>
struct Inputs {
  int64_t n_examples, n_inputs;
  const T* dense = nullptr;  // (n_examples, n_inputs), C-contiguous
  const int64_t* indptr = nullptr;
  const int32_t* indices = nullptr;
  const T* data = nullptr;
};

// Builds panels of minibatches; owns the marks a CSR merge needs.
template <class T>
class PanelMaker {
 public:
  PanelMaker(const Inputs<T>& inputs, int64_t max_batch) : x_(inputs), pointers_(size_t(max_batch)) {
    if (!x_.dense) {
      position_.resize(size_t(x_.n_inputs));
      marks_.resize(size_t((x_.n_inputs + 63) / 64));
    }
  }

  // The union of the examples' active inputs, ascending; every input when `every`.
  void make(const int64_t* examples, int64_t n, bool every, Panel<T>& panel) {
    panel.n_segments = 1;
    panel.begin[0] = 0;
    if (x_.dense) {
      for (int64_t e = 0; e < n; ++e) pointers_[size_t(e)] = x_.dense + examples[e] * x_.n_inputs;
      kernels<T>().emit(pointers_.data(), n, 0, x_.n_inputs, every, panel, 0);
    } else {
      merge(examples, n, every, panel);
    }
  }

 private:
  void merge(const int64_t* examples, int64_t n, bool every, Panel<T>& panel) {
    auto each = [&](auto&& visit) {
      for (int64_t e = 0; e < n; ++e)
        for (int64_t p = x_.indptr[examples[e]]; p < x_.indptr[examples[e] + 1]; ++p)
          if (x_.data[p] != 0) visit(e, x_.indices[p], x_.data[p]);
    };
    if (every) std::fill(marks_.begin(), marks_.end(), ~uint64_t(0));
    else each([&](int64_t, int32_t i, T) { marks_[size_t(i) / 64] |= uint64_t(1) << (i % 64); });
    int64_t count = 0;
    for (size_t word = 0; word < marks_.size(); ++word) {
      for (uint64_t bits = marks_[word]; bits; bits &= bits - 1) {
        const int64_t i = int64_t(word) * 64 + __builtin_ctzll(bits);
        if (i >= x_.n_inputs) break;
        position_[size_t(i)] = int32_t(count);
        panel.row[count++] = int32_t(i);
      }
      marks_[word] = 0;
    }
    std::memset(panel.value, 0, size_t(count * panel.ld) * sizeof(T));
    int64_t active = 0;
    each([&](int64_t e, int32_t i, T v) {
      T& slot = panel.value[position_[size_t(i)] * panel.ld + e];
      active += slot == 0;
      slot += v;
    });
    panel.count[0] = count;
    panel.active[0] = active;
    if (!every) list(n, panel);
  }

  // Lists from rows: CSR entries may come in any order and more than once.
  static void list(int64_t n, Panel<T>& panel) {
    std::fill(panel.list_count, panel.list_count + n, 0);
    for (int64_t k = 0; k < panel.count[0]; ++k)
      for (int64_t e = 0; e < n; ++e) {
        const T v = panel.value[k * panel.ld + e];
        const int64_t at = e * panel.capacity + panel.list_count[e];
        panel.list_row[at] = panel.row[k];
        panel.list_value[at] = v;
        panel.list_count[e] += v != 0;
      }
  }

  Inputs<T> x_;
  std::vector<const T*> pointers_;
  std::vector<int32_t> position_;
  std::vector<uint64_t> marks_;
};

// Rows on in some example; when every row is listed, those that are on have to be counted.
template <class T>
int64_t rows_on(const Panel<T>& panel, bool every, int64_t n) {
  if (!every) return panel.n_rows();
  int64_t count = 0;
  for (int64_t s = 0; s < panel.n_segments; ++s)
    for (int64_t k = 0; k < panel.count[s]; ++k) {
      const T* value = panel.value + (panel.begin[s] + k) * panel.ld;
      count += std::any_of(value, value + n, [](T v) { return v != 0; });
    }
  return count;
}

}  // namespace rectinet
