// Corruption of minibatches, bit for bit that of rectinet.noise; see there for the definitions.
#pragma once
#include <cmath>

#include "inputs.hpp"

namespace rectinet {

enum class Noise : int32_t { none, masking, salt_and_pepper, gaussian };

struct Corruption {
  Noise noise;
  double level, p_one;  // probability of a zero, or standard deviation; probability of a one
  NoiseKey key;
};

// An event of probability p happens to the words below this; 2^32 for p = 1.
inline uint64_t threshold(double p) { return uint64_t(std::nearbyint(p * 4294967296.0)); }

// The inverse normal distribution function at (word + 1/2) / 2^32: AS 241 (Wichura 1988), every operation rounded.
inline double normal(uint32_t word) {
  const auto horner = [](const double* c, int n, double x) {
    double total = c[0];
    for (int i = 1; i < n; ++i) total = total * x + c[i];
    return total;
  };
  static constexpr double centre_p[] = {2509.0809287301226727, 33430.575583588128105, 67265.770927008700853,
                                        45921.953931549871457, 13731.693765509461125, 1971.5909503065514427,
                                        133.14166789178437745, 3.3871328727963666080};
  static constexpr double centre_q[] = {
      5226.4952788528545610, 28729.085735721942674, 39307.895800092710610, 21213.794301586595867,
      5394.1960214247511077, 687.18700749205790830, 42.313330701600911252, 1.0};
  static constexpr double tails_p[] = {7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177,
                                       1.27045825245236838258,   3.64784832476320460504,   5.7694972214606914055,
                                       4.6303378461565452959,    1.42343711074968357734};
  static constexpr double tails_q[] = {
      1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
      0.68976733498510000455,    1.6763848301838038494,   2.05319162663775882187,   1.0};
  static constexpr double log_series[] = {1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11,
                                          1.0 / 9,  1.0 / 7,  1.0 / 5,  1.0 / 3,  1.0};
  const double u = (double(word) + 0.5) * 0x1p-32, q = u - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * horner(centre_p, 8, r) / horner(centre_q, 8, r);
  }
  int e;
  double m = std::frexp(u < 1.0 - u ? u : 1.0 - u, &e);
  if (m < 0.7071067811865476) {
    m = 2.0 * m;
    --e;
  }
  const double s = (m - 1.0) / (m + 1.0);
  const double log = double(e) * 0.6931471805599453 + 2.0 * s * horner(log_series, 11, s * s);
  const double r = std::sqrt(-log) - 1.6, tail = horner(tails_p, 8, r) / horner(tails_q, 8, r);
  return q < 0 ? -tail : tail;
}

// Corrupts one minibatch after another into buffers of its own, of the kind of its inputs.
template <class T>
class Corruptor {
 public:
  // ids: who every row is, for the keys of its noise.
  Corruptor(const Inputs<T>& clean, const int64_t* ids, const Corruption& corruption, int64_t batch)
      : clean_(clean), ids_(ids), c_(corruption), zero_(threshold(c_.level)), one_(threshold(c_.p_one)),
        words_(round_up(clean.n_inputs, 4)), values_(batch * clean.n_inputs), corrupted_{batch, clean.n_inputs} {
    if (clean.X) {
      corrupted_.X = values_.get();
    } else {
      indices_ = Buffer<int32_t>(batch * clean.n_inputs);
      indptr_ = Buffer<int64_t>(batch + 1);
      corrupted_.data = values_.get();
      corrupted_.indices = indices_.get();
      corrupted_.indptr = indptr_.get();
    }
  }

  // What `make` filled: rows 0 .. n - 1 are the corrupted examples of the last minibatch.
  const Inputs<T>& corrupted() const { return corrupted_; }

  void make(const int64_t* examples, int64_t n) {
    int64_t used = 0;
    for (int64_t e = 0; e < n; ++e) {
      const int64_t example = examples[e];
      if (c_.noise != Noise::none)
        instruction_set().noise.words(c_.key, uint64_t(ids_[example]), (clean_.n_inputs + 3) / 4, words_.get());
      if (clean_.X) dense_row(clean_.row(example), values_.get() + e * clean_.n_inputs);
      else used = sparse_row(example, e, used);
    }
  }

 private:
  void dense_row(const T* __restrict x, T* __restrict out) const {
    const uint32_t* __restrict word = words_.get();
    const int64_t n = clean_.n_inputs;
    switch (c_.noise) {
      case Noise::none: std::memcpy(out, x, size_t(n) * sizeof(T)); break;
      case Noise::masking: {
        const uint32_t last = uint32_t(zero_ - 1);  // masked up to here: 32 bits suffice, and twice as many at once
        if (zero_ == 0) std::memcpy(out, x, size_t(n) * sizeof(T));
        else
          for (int64_t i = 0; i < n; ++i) out[i] = word[i] <= last ? T(0) : x[i];
        break;
      }
      case Noise::salt_and_pepper:
        for (int64_t i = 0; i < n; ++i) out[i] = x[i] == 0 && word[i] < one_ ? T(1) : word[i] < zero_ ? T(0) : x[i];
        break;
      case Noise::gaussian:
        for (int64_t i = 0; i < n; ++i) out[i] = T(double(x[i]) + c_.level * normal(word[i]));
    }
  }

  // Canonical rows: ascending indices, no duplicates; entries that stay merged with the ones that appear.
  int64_t sparse_row(int64_t example, int64_t e, int64_t used) {
    const uint32_t* word = words_.get();
    const auto put = [&](int32_t i, T value) {
      indices_.get()[used] = i;
      values_.get()[used++] = value;
    };
    int64_t p = clean_.indptr[example];
    const int64_t end = clean_.indptr[example + 1];
    if (c_.noise != Noise::salt_and_pepper) {
      for (; p < end; ++p)
        if (clean_.data[p] != 0 && !(c_.noise == Noise::masking && word[clean_.indices[p]] < zero_))
          put(clean_.indices[p], clean_.data[p]);
    } else {
      for (int64_t i = 0; i < clean_.n_inputs; ++i) {
        while (p < end && clean_.indices[p] < i) ++p;
        const bool on = p < end && clean_.indices[p] == i && clean_.data[p] != 0;
        if (on && !(word[i] < zero_)) put(int32_t(i), clean_.data[p]);
        if (!on && word[i] < one_) put(int32_t(i), T(1));
      }
    }
    indptr_.get()[e + 1] = used;
    return used;
  }

  Inputs<T> clean_;
  const int64_t* ids_;
  Corruption c_;
  uint64_t zero_, one_;  // words below these make an entry 0, or 1
  Buffer<uint32_t> words_;
  Buffer<T> values_;
  Buffer<int32_t> indices_;
  Buffer<int64_t> indptr_;
  Inputs<T> corrupted_;
};

}  // namespace rectinet
