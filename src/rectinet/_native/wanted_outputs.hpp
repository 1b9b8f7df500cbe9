// Which outputs of a minibatch a decoder stored by output reconstructs, for which examples, and at what weight.
#pragma once
#include "decoder.hpp"

namespace rectinet {

template <class T>
class WantedOutputs {
 public:
  WantedOutputs(const Inputs<T>& clean, const int64_t* ids, const Sampling& sampling, int64_t batch)
      : clean_(clean), ids_(ids), sampling_(sampling), ld_(batch), row_(n_in()), weight_(n_in() * batch + line<T>) {
    if (!sampling.probability) return;
    words_ = Buffer<uint32_t>(round_up(n_in(), 4));
    for (int64_t k = 0; k < n_in(); ++k)
      last_drawn_.push_back(uint32_t(std::max<uint64_t>(1, threshold(sampling.probability[k])) - 1));
    marks_.resize(size_t(batch * n_in()));
    wanted_by_.resize(size_t(n_in()));
  }

  void choose(const int64_t* examples, int64_t n, const Inputs<T>& noisy) {
    n_rows_ = n_entries_ = 0;
    if (!sampling_.probability) {
      for (int64_t k = 0; k < n_in(); ++k) add(k, n, n, [&](int64_t) { return T(1); });
      n_common_ = n_rows_;
      return;
    }
    mark(examples, n, noisy);
    for (const bool common : {true, false}) {  // what more than two thirds of the examples want comes first
      for (int64_t k = 0; k < n_in(); ++k) {
        const int64_t wanted_by = wanted_by_[size_t(k)];
        if (wanted_by == 0 || (3 * wanted_by > 2 * n) != common) continue;
        const T weight[] = {T(0), T(1.0 / sampling_.probability[k]), T(1)};  // by mark
        add(k, n, wanted_by, [&](int64_t e) { return weight[marks_[size_t(e * n_in() + k)]]; });
      }
      if (common) n_common_ = n_rows_;
    }
  }

  int64_t n_rows() const { return n_rows_; }
  int64_t n_common() const { return n_common_; }    // rows, the first ones, that most of the examples want
  int64_t n_entries() const { return n_entries_; }  // pairs of a row and an example that wants it
  int64_t ld() const { return ld_; }
  int64_t output(int64_t k) const { return row_.get()[k]; }
  const T* weight(int64_t k) const { return weight_.get() + k * ld_; }
  Factors<T> weights() const { return with(weight_.get()); }
  // The same rows with other factors, laid out alike.
  Factors<T> with(const T* value) const { return {row_.get(), value, ld_, false}; }

 private:
  static constexpr uint8_t drawn = 1, needed = 2;

  int64_t n_in() const { return clean_.n_inputs; }

  template <class F>
  void add(int64_t output, int64_t n, int64_t wanted_by, F&& weight) {
    T* to = weight_.get() + n_rows_ * ld_;
    for (int64_t e = 0; e < ld_; ++e) to[e] = e < n ? weight(e) : T(0);
    row_.get()[n_rows_++] = int32_t(output);
    n_entries_ += wanted_by;
  }

  // Drawn, or needed because the input is not 0 or the noise switched it on.
  void mark(const int64_t* examples, int64_t n, const Inputs<T>& noisy) {
    std::fill(wanted_by_.begin(), wanted_by_.end(), 0);
    for (int64_t e = 0; e < n; ++e) {
      uint8_t* __restrict mark = marks_.data() + e * n_in();
      instruction_set().noise.words(sampling_.key, uint64_t(ids_[examples[e]]), (n_in() + 3) / 4, words_.get());
      const uint32_t *word = words_.get(), *last = last_drawn_.data();
      for (int64_t k = 0; k < n_in(); ++k) mark[k] = word[k] <= last[k] ? drawn : 0;
      const auto need = [&](int64_t k, T) { mark[k] = needed; };
      clean_.each_on(examples[e], need);
      noisy.each_on(e, need);
      int32_t* wanted_by = wanted_by_.data();
      for (int64_t k = 0; k < n_in(); ++k) wanted_by[k] += mark[k] != 0;
    }
  }

  Inputs<T> clean_;
  const int64_t* ids_;
  Sampling sampling_;
  int64_t ld_, n_rows_ = 0, n_common_ = 0, n_entries_ = 0;
  Buffer<int32_t> row_;
  Buffer<T> weight_;  // weight_[k * ld_ + e] of the cost of output row_[k] in example e, 0 where it is not wanted
  Buffer<uint32_t> words_;
  std::vector<uint32_t> last_drawn_;  // random words up to this one draw the output
  std::vector<uint8_t> marks_;
  std::vector<int32_t> wanted_by_;  // how many examples want each output
};

}  // namespace rectinet
