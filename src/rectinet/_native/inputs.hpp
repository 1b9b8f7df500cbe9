// The data a network is fed: dense rows or CSR, and how a minibatch of it becomes a panel of active inputs.
#pragma once
#include <algorithm>
#include <cstring>
#include <vector>

#include "buffers.hpp"
#include "kernels.hpp"

namespace rectinet {

// Dense when `X` is set, else CSR: indices strictly ascending within a row; explicit zeros count as off.
template <class T>
struct Inputs {
  int64_t n_examples, n_inputs;
  const T* X = nullptr;  // (n_examples, n_inputs), C-contiguous
  const int64_t* indptr = nullptr;
  const int32_t* indices = nullptr;
  const T* data = nullptr;

  const T* row(int64_t example) const { return X + example * n_inputs; }

  // visit(i, value) for the entries of an example that are on, ascending.
  template <class F>
  void each_on(int64_t example, F&& visit) const {
    if (X) {
      for (int64_t i = 0; i < n_inputs; ++i)
        if (row(example)[i] != 0) visit(i, row(example)[i]);
    } else {
      for (int64_t p = indptr[example]; p < indptr[example + 1]; ++p)
        if (data[p] != 0) visit(int64_t(indices[p]), data[p]);
    }
  }
};

// Builds panels of minibatches; owns the marks a CSR merge needs.
template <class T>
class PanelMaker {
 public:
  PanelMaker(const Inputs<T>& inputs, int64_t max_batch) : x_(inputs), rows_(size_t(max_batch)) {
    if (x_.X) return;
    position_.resize(size_t(x_.n_inputs));
    marks_.resize(size_t((x_.n_inputs + 63) / 64));
  }

  // The union of the examples' active inputs, ascending; every input when the panel is dense.
  void make(const int64_t* examples, int64_t n, Panel<T>& panel) {
    panel.n_segments = 1;
    panel.begin[0] = 0;
    if (!x_.X) return merge(examples, n, panel);
    for (int64_t e = 0; e < n; ++e) rows_[size_t(e)] = x_.row(examples[e]);
    kernels<T>().emit(rows_.data(), n, {0, x_.n_inputs}, panel, 0);
  }

 private:
  void merge(const int64_t* examples, int64_t n, Panel<T>& panel) {
    if (panel.dense) std::fill(marks_.begin(), marks_.end(), ~uint64_t(0));
    else
      for (int64_t e = 0; e < n; ++e)
        x_.each_on(examples[e], [&](int64_t i, T) { marks_[size_t(i) / 64] |= uint64_t(1) << (i % 64); });
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
    for (int64_t e = 0; e < n; ++e) {
      int32_t* list_row = panel.list_row + e * panel.capacity;
      T* list_value = panel.list_value + e * panel.capacity;
      int64_t listed = 0;
      x_.each_on(examples[e], [&](int64_t i, T v) {
        panel.value[position_[size_t(i)] * panel.ld + e] = v;
        if (!panel.dense) list_row[listed] = int32_t(i), list_value[listed] = v;
        ++listed;
      });
      panel.list_count[e] = int32_t(listed);
      active += listed;
    }
    panel.count[0] = count;
    panel.active[0] = active;
  }

  Inputs<T> x_;
  std::vector<const T*> rows_;
  std::vector<int32_t> position_;
  std::vector<uint64_t> marks_;
};

// Rows on in some example; when every row is listed, those that are on have to be counted.
template <class T>
int64_t rows_on(const Panel<T>& panel, int64_t n) {
  if (!panel.dense) return panel.n_rows();
  int64_t count = 0;
  for (int64_t s = 0; s < panel.n_segments; ++s)
    for (int64_t k = 0; k < panel.count[s]; ++k) {
      const T* value = panel.value + (panel.begin[s] + k) * panel.ld;
      count += std::any_of(value, value + n, [](T v) { return v != 0; });
    }
  return count;
}

}  // namespace rectinet
