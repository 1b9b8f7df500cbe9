// A decoder stored by output (tied, or sampled) is worked off some outputs at a time - products, costs, the code's
// gradient, update - so that each of its rows is read and written once a step while it is in cache.
#pragma once
#include "wanted_outputs.hpp"

namespace rectinet {

template <class T>
class DecoderByOutput final : public Decoder<T> {
 public:
  DecoderByOutput(const DecoderView<T>& view, WantedOutputs<T> wanted, int64_t batch)
      : view_(view), wanted_(std::move(wanted)), code_gradient_(batch, view.V.n_columns), losses_(view.V.n_rows),
        z_(view.V.n_rows * batch), target_(view.V.n_rows * batch), gradient_(view.V.n_rows * batch + line<T>) {}

  void choose(const int64_t* examples, int64_t n, const Inputs<T>& noisy) override {
    wanted_.choose(examples, n, noisy);
  }

  void run(const DecoderStep<T>& s, DenoisingTotals& totals) override {
    const Range mine = s.worker.columns(view_.V.n_columns);
    if (s.worker.alone()) {
      for (int64_t e = 0; e < s.n(); ++e)
        std::memset(code_gradient_.rows[e], 0, size_t(view_.V.padded_columns()) * sizeof(T));
      in_blocks(s);
      one_by_one(s);
    } else {
      const Range rows = s.worker.share(wanted_.n_rows());
      costs(s, rows);
      s.worker.wait();
      accumulate(s, {0, wanted_.n_rows()}, true, mine);
      s.worker.wait();
      update(s, rows);
    }
    for (int64_t e = 0; e < s.n(); ++e) code_delta(s.code.units, e, mine.up_to(view_.V.n_columns));
    s.worker.wait();
    if (!s.worker.leads()) return;
    for (int64_t k = 0; k < wanted_.n_rows(); ++k) totals.loss += losses_.get()[k];
    totals.reconstructed += double(wanted_.n_entries());
  }

 private:
  // What many examples want: few enough rows to stay in the second-level cache from their products to their update.
  void in_blocks(const DecoderStep<T>& s) {
    const int64_t block = std::max<int64_t>(16, (int64_t(1) << 19) / (view_.V.stride * int64_t(sizeof(T))));
    for (int64_t k = 0; k < wanted_.n_common(); k += block) {
      const Range rows{k, std::min(wanted_.n_common(), k + block)};
      costs(s, rows);
      accumulate(s, rows, false, {0, view_.V.padded_columns()});
      update(s, rows);
    }
  }

  // What few want: a row is used and updated while it is in the first-level cache.
  void one_by_one(const DecoderStep<T>& s) {
    const int64_t n_rows = wanted_.n_rows();
    for (int64_t k = wanted_.n_common(); k < n_rows; ++k) {
      costs(s, {k, k + 1});
      decoder_.accumulate_and_update(view_.V, wanted_.output(k), wanted_.output(std::min(k + 1, n_rows - 1)),
                                     gradient(k), s.n(), s.H(), s.minibatch.rule, code_gradient_.rows,
                                     s.worker.scratch());
      update_bias(s, k);
    }
  }

  void costs(const DecoderStep<T>& s, Range rows) {
    const int64_t ld = wanted_.ld(), n = s.n();
    decoder_.products(view_.V, wanted_.weights(), wanted_.n_rows(), rows, n, s.H(), z_.get(), s.worker.scratch());
    for (int64_t k = rows.begin; k < rows.end; ++k) {
      const int64_t output = wanted_.output(k);
      const T *weight = wanted_.weight(k), c = view_.c[output];
      T *z = z_.get() + k * ld, *target = target_.get() + k * ld;
      for (int64_t e = 0; e < n; ++e) {
        const T computed = z[e] + c;
        z[e] = weight[e] != 0 ? computed : T(0);
        target[e] = s.targets[e][output];
      }
      losses_.get()[k] =
          decoder_.reconstruct(view_.unit, view_.cross_entropy, z, target, weight, T(1) / T(n), n, gradient(k));
    }
  }

  void accumulate(const DecoderStep<T>& s, Range rows, bool first, Range columns) {
    decoder_.accumulate(view_.V, wanted_.with(gradient_.get()), rows, first, s.n(), columns, code_gradient_.rows);
  }

  void update(const DecoderStep<T>& s, Range rows) {
    if (rows.size() > 0)
      network_.backward(view_.V, wanted_.with(gradient_.get()), rows, s.n(), s.H(), s.minibatch.rule, nullptr,
                        s.worker.scratch());
    for (int64_t k = rows.begin; k < rows.end; ++k) update_bias(s, k);
  }

  void update_bias(const DecoderStep<T>& s, int64_t k) {  // a row of gradients is a column of deltas
    network_.update_bias(view_.c + wanted_.output(k), {0, 1}, s.n(), Rows<T>{gradient(k), 1}, s.minibatch.rule);
  }

  T* gradient(int64_t k) const { return gradient_.get() + k * wanted_.ld(); }

  void code_delta(const Activations<T>& units, int64_t e, Range columns) const {
    const T* __restrict gradient = code_gradient_.rows[e];
    const T* __restrict slope = units.derivative.rows.data ? units.derivative.rows[e] : units.value.rows[e];
    T* __restrict delta = units.delta.rows[e];
    if (units.derivative.rows.data)
      for (int64_t j = columns.begin; j < columns.end; ++j) delta[j] = gradient[j] * slope[j];
    else
      for (int64_t j = columns.begin; j < columns.end; ++j) {  // loaded before it is chosen: no branch to mispredict
        const T loaded = gradient[j];
        delta[j] = slope[j] != 0 ? loaded : T(0);
      }
    if (units.signs)
      for (int64_t j = columns.begin; j < columns.end; ++j) delta[j] *= units.signs[j];
  }

  const NetworkKernels<T>& network_ = kernels<T>();
  const DecoderKernels<T>& decoder_ = decoder_kernels<T>();
  DecoderView<T> view_;
  WantedOutputs<T> wanted_;
  RowsBuffer<T> code_gradient_;      // (n_examples, n_hidden)
  Buffer<double> losses_;            // of the wanted outputs
  Buffer<T> z_, target_, gradient_;  // by wanted output and example, as its weights
};

}  // namespace rectinet
