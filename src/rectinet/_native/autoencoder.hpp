// Minibatch SGD of one denoising auto-encoder; the cost is that of rectinet.autoencoder.
//
// A decoder stored by hidden unit is an ordinary layer: forward and backward skip the units that are off. One stored by
// output (tied, or sampled) is worked off a block of outputs at a time - products, costs, the code's gradient, update -
// so that each of its rows is read and written once a step while it is in cache.
#pragma once
#include <cmath>

#include "noise.hpp"
#include "threads.hpp"
#include "train.hpp"

namespace rectinet {

template <class T>
struct AutoencoderView {
  Layer<T> encoder;
  Layer<T> decoder;  // by hidden unit: h V + c, linear. By output: W is V, n_in the outputs, n_out the hidden units, b is c
  bool by_output;
  Unit unit;         // of the reconstruction
  bool cross_entropy;
};

struct SamplingRule {
  const double* probability = nullptr;  // of every output where its input is 0; null: every output is reconstructed
  NoiseKey key{};
};

template <class T>
class AutoencoderTrainer {
 public:
  AutoencoderTrainer(const AutoencoderView<T>& view, const Inputs<T>& clean, const T* targets, const int64_t* ids,
                     Noise noise, double level, double p_one, NoiseKey key, const SamplingRule& sampling, T l1,
                     int64_t batch, int n_threads, bool skip, TrainTotals start)
      : a_(view), clean_(clean), targets_(targets), ids_(ids), sampling_(sampling), l1_(l1), batch_(batch), skip_(skip),
        team_(n_threads), corruptor_(clean, noise, level, p_one, key, batch), clean_maker_(clean, batch),
        noisy_maker_(corruptor_.corrupted(), batch), noisy_(n_in(), batch, n_threads), clean_panel_(n_in(), batch, n_threads),
        code_panel_(n_hidden(), batch, n_threads), code_(batch, n_hidden()), clean_code_(batch, n_hidden()),
        delta_(batch, n_hidden()), clean_delta_(batch, n_hidden()), gradient_(batch, n_hidden()), no_l1_(batch),
        losses_(a_.by_output ? n_in() : batch), totals_(std::move(start)) {
    if (!view.encoder.exact_zeros()) {
      slope_ = RowsBuffer<T>(batch, n_hidden());
      if (l1_ != 0) clean_slope_ = RowsBuffer<T>(batch, n_hidden());
    }
    for (int64_t e = 0; e < batch; ++e) {
      code_pointers_.push_back(code_.rows[e]);
      rows_.push_back(e);
    }
    if (!targets_ && !clean.dense) target_rows_ = Buffer<T>(batch * n_in());
    target_.resize(size_t(batch));
    if (a_.by_output) {
      wanted_ = std::make_unique<PanelBuffer<T>>(n_in(), batch, 1);
      z_ = Buffer<T>(n_in() * batch);
      target_values_ = Buffer<T>(n_in() * batch);
      delta_values_ = Buffer<T>(n_in() * batch + line<T>);
      words_ = Buffer<uint32_t>(round_up(n_in(), 4));
      if (sampling.probability) {
        for (int64_t k = 0; k < n_in(); ++k) last_drawn_.push_back(uint32_t(std::max<uint64_t>(1, threshold(sampling.probability[k])) - 1));
        marks_.resize(size_t(batch * n_in()));
        wanted_by_.resize(size_t(n_in()));
      }
    } else {
      z_rows_ = RowsBuffer<T>(batch, n_in());
      out_delta_ = RowsBuffer<T>(batch, n_in());
    }
    for (int t = 0; t < n_threads; ++t) scratch_.emplace_back(batch);
    totals_.active.assign(2, 0);
    totals_.unions.assign(2, 0);
  }

  const TrainTotals& run(const int64_t* order, int64_t n, const double* rates) {
    team_.run([&](int t) {
      for (int64_t first = 0, s = 0; first < n; first += batch_, ++s)
        step(order + first, std::min(batch_, n - first), T(rates[s]), t);
    });
    return totals_;
  }

 private:
  int64_t n_in() const { return a_.encoder.n_in; }
  int64_t n_hidden() const { return a_.encoder.n_out; }

  void step(const int64_t* rows, int64_t n, T rate, int t) {
    if (t == 0) prepare(rows, n);
    team_.meet();
    encode(n, t);
    if (a_.by_output) decode_by_output(n, rate, t);
    else decode_by_unit(n, rate, t);
    if (t == 0) count(n);
    update_encoder(n, rate, t);
    if (t == 0 && target_rows_.get()) forget_targets(rows, n);
  }

  void prepare(const int64_t* rows, int64_t n) {
    corruptor_.make(rows, n, ids_);
    noisy_maker_.make(rows_.data(), n, !skip_, noisy_.panel);
    if (l1_ != 0) clean_maker_.make(rows, n, !skip_, clean_panel_.panel);
    for (int64_t e = 0; e < n; ++e) {
      if (targets_) target_[size_t(e)] = targets_ + rows[e] * n_in();
      else if (clean_.dense) target_[size_t(e)] = clean_.dense + rows[e] * n_in();
      else {
        T* row = target_rows_.get() + e * n_in();
        for (int64_t p = clean_.indptr[rows[e]]; p < clean_.indptr[rows[e] + 1]; ++p) row[clean_.indices[p]] += clean_.data[p];
        target_[size_t(e)] = row;
      }
    }
    if (a_.by_output) choose_outputs(rows, n);
  }

  void forget_targets(const int64_t* rows, int64_t n) {
    for (int64_t e = 0; e < n; ++e)
      for (int64_t p = clean_.indptr[rows[e]]; p < clean_.indptr[rows[e] + 1]; ++p)
        target_rows_.get()[e * n_in() + clean_.indices[p]] = 0;
  }

  // The panel of outputs to reconstruct: value = weight of the cost of output row[k] in example e, 0 for not wanted.
  void choose_outputs(const int64_t* rows, int64_t n) {
    Panel<T>& wanted = wanted_->panel;
    if (!sampling_.probability) {
      for (int64_t k = 0; k < n_in(); ++k) {
        wanted.row[k] = int32_t(k);
        for (int64_t e = 0; e < wanted.ld; ++e) wanted.value[k * wanted.ld + e] = T(e < n);
      }
      wanted.count[0] = n_common_ = n_in();
      wanted.active[0] = n_in() * n;
      return;
    }
    // Marks of every example: drawn, or needed because the input is not 0 or the noise switched it on.
    std::fill(wanted_by_.begin(), wanted_by_.end(), 0);
    for (int64_t e = 0; e < n; ++e) {
      uint8_t* __restrict mark = marks_.data() + e * n_in();
      decoder_kernels<T>().words(sampling_.key.seed, sampling_.key.purpose, sampling_.key.epoch, uint64_t(ids_[rows[e]]),
                                 (n_in() + 3) / 4, words_.get());
      const uint32_t *word = words_.get(), *last = last_drawn_.data();
      for (int64_t k = 0; k < n_in(); ++k) mark[k] = word[k] <= last[k] ? drawn : 0;
      each_nonzero(clean_, rows[e], [&](int64_t k) { mark[k] = needed; });
      each_nonzero(corruptor_.corrupted(), e, [&](int64_t k) { mark[k] = needed; });
      int32_t* wanted_by = wanted_by_.data();
      for (int64_t k = 0; k < n_in(); ++k) wanted_by[k] += mark[k] != 0;
    }
    int64_t count = 0, active = 0;
    for (const bool common : {true, false}) {  // what more than two thirds of the examples want comes first
      for (int64_t k = 0; k < n_in(); ++k) {
        const int64_t wanted_by = wanted_by_[size_t(k)];
        if (wanted_by == 0 || (3 * wanted_by > 2 * n) != common) continue;
        const T weight[] = {T(0), T(1.0 / sampling_.probability[k]), T(1)};  // by mark
        T* value = wanted.value + count * wanted.ld;
        for (int64_t e = 0; e < wanted.ld; ++e) value[e] = weight[e < n ? marks_[size_t(e * n_in() + k)] : 0];
        active += wanted_by;
        wanted.row[count++] = int32_t(k);
      }
      if (common) n_common_ = count;
    }
    wanted.count[0] = count;
    wanted.active[0] = active;
  }

  template <class F>
  static void each_nonzero(const Inputs<T>& x, int64_t row, F&& visit) {
    if (x.dense) {
      for (int64_t i = 0; i < x.n_inputs; ++i)
        if (x.dense[row * x.n_inputs + i] != 0) visit(i);
    } else {
      for (int64_t p = x.indptr[row]; p < x.indptr[row + 1]; ++p)
        if (x.data[p] != 0) visit(int64_t(x.indices[p]));
    }
  }

  Share columns(int64_t n, int t) const {  // thread t's share of n columns, in whole lines
    const Share lines = share(round_up(n, line<T>) / line<T>, t, team_.size());
    return {lines.begin * line<T>, lines.end * line<T>};
  }

  void encode(int64_t n, int t) {
    const Kernels<T>& k = kernels<T>();
    const Share c = columns(n_hidden(), t);
    k.forward(a_.encoder, noisy_.panel, n, c.begin, c.end, !skip_, code_.rows, slope_.rows);
    if (l1_ != 0) k.forward(a_.encoder, clean_panel_.panel, n, c.begin, c.end, !skip_, clean_code_.rows, clean_slope_.rows);
    Panel<T>& codes = code_panel_.panel;
    codes.begin[t] = c.begin;
    k.emit(code_pointers_.data(), n, c.begin, std::max(c.begin, std::min(c.end, n_hidden())), every_code(), codes, t);
    if (t == 0) codes.n_segments = team_.size();
    if (c.end > c.begin)
      for (int64_t e = 0; e < n; ++e) std::memset(delta_.rows[e] + c.begin, 0, size_t(c.end - c.begin) * sizeof(T));
    team_.meet();
  }

  bool every_code() const { return !skip_ || !a_.encoder.exact_zeros(); }

  // ------------------------------------------------------------------------------------------- decoder by hidden unit

  void decode_by_unit(int64_t n, T rate, int t) {
    const Kernels<T>& k = kernels<T>();
    const Share c = columns(n_in(), t);
    k.forward(a_.decoder, code_panel_.panel, n, c.begin, c.end, every_code(), z_rows_.rows, Rows<T>{nullptr, 0});
    team_.meet();
    const Share mine = share(n, t, team_.size());
    for (int64_t e = mine.begin; e < mine.end; ++e)
      losses_.get()[e] = decoder_kernels<T>().reconstruct(a_.unit, a_.cross_entropy, z_rows_.rows[e], target_[size_t(e)],
                                                          nullptr, T(1) / T(n), n_in(), out_delta_.rows[e]);
    team_.meet();
    const Below<T> below{delta_.rows, slope_.rows, a_.encoder.signs, no_l1_.get()};
    backward(a_.decoder, code_panel_.panel, n, out_delta_.rows, rate, every_code(), &below, t);
    k.update_bias(a_.decoder, c.begin, c.end, n, out_delta_.rows, rate);
    team_.meet();
    if (t == 0) reconstructed(n, n_in() * n);
  }

  // ------------------------------------------------------------------------------------------- decoder by output

  void decode_by_output(int64_t n, T rate, int t) {
    const int64_t rows = wanted_->panel.count[0];
    if (team_.size() == 1) {
      for (int64_t e = 0; e < n; ++e) std::memset(gradient_.rows[e], 0, size_t(a_.decoder.columns()) * sizeof(T));
      in_blocks(n, rate);
      one_by_one(n, rate);
    } else {
      const Share mine = share(rows, t, team_.size()), c = columns(n_hidden(), t);
      costs(n, mine.begin, mine.end, t);
      team_.meet();
      kernels<T>().accumulate(a_.decoder, deltas(), 0, rows, true, n, c.begin, c.end, gradient_.rows);
      team_.meet();
      update_outputs(n, mine.begin, mine.end, rate, t);
    }
    const Share c = columns(n_hidden(), t);
    for (int64_t e = 0; e < n; ++e) code_delta(e, c.begin, std::min(c.end, n_hidden()));
    team_.meet();
    if (t == 0) reconstructed(rows, wanted_->panel.active[0]);
  }

  // What many examples want: few enough rows to stay in the second-level cache from their products to their update.
  void in_blocks(int64_t n, T rate) {
    const int64_t block = std::max<int64_t>(16, (int64_t(1) << 19) / (a_.decoder.stride * int64_t(sizeof(T))));
    for (int64_t k0 = 0; k0 < n_common_; k0 += block) {
      const int64_t k1 = std::min(n_common_, k0 + block);
      costs(n, k0, k1, 0);
      kernels<T>().accumulate(a_.decoder, deltas(), k0, k1, false, n, 0, a_.decoder.columns(), gradient_.rows);
      update_outputs(n, k0, k1, rate, 0);
    }
  }

  // What few want: a row is used and updated while it is in the first-level cache.
  void one_by_one(int64_t n, T rate) {
    const Panel<T>& wanted = wanted_->panel;
    const int64_t rows = wanted.count[0];
    for (int64_t k = n_common_; k < rows; ++k) {
      costs(n, k, k + 1, 0);
      kernels<T>().spread(a_.decoder, wanted.row[k], wanted.row[std::min(k + 1, rows - 1)],
                          delta_values_.get() + k * wanted.ld, n, code_.rows, rate, gradient_.rows, scratch_[0].scratch);
      update_output_bias(n, k, rate);
    }
  }

  Panel<T> deltas() const {  // the rows of `wanted`, with the cost's gradients for values
    Panel<T> panel = wanted_->panel;
    panel.value = delta_values_.get();
    return panel;
  }

  void costs(int64_t n, int64_t k0, int64_t k1, int t) {
    const Panel<T>& wanted = wanted_->panel;
    const int64_t ld = wanted.ld;
    kernels<T>().products(a_.decoder, wanted, k0, k1, n, code_.rows, z_.get(), scratch_[size_t(t)].scratch);
    for (int64_t k = k0; k < k1; ++k) {
      const int64_t output = wanted.row[k];
      T *z = z_.get() + k * ld, *target = target_values_.get() + k * ld;
      const T *weight = wanted.value + k * ld, b = a_.decoder.b[output];
      for (int64_t e = 0; e < n; ++e) {
        const T computed = z[e] + b;
        z[e] = weight[e] != 0 ? computed : T(0);
        target[e] = target_[size_t(e)][output];
      }
      losses_.get()[k] = decoder_kernels<T>().reconstruct(a_.unit, a_.cross_entropy, z, target, weight, T(1) / T(n), n,
                                                          delta_values_.get() + k * ld);
    }
  }

  void update_outputs(int64_t n, int64_t k0, int64_t k1, T rate, int t) {
    if (k1 > k0)
      kernels<T>().backward(a_.decoder, deltas(), k0, k1, n, code_.rows, rate, false, nullptr, scratch_[size_t(t)].scratch);
    for (int64_t k = k0; k < k1; ++k) update_output_bias(n, k, rate);
  }

  void update_output_bias(int64_t n, int64_t k, T rate) {
    const Panel<T>& wanted = wanted_->panel;
    T& c = a_.decoder.b[wanted.row[k]];
    for (int64_t e = 0; e < n; ++e) c -= rate * delta_values_.get()[k * wanted.ld + e];
  }

  void code_delta(int64_t e, int64_t c0, int64_t c1) {
    const T* __restrict gradient = gradient_.rows[e];
    const T* __restrict slope = slope_.rows.data ? slope_.rows[e] : code_.rows[e];
    const T* s = a_.encoder.signs;
    T* __restrict delta = delta_.rows[e];
    if (slope_.rows.data) for (int64_t j = c0; j < c1; ++j) delta[j] = gradient[j] * slope[j];
    else
      for (int64_t j = c0; j < c1; ++j) {  // loaded before it is chosen: no branch, which half of the units would mispredict
        const T loaded = gradient[j];
        delta[j] = slope[j] != 0 ? loaded : T(0);
      }
    if (s) for (int64_t j = c0; j < c1; ++j) delta[j] *= s[j];
  }

  // ------------------------------------------------------------------------------------------- encoder

  void update_encoder(int64_t n, T rate, int t) {
    const Kernels<T>& k = kernels<T>();
    const Share c = columns(n_hidden(), t);
    if (l1_ != 0)
      for (int64_t e = 0; e < n; ++e) penalty_delta(e, l1_ / T(n), c.begin, std::min(c.end, n_hidden()));
    backward(a_.encoder, noisy_.panel, n, delta_.rows, rate, !skip_, nullptr, t);
    k.update_bias(a_.encoder, c.begin, c.end, n, delta_.rows, rate);
    team_.meet();
    if (l1_ == 0) return;
    backward(a_.encoder, clean_panel_.panel, n, clean_delta_.rows, rate, !skip_, nullptr, t);
    k.update_bias(a_.encoder, c.begin, c.end, n, clean_delta_.rows, rate);
    team_.meet();
  }

  void penalty_delta(int64_t e, T l1, int64_t c0, int64_t c1) {
    const T *h = clean_code_.rows[e], *s = a_.encoder.signs, *slope = clean_slope_.rows.data ? clean_slope_.rows[e] : nullptr;
    for (int64_t j = c0; j < c1; ++j) {
      const T pull = h[j] > 0 ? T(1) : h[j] < 0 ? T(-1) : h[j];
      clean_delta_.rows[e][j] = l1 * pull * (s ? s[j] : T(1)) * (slope ? slope[j] : T(h[j] != 0));
    }
  }

  void backward(const Layer<T>& layer, const Panel<T>& x, int64_t n, Rows<T> delta, T rate, bool every, const Below<T>* below,
                int t) {
    for (int64_t s = 0; s < x.n_segments; ++s) {
      const Share rows = share(x.count[s], t, team_.size());
      if (rows.end > rows.begin)
        kernels<T>().backward(layer, x, x.begin[s] + rows.begin, x.begin[s] + rows.end, n, delta, rate, every, below,
                              scratch_[size_t(t)].scratch);
    }
  }

  // ------------------------------------------------------------------------------------------- totals

  void reconstructed(int64_t n_losses, int64_t entries) {
    for (int64_t i = 0; i < n_losses; ++i) totals_.loss += losses_.get()[i];
    totals_.errors += double(entries);
  }

  void count(int64_t n) {
    const Panel<T>* panels[] = {&noisy_.panel, &code_panel_.panel};
    const bool every[] = {!skip_, every_code()};
    for (size_t i = 0; i < 2; ++i) {
      totals_.active[i] += panels[i]->n_active();
      totals_.unions[i] += rows_on(*panels[i], every[i], n);
    }
    if (l1_ == 0) return;
    double sum = 0;
    for (int64_t e = 0; e < n; ++e)
      for (int64_t j = 0; j < n_hidden(); ++j) sum += std::abs(double(clean_code_.rows[e][j]));
    totals_.penalty += double(l1_) * sum;
  }

  static constexpr uint8_t drawn = 1, needed = 2;

  AutoencoderView<T> a_;
  Inputs<T> clean_;
  const T* targets_;
  const int64_t* ids_;
  SamplingRule sampling_;
  T l1_;
  int64_t batch_;
  bool skip_;
  Team team_;
  Corruptor<T> corruptor_;
  PanelMaker<T> clean_maker_, noisy_maker_;
  PanelBuffer<T> noisy_, clean_panel_, code_panel_;
  RowsBuffer<T> code_, clean_code_, delta_, clean_delta_, gradient_, slope_, clean_slope_, z_rows_, out_delta_;
  Buffer<T> no_l1_;
  Buffer<double> losses_;
  Buffer<T> target_rows_, z_, target_values_, delta_values_;
  Buffer<uint32_t> words_;
  std::unique_ptr<PanelBuffer<T>> wanted_;
  std::vector<uint32_t> last_drawn_;  // random words up to this one draw the output
  std::vector<uint8_t> marks_;
  std::vector<int32_t> wanted_by_;  // how many examples want each output
  int64_t n_common_ = 0;            // rows of `wanted` that many of them want
  std::vector<const T*> code_pointers_, target_;
  std::vector<int64_t> rows_;
  std::vector<ScratchBuffer<T>> scratch_;
  TrainTotals totals_;
};

}  // namespace rectinet
