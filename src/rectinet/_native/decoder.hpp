// What a denoising auto-encoder is made of, and what its trainer asks of a decoder.
#pragma once
#include "noise.hpp"
#include "worker.hpp"

namespace rectinet {

template <class T>
struct DecoderView {
  Weights<T> V;  // by hidden unit (n_hidden, n_in), or by output (n_in, n_hidden)
  T* c;          // (n_in,)
  bool by_output;
  Unit unit;  // of the reconstruction
  bool cross_entropy;
};

struct Sampling {
  const double* probability;  // of every output where its input is 0; null: every output is reconstructed
  NoiseKey key;
};

// The cost is that of rectinet.autoencoder.
template <class T>
struct Denoising {
  Layer<T> encoder;
  DecoderView<T> decoder;
  Inputs<T> clean;
  const T* targets;    // (n_examples, n_in), or null: the clean inputs
  const int64_t* ids;  // of the examples, for their noise
  Corruption corruption;
  Sampling sampling;
  T l1;
};

struct DenoisingTotals {
  double loss = 0, penalty = 0, reconstructed = 0;
};

// What the examples of a minibatch are to be reconstructed to, as dense rows.
template <class T>
class ReconstructionTargets {
 public:
  ReconstructionTargets(const T* targets, const Inputs<T>& clean, int64_t batch)
      : targets_(targets ? targets : clean.X), clean_(clean), rows_(targets_ ? 0 : batch * clean.n_inputs),
        pointers_(size_t(batch)) {}

  void make(const int64_t* examples, int64_t n) {
    if (!targets_) forget();
    for (int64_t e = 0; e < n; ++e) {
      if (targets_) {
        pointers_[size_t(e)] = targets_ + examples[e] * clean_.n_inputs;
      } else {
        T* row = rows_.get() + e * clean_.n_inputs;
        clean_.each_on(examples[e], [&](int64_t i, T value) { row[i] = value; });
        pointers_[size_t(e)] = row;
      }
    }
    if (!targets_) made_.assign(examples, examples + n);
  }

  const T* operator[](int64_t e) const { return pointers_[size_t(e)]; }

 private:
  void forget() {  // what the last minibatch wrote, and no more: rows are mostly 0
    for (size_t e = 0; e < made_.size(); ++e)
      clean_.each_on(made_[e], [&](int64_t i, T) { rows_.get()[int64_t(e) * clean_.n_inputs + i] = 0; });
  }

  const T* targets_;
  Inputs<T> clean_;
  Buffer<T> rows_;
  std::vector<int64_t> made_;
  std::vector<const T*> pointers_;
};

// The code of a minibatch: the hidden units, and those of them that are on as inputs of a decoder.
template <class T>
struct Code {
  Activations<T> units;
  PanelBuffer<T> active;
};

// One worker's view of a step, after the code is computed.
template <class T>
struct DecoderStep {
  const Minibatch<T>& minibatch;
  const ReconstructionTargets<T>& targets;
  const Code<T>& code;
  Worker<T>& worker;

  int64_t n() const { return minibatch.n; }
  Rows<T> H() const { return code.units.value.rows; }
};

template <class T>
class Decoder {
 public:
  virtual ~Decoder() = default;
  // By one worker, while the others wait: which outputs are reconstructed.
  virtual void choose(const int64_t* /*examples*/, int64_t /*n*/, const Inputs<T>& /*noisy*/) {}
  // By all: reconstructs, adds to the totals, updates V and c, and leaves the delta of the code; ends with a barrier.
  virtual void run(const DecoderStep<T>&, DenoisingTotals&) = 0;
};

}  // namespace rectinet
