// A decoder stored by hidden unit is an ordinary layer: forward and backward skip the units that are off.
#pragma once
#include "decoder.hpp"

namespace rectinet {

template <class T>
class DecoderByUnit final : public Decoder<T> {
 public:
  DecoderByUnit(const DecoderView<T>& view, int64_t batch)
      : view_(view), layer_{view.V, view.c, nullptr, Unit::linear, T(1)}, outputs_(layer_, batch, false),
        losses_(batch) {}

  void run(const DecoderStep<T>& s, DenoisingTotals& totals) override {
    const Panel<T>& code = s.code.active.panel;
    s.worker.forward(layer_, code, s.n(), outputs_);
    s.worker.wait();
    const Range mine = s.worker.share(s.n());
    for (int64_t e = mine.begin; e < mine.end; ++e)
      losses_.get()[e] =
          decoder_kernels<T>().reconstruct(view_.unit, view_.cross_entropy, outputs_.value.rows[e], s.targets[e],
                                           nullptr, T(1) / T(s.n()), layer_.n_out(), outputs_.delta.rows[e]);
    s.worker.wait();
    const InputDelta<T> below = s.code.units.input_delta();
    s.worker.backward(layer_, code, s.minibatch, outputs_.delta.rows, &below);
    s.worker.wait();
    if (!s.worker.leads()) return;
    for (int64_t e = 0; e < s.n(); ++e) totals.loss += losses_.get()[e];
    totals.reconstructed += double(layer_.n_out() * s.n());
  }

 private:
  DecoderView<T> view_;
  Layer<T> layer_;
  Activations<T> outputs_;
  Buffer<double> losses_;  // of the examples
};

}  // namespace rectinet
