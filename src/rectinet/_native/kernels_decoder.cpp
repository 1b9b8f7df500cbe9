// Random words and reconstruction heads, compiled once per instruction set.
#include "decoder.hpp"
#include "vecmath.hpp"

namespace rectinet::RECTINET_ISA_NS {

// Philox4x32-10 (Salmon et al. 2011, section 3.3), a run of counters at a time so that the compiler can use vectors.
void words(uint64_t seed, uint64_t purpose, uint64_t epoch, uint64_t example, int64_t n_blocks, uint32_t* out) {
  constexpr int64_t run = 64;
  for (int64_t first = 0; first < n_blocks; first += run) {
    alignas(64) uint32_t c0[run], c1[run], c2[run], c3[run];
    for (int64_t i = 0; i < run; ++i) {
      c0[i] = uint32_t(first + i);
      c1[i] = uint32_t(example);
      c2[i] = uint32_t(epoch);
      c3[i] = uint32_t(example >> 32) | uint32_t(purpose << 24);
    }
    uint32_t k0 = uint32_t(seed), k1 = uint32_t(seed >> 32);
    for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u)
      for (int64_t i = 0; i < run; ++i) {
        const uint64_t product0 = uint64_t(c0[i]) * 0xD2511F53u, product1 = uint64_t(c2[i]) * 0xCD9E8D57u;
        c0[i] = uint32_t(product1 >> 32) ^ c1[i] ^ k0;
        c2[i] = uint32_t(product0 >> 32) ^ c3[i] ^ k1;
        c1[i] = uint32_t(product1);
        c3[i] = uint32_t(product0);
      }
    const int64_t n = n_blocks - first < run ? n_blocks - first : run;
    uint32_t* to = out + 4 * first;
    for (int64_t i = 0; i < n; ++i) {
      to[4 * i] = c0[i];
      to[4 * i + 1] = c1[i];
      to[4 * i + 2] = c2[i];
      to[4 * i + 3] = c3[i];
    }
  }
}

template <class T>
RN_INLINE ValueAndSlope<T> output_unit(Unit unit, Vec<T> z) {
  const Vec<T> one = splat<T>(T(1)), zero{};
  switch (unit) {
    case Unit::rectifier: return {z <= 0 ? zero : z, z > 0 ? one : zero};
    case Unit::softplus: return softplus<T>(z, T(1));
    case Unit::tanh: return tanh_unit<T>(z);
    case Unit::logistic: return logistic<T>(z);
    default: return {z, one};
  }
}

template <class T>
double reconstruct(Unit unit, bool cross_entropy, const T* z, const T* target, const T* weight, T scale, int64_t n, T* delta) {
  // Losses are summed in double over the entries of a cache line side by side: one order for every vector width.
  double sum[line<T>] = {};
  for (int64_t c = 0; c < n; c += line<T>) {
    const int64_t m = n - c < line<T> ? n - c : line<T>;
    alignas(64) T zs[line<T>] = {}, ts[line<T>] = {}, ws[line<T>] = {}, loss[line<T>], slope[line<T>];
    for (int64_t i = 0; i < m; ++i) {
      zs[i] = z[c + i];
      ts[i] = target[c + i];
      ws[i] = weight ? weight[c + i] : T(1);
    }
    for (int64_t i = 0; i < line<T>; i += lanes<T>) {
      const Vec<T> at = load(zs + i), t = load(ts + i);
      if (cross_entropy) {
        store<T>(loss + i, softplus<T>(at, T(1)).value - t * at);
        store<T>(slope + i, logistic<T>(at).value - t);
      } else {
        const ValueAndSlope<T> g = output_unit<T>(unit, at);
        const Vec<T> difference = g.value - t;
        store<T>(loss + i, difference * difference);
        store<T>(slope + i, (difference + difference) * g.slope);
      }
    }
    for (int64_t i = 0; i < line<T>; ++i) sum[i] += double(ws[i]) * double(loss[i]);
    for (int64_t i = 0; i < m; ++i) delta[c + i] = scale * ws[i] * slope[i];
  }
  double total = 0;
  for (int64_t i = 0; i < line<T>; ++i) total += sum[i];
  return total;
}

template <class T>
constexpr DecoderKernels<T> decoder_table = {words, reconstruct<T>};

extern const DecoderDispatch decoder;
const DecoderDispatch decoder = {&decoder_table<float>, &decoder_table<double>};

}  // namespace rectinet::RECTINET_ISA_NS
