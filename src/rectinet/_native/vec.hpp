// Vectors of the instruction set this file is compiled for. Included by kernels*.cpp alone: everything lives in the
// build's own namespace, so that no function compiled for a newer processor is linked into an older path.
//
// Multiplications and additions are fused only where fma() says so (-ffp-contract=off), which is what makes AVX2 and
// AVX-512 agree bit for bit. The baseline build has no fused instruction on x86 and promises tolerance only.
#pragma once
#include <cstdint>
#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define RN_INLINE inline __attribute__((always_inline))

namespace rectinet::RECTINET_ISA_NS {

#if defined(__AVX512F__)
constexpr int vector_bytes = 64;
#elif defined(__AVX2__)
constexpr int vector_bytes = 32;
#else
constexpr int vector_bytes = 16;
#endif

template <class T> struct Traits;
template <> struct Traits<float> {
  typedef float V __attribute__((vector_size(vector_bytes), may_alias));
  typedef float U __attribute__((vector_size(vector_bytes), may_alias, aligned(4)));
  typedef int32_t I __attribute__((vector_size(vector_bytes), may_alias));
};
template <> struct Traits<double> {
  typedef double V __attribute__((vector_size(vector_bytes), may_alias));
  typedef double U __attribute__((vector_size(vector_bytes), may_alias, aligned(8)));
  typedef int64_t I __attribute__((vector_size(vector_bytes), may_alias));
};
template <class T> using Vec = typename Traits<T>::V;
template <class T> using Int = typename Traits<T>::I;
template <class T> constexpr int lanes = vector_bytes / int(sizeof(T));
template <class T> constexpr int per_line = 64 / vector_bytes;  // vectors in a cache line

template <class T> RN_INLINE Vec<T> load(const T* p) { return *reinterpret_cast<const Vec<T>*>(p); }
template <class T> RN_INLINE Vec<T> loadu(const T* p) { return *reinterpret_cast<const typename Traits<T>::U*>(p); }
template <class T> RN_INLINE void store(T* p, Vec<T> v) { *reinterpret_cast<Vec<T>*>(p) = v; }
template <class T> RN_INLINE void storeu(T* p, Vec<T> v) { *reinterpret_cast<typename Traits<T>::U*>(p) = v; }
template <class T> RN_INLINE Vec<T> splat(T x) { return x - Vec<T>{}; }

#if defined(__AVX512F__)
RN_INLINE Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) {
  return (Vec<float>)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
}
RN_INLINE Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) {
  return (Vec<double>)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
}
RN_INLINE uint32_t nonzero(Vec<float> v) { return _mm512_cmp_ps_mask((__m512)v, _mm512_setzero_ps(), _CMP_NEQ_UQ); }
RN_INLINE uint32_t nonzero(Vec<double> v) { return _mm512_cmp_pd_mask((__m512d)v, _mm512_setzero_pd(), _CMP_NEQ_UQ); }
#elif defined(__AVX2__)
RN_INLINE Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) {
  return (Vec<float>)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
}
RN_INLINE Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) {
  return (Vec<double>)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
}
RN_INLINE uint32_t nonzero(Vec<float> v) {
  return uint32_t(_mm256_movemask_ps(_mm256_cmp_ps((__m256)v, _mm256_setzero_ps(), _CMP_NEQ_UQ)));
}
RN_INLINE uint32_t nonzero(Vec<double> v) {
  return uint32_t(_mm256_movemask_pd(_mm256_cmp_pd((__m256d)v, _mm256_setzero_pd(), _CMP_NEQ_UQ)));
}
#else
template <class V> RN_INLINE V fma(V a, V b, V c) { return a * b + c; }
template <class V> RN_INLINE uint32_t nonzero(V v) {
  uint32_t mask = 0;
  for (unsigned i = 0; i < sizeof(V) / sizeof(v[0]); ++i) mask |= uint32_t(v[i] != 0) << i;
  return mask;
}
#endif

// Writes first + i and x[i] for those of n entries that are on, packed; returns how many they are. Every entry is
// written, but one that is off does not move the place of the next: no branch to mispredict.
template <class T>
RN_INLINE int pack_one_by_one(const T* x, int64_t n, int32_t first, int32_t* index, T* value) {
  int count = 0;
  for (int i = 0; i < n; ++i) {
    index[count] = first + i;
    value[count] = x[i];
    count += x[i] != 0;
  }
  return count;
}

// The same for one vector of entries, of which `on` are on; what lies behind the last of them is overwritten.
template <class T>
RN_INLINE int pack(const T* x, uint32_t, int32_t first, int32_t* index, T* value) {
  return pack_one_by_one(x, lanes<T>, first, index, value);
}
#if defined(__AVX512F__)
template <>
RN_INLINE int pack<float>(const float* x, uint32_t on, int32_t first, int32_t* index, float* value) {
  const __m512i all = _mm512_add_epi32(_mm512_set1_epi32(first),
                                       _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  _mm512_storeu_si512(index, _mm512_maskz_compress_epi32(__mmask16(on), all));
  _mm512_storeu_ps(value, _mm512_maskz_compress_ps(__mmask16(on), _mm512_loadu_ps(x)));
  return __builtin_popcount(on);
}
template <>
RN_INLINE int pack<double>(const double* x, uint32_t on, int32_t first, int32_t* index, double* value) {
  const __m256i all = _mm256_add_epi32(_mm256_set1_epi32(first), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(index), _mm256_maskz_compress_epi32(__mmask8(on), all));
  _mm512_storeu_pd(value, _mm512_maskz_compress_pd(__mmask8(on), _mm512_loadu_pd(x)));
  return __builtin_popcount(on);
}
#endif

// The sum of a line of partial sums (16 floats or 8 doubles) in one fixed tree: halves are added until one is left.
template <class T>
RN_INLINE T sum_line(const Vec<T>* parts) {
  alignas(64) T lane[64 / sizeof(T)];
  for (int i = 0; i < per_line<T>; ++i) store(lane + i * lanes<T>, parts[i]);
  for (int half = int(32 / sizeof(T)); half >= 1; half /= 2)
    for (int i = 0; i < half; ++i) lane[i] += lane[i + half];
  return lane[0];
}
#if defined(__AVX512F__)
template <> RN_INLINE float sum_line<float>(const Vec<float>* parts) {
  const __m512 v = (__m512)parts[0];
  const __m256 a = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
  const __m128 b = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
  const __m128 c = _mm_add_ps(b, _mm_movehl_ps(b, b));
  return _mm_cvtss_f32(_mm_add_ss(c, _mm_shuffle_ps(c, c, 1)));
}
#elif defined(__AVX2__)
template <> RN_INLINE float sum_line<float>(const Vec<float>* parts) {
  const __m256 a = _mm256_add_ps((__m256)parts[0], (__m256)parts[1]);
  const __m128 b = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
  const __m128 c = _mm_add_ps(b, _mm_movehl_ps(b, b));
  return _mm_cvtss_f32(_mm_add_ss(c, _mm_shuffle_ps(c, c, 1)));
}
#endif

}  // namespace rectinet::RECTINET_ISA_NS
