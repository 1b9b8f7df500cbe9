// exp, log1p, tanh and friends on vectors, from fixed sequences of IEEE operations: the same bits on every build that
// has fused multiply-add. Arguments of the exponentials are never positive here, which keeps them short.
#pragma once
#include "vec.hpp"

namespace rectinet::RECTINET_ISA_NS {

template <class T> struct ExpConstants;
template <> struct ExpConstants<float> {
  static constexpr float log2e = 1.44269504f, ln2_high = 0.693145752f, ln2_low = 1.42860677e-6f, lowest = -104.0f;
  static constexpr float shifter = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  static constexpr int terms = 7, mantissa = 23, bias = 127;
};
template <> struct ExpConstants<double> {
  static constexpr double log2e = 1.4426950408889634, ln2_high = 0.693147180369123816490,
                          ln2_low = 1.90821492927058770002e-10, lowest = -745.5;
  static constexpr double shifter = 6755399441055744.0;  // 1.5 * 2^52
  static constexpr int terms = 13, mantissa = 52, bias = 1023;
};

// x = k ln 2 + r; the two halves of 2^k (so that subnormal results survive) and e^r - 1.
template <class T>
struct Reduced {
  Vec<T> half, rest, p;
};

template <class T>
RN_INLINE Reduced<T> reduce(Vec<T> x) {
  using C = ExpConstants<T>;
  x = x < C::lowest ? splat<T>(C::lowest) : x;  // NaN passes through
  const Vec<T> shifted = fma(x, splat<T>(C::log2e), splat<T>(C::shifter));
  const Vec<T> k = shifted - C::shifter;
  const Vec<T> r = fma(k, splat<T>(-C::ln2_low), fma(k, splat<T>(-C::ln2_high), x));
  T coefficient = 1;
  for (int n = 2; n <= C::terms; ++n) coefficient /= T(n);  // 1 / terms!, folded by the compiler
  Vec<T> q = splat<T>(coefficient);
#pragma GCC unroll 16
  for (int n = C::terms; n > 2; --n) {
    coefficient *= T(n);
    q = fma(q, r, splat<T>(coefficient));
  }
  const Int<T> integer = (Int<T>)shifted - (Int<T>)splat<T>(C::shifter);
  const Int<T> first = integer >> 1;
  const Vec<T> half = (Vec<T>)((first + C::bias) << C::mantissa);
  const Vec<T> rest = (Vec<T>)((integer - first + C::bias) << C::mantissa);
  return {half, rest, fma(q * r, r, r)};
}

// e^x for x <= 0
template <class T>
RN_INLINE Vec<T> exp_nonpositive(Vec<T> x) {
  const Reduced<T> e = reduce<T>(x);
  return (e.p + T(1)) * e.half * e.rest;
}

// e^x - 1 for x <= 0, accurate near 0
template <class T>
RN_INLINE Vec<T> expm1_nonpositive(Vec<T> x) {
  const Reduced<T> e = reduce<T>(x);
  const Vec<T> scale = e.half * e.rest;
  return fma(scale, e.p, scale - T(1));
}

// log(1 + y) for 0 <= y <= 1: 2 artanh(y / (2 + y)), whose argument never exceeds 1/3
template <class T>
RN_INLINE Vec<T> log1p_unit(Vec<T> y) {
  constexpr int terms = sizeof(T) == 4 ? 8 : 17;
  const Vec<T> s = y / (y + T(2)), s2 = s * s;
  Vec<T> q = splat<T>(T(1) / T(2 * terms + 1));
#pragma GCC unroll 20
  for (int n = terms - 1; n >= 1; --n) q = fma(q, s2, splat<T>(T(1) / T(2 * n + 1)));
  const Vec<T> twice = s + s;
  return fma(twice * s2, q, twice);
}

template <class T> RN_INLINE Vec<T> absolute(Vec<T> z) { return z < 0 ? -z : z; }

// f(z) and f'(z) for the smooth units.
template <class T>
struct ValueAndSlope {
  Vec<T> value, slope;
};

template <class T>
RN_INLINE ValueAndSlope<T> logistic(Vec<T> z) {
  const Vec<T> e = exp_nonpositive<T>(-absolute<T>(z)), one = splat<T>(T(1)), total = e + T(1);
  const Vec<T> value = (z < 0 ? e : one) / total;
  return {value, e / (total * total)};
}

template <class T>
RN_INLINE ValueAndSlope<T> tanh_unit(Vec<T> z) {
  const Vec<T> m = expm1_nonpositive<T>(absolute<T>(z) * T(-2));
  const Vec<T> t = -m / (m + T(2));
  return {z < 0 ? -t : t, T(1) - t * t};
}

template <class T>
RN_INLINE ValueAndSlope<T> softplus(Vec<T> z, T alpha) {
  const Vec<T> scaled = z * alpha, e = exp_nonpositive<T>(-absolute<T>(scaled)), total = e + T(1);
  const Vec<T> positive = z < 0 ? z * T(0) : z;  // keeps NaN
  return {positive + log1p_unit<T>(e) / alpha, (scaled < 0 ? e : splat<T>(T(1))) / total};
}

}  // namespace rectinet::RECTINET_ISA_NS
