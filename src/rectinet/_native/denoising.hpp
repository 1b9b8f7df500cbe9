// Minibatch training of one denoising auto-encoder.
#pragma once
#include <cmath>

#include "decoder_by_output.hpp"
#include "decoder_by_unit.hpp"
#include "supervised.hpp"

namespace rectinet {

template <class T>
class DenoisingTrainer {
 public:
  DenoisingTrainer(const Denoising<T>& problem, const Steps<T>& steps, const Execution& how)
      : p_(problem), steps_(steps), crew_(how.n_threads, steps.batch_size),
        corruptor_(p_.clean, p_.ids, p_.corruption, steps.batch_size), targets_(p_.targets, p_.clean, steps.batch_size),
        maker_(corruptor_.corrupted(), steps.batch_size), noisy_(p_.clean.n_inputs, steps.batch_size, !how.skip_zeros),
        code_{{p_.encoder, steps.batch_size, true},
              {p_.encoder.n_out(), steps.batch_size, !how.skip_zeros || !p_.encoder.exact_zeros(), how.n_threads}},
        counts_{{0, 0}, {0, 0}} {
    const int64_t batch = steps.batch_size;
    if (p_.l1 != 0) clean_ = std::make_unique<Clean>(p_, batch, how);
    for (int64_t e = 0; e < batch; ++e) rows_.push_back(e);
    if (p_.decoder.by_output)
      decoder_ = std::make_unique<DecoderByOutput<T>>(p_.decoder,
                                                      WantedOutputs<T>(p_.clean, p_.ids, p_.sampling, batch), batch);
    else decoder_ = std::make_unique<DecoderByUnit<T>>(p_.decoder, batch);
  }

  // Counts are those of the corrupted inputs and of the code.
  Counts run(DenoisingTotals& totals) {
    crew_.run(steps_, [&](const Minibatch<T>& m, Worker<T>& worker) { step(m, worker, totals); });
    return counts_;
  }

 private:
  // What the penalty is computed from: the code of the clean inputs.
  struct Clean {
    Clean(const Denoising<T>& p, int64_t batch, const Execution& how)
        : maker(p.clean, batch), inputs(p.clean.n_inputs, batch, !how.skip_zeros), units(p.encoder, batch, true) {}
    PanelMaker<T> maker;
    PanelBuffer<T> inputs;
    Activations<T> units;
  };

  void step(const Minibatch<T>& m, Worker<T>& worker, DenoisingTotals& totals) {
    if (worker.leads()) prepare(m);
    worker.wait();
    worker.forward(p_.encoder, noisy_.panel, m.n, code_.units);
    if (clean_) worker.forward(p_.encoder, clean_->inputs.panel, m.n, clean_->units);
    worker.emit(code_.units, p_.encoder.n_out(), m.n, code_.active.panel);
    worker.wait();
    decoder_->run({m, targets_, code_, worker}, totals);
    if (worker.leads()) count(m.n, totals);
    if (clean_) penalty_delta(m.n, worker.columns(p_.encoder.n_out()).up_to(p_.encoder.n_out()));
    worker.backward(p_.encoder, noisy_.panel, m, code_.units.delta.rows, nullptr);
    worker.wait();
    if (!clean_) return;
    worker.backward(p_.encoder, clean_->inputs.panel, m, clean_->units.delta.rows, nullptr);
    worker.wait();
  }

  void prepare(const Minibatch<T>& m) {
    corruptor_.make(m.examples, m.n);
    maker_.make(rows_.data(), m.n, noisy_.panel);
    if (clean_) clean_->maker.make(m.examples, m.n, clean_->inputs.panel);
    targets_.make(m.examples, m.n);
    decoder_->choose(m.examples, m.n, corruptor_.corrupted());
  }

  void penalty_delta(int64_t n, Range columns) {
    const Activations<T>& units = clean_->units;
    const T l1 = p_.l1 / T(n);
    for (int64_t e = 0; e < n; ++e) {
      const T *h = units.value.rows[e], *slope = units.derivative.rows.data ? units.derivative.rows[e] : nullptr;
      for (int64_t j = columns.begin; j < columns.end; ++j)
        units.delta.rows[e][j] =
            l1 * sign(h[j]) * (units.signs ? units.signs[j] : T(1)) * (slope ? slope[j] : T(h[j] != 0));
    }
  }

  void count(int64_t n, DenoisingTotals& totals) {
    const Panel<T>* panels[] = {&noisy_.panel, &code_.active.panel};
    for (size_t i = 0; i < 2; ++i) {
      counts_.active[i] += panels[i]->n_active();
      counts_.unions[i] += rows_on(*panels[i], n);
    }
    if (!clean_) return;
    double sum = 0;
    for (int64_t e = 0; e < n; ++e)
      for (int64_t j = 0; j < p_.encoder.n_out(); ++j) sum += std::abs(double(clean_->units.value.rows[e][j]));
    totals.penalty += double(p_.l1) * sum;
  }

  Denoising<T> p_;
  Steps<T> steps_;
  Crew<T> crew_;
  Corruptor<T> corruptor_;
  ReconstructionTargets<T> targets_;
  PanelMaker<T> maker_;  // of the corrupted inputs
  PanelBuffer<T> noisy_;
  Code<T> code_;
  Counts counts_;
  std::unique_ptr<Clean> clean_;
  std::unique_ptr<Decoder<T>> decoder_;
  std::vector<int64_t> rows_;  // 0, 1, ...: all examples of the corrupted minibatch
};

}  // namespace rectinet
