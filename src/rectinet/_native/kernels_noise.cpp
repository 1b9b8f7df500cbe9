// Random words, compiled once per instruction set.
#include "kernels.hpp"

namespace rectinet::RECTINET_ISA_NS {

// Philox4x32-10 (Salmon et al. 2011, section 3.3), a run of counters at a time so that the compiler can use vectors.
void words(const NoiseKey& key, uint64_t example, int64_t n_blocks, uint32_t* out) {
  constexpr int64_t run = 64;
  for (int64_t first = 0; first < n_blocks; first += run) {
    alignas(64) uint32_t c0[run], c1[run], c2[run], c3[run];
    for (int64_t i = 0; i < run; ++i) {
      c0[i] = uint32_t(first + i);
      c1[i] = uint32_t(example);
      c2[i] = uint32_t(key.epoch);
      c3[i] = uint32_t(example >> 32) | uint32_t(key.purpose << 24);
    }
    uint32_t k0 = uint32_t(key.seed), k1 = uint32_t(key.seed >> 32);
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

extern const NoiseKernels noise;
const NoiseKernels noise = {words};

}  // namespace rectinet::RECTINET_ISA_NS
