// SPDX-License-Identifier: Apache-2.0
// The second sweep: every value scaled, and what is fused with it, before the one rounding to the
// dtype.
#if defined(NORMBENCH_NATIVE_APPLY_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NORMBENCH_NATIVE_APPLY_INL
#undef NORMBENCH_NATIVE_APPLY_INL
#else
#define NORMBENCH_NATIVE_APPLY_INL
#endif

#include <algorithm>

#include "hwy/cache_control.h"
#include "server/kernels/native/loops.h"
#include "server/kernels/native/pack-inl.h"

HWY_BEFORE_NAMESPACE();
namespace normbench {
namespace HWY_NAMESPACE {

// 2^t for t in [-126, 126], to 1.1 units in the last place: 2^n * p(t - n), n the integer nearest
// to t. p: minimax in relative error over [-1/2, 1/2], off by 0.03 * 2^-24, its coefficients
// rounded.
HWY_INLINE VF Exp2(VF t) {
  const DF d;
  const hn::Rebind<uint32_t, DF> d32;
  // Adding it leaves the nearest integer in the last bits.
  const VF magic = hn::Set(d, 0x1.8p23f);
  const VF shifted = hn::Add(t, magic);
  const VF f = hn::Sub(t, hn::Sub(shifted, magic));
  VF p = hn::Set(d, 0x1.41d334p-13f);
  p = hn::MulAdd(p, f, hn::Set(d, 0x1.5f456ap-10f));
  p = hn::MulAdd(p, f, hn::Set(d, 0x1.3b2dbcp-7f));
  p = hn::MulAdd(p, f, hn::Set(d, 0x1.c6aed4p-5f));
  p = hn::MulAdd(p, f, hn::Set(d, 0x1.ebfbdap-3f));
  p = hn::MulAdd(p, f, hn::Set(d, 0x1.62e430p-1f));
  p = hn::MulAdd(p, f, hn::Set(d, 1.0f));
  const auto exponent = hn::ShiftLeft<23>(hn::BitCast(d32, shifted));
  return hn::BitCast(d, hn::Add(hn::BitCast(d32, p), exponent));
}

// z / (1 + exp(-z)). Where |z| > 87 the exponential stays at 2^126 or 2^-126: what is lost is below
// 1e-36. NaN stays: it is the dividend.
HWY_INLINE Pack Silu(const Pack& z) {
  return Each(
      [](VF v) HWY_ATTR {
        const DF d;
        const VF t = hn::Mul(v, hn::Set(d, -1.44269504f));
        const VF e = Exp2(hn::Max(hn::Set(d, -126), hn::Min(t, hn::Set(d, 126))));
        return hn::Div(v, hn::Add(hn::Set(d, 1), e));
      },
      z);
}

// The places of sixteen values: what comes from and goes to memory around the arithmetic.
template <typename T, Activation kActivation, bool kResidual, Write kWrite>
struct Stream {
  const T* x;
  const T* residual;
  T* y;
  int64_t ahead;

  // What is done to z = (x - mean) * scale + bias.
  HWY_INLINE Pack Finished(Pack z, const Pack& r) const {
    if constexpr (kResidual) z = z + r;
    if constexpr (kActivation == Activation::kRelu) {
      // NaN stays: the maximum takes its second operand then.
      z = Each([](VF v) HWY_ATTR { return hn::Max(hn::Zero(DF()), v); }, z);
    }
    if constexpr (kActivation == Activation::kSilu) z = Silu(z);
    return z;
  }

  template <typename F>
  HWY_INLINE void Whole(int64_t i, F scaled) const {
    const Pack z = scaled(Load(x + i));
    hwy::Prefetch(x + i + ahead);
    Store<kWrite>(Finished(z, kResidual ? Load(residual + i) : z), y + i);
  }
  template <typename F>
  HWY_INLINE void Part(int64_t i, int64_t count, F scaled) const {
    const PackMask mask = FirstOf(count);
    const Pack z = scaled(LoadPart(mask, x + i, count));
    StorePart(Finished(z, kResidual ? LoadPart(mask, residual + i, count) : z), mask, y + i, count);
  }
  Stream From(int64_t offset) const {
    return {x + offset, kResidual ? residual + offset : nullptr, y + offset, ahead};
  }
};

// Calls function(stream) with the stream type that fits.
template <typename T, Write kWrite, typename F>
HWY_INLINE void WithStream(const Sweep& sweep, Activation activation, F function) {
  const T* x = static_cast<const T*>(sweep.x);
  const T* r = static_cast<const T*>(sweep.residual);
  T* y = static_cast<T*>(sweep.y);
  const auto with = [&](auto kind) HWY_ATTR {
    constexpr Activation kActivation = decltype(kind)::value;
    if (r == nullptr) {
      function(Stream<T, kActivation, false, kWrite>{x, r, y, sweep.ahead});
    } else {
      function(Stream<T, kActivation, true, kWrite>{x, r, y, sweep.ahead});
    }
  };
  switch (activation) {
    case Activation::kNone:
      return with(std::integral_constant<Activation, Activation::kNone>());
    case Activation::kRelu:
      return with(std::integral_constant<Activation, Activation::kRelu>());
    case Activation::kSilu:
      return with(std::integral_constant<Activation, Activation::kSilu>());
  }
}

template <typename S>
HWY_INLINE void ApplySegment(const S& stream, int64_t n, const Pack& high, const Pack& scale,
                             const Pack& bias) {
  const auto scaled = [&](const Pack& x) HWY_ATTR { return MulAdd(x - high, scale, bias); };
  int64_t i = 0;
  for (; i + kPackLanes <= n; i += kPackLanes) stream.Whole(i, scaled);
  if (i < n) stream.Part(i, n - i, scaled);
}

template <typename S>
HWY_INLINE void ApplyAllSegments(S stream, Segments s) {
  int64_t length = std::min(s.head, s.n);
  while (s.n > 0) {
    ApplySegment(stream, length, All(*s.high), All(*s.scale), All(*s.bias));
    s.n -= length;
    stream = stream.From(length);
    s.high += s.high_step;
    ++s.scale;
    ++s.bias;
    length = std::min(s.segment, s.n);
  }
}

// Loops::apply_segments.
template <typename T, Write kWrite>
void ApplySegments(const Sweep& sweep, const Segments& segments, Activation activation) {
  WithStream<T, kWrite>(sweep, activation,
                        [&](const auto& stream) HWY_ATTR { ApplyAllSegments(stream, segments); });
}

// Without beta: zeros, from a register. Who calls knows which at compile time: with both loops in
// one place neither is as fast.
template <bool kBeta, typename S>
HWY_INLINE void ApplyEach(const S& stream, int64_t n, Standard standard, const float* gamma,
                          const float* beta) {
  const Pack high = All(standard.high), rstd = All(standard.rstd);
  const Pack low = All(-standard.low * standard.rstd);
  int64_t i = 0;
  for (; i + kPackLanes <= n; i += kPackLanes) {
    stream.Whole(i, [&](const Pack& x) HWY_ATTR {
      return MulAdd(MulAdd(x - high, rstd, low), Load(gamma + i), kBeta ? Load(beta + i) : All(0));
    });
  }
  if (i == n) return;
  const PackMask mask = FirstOf(n - i);
  stream.Part(i, n - i, [&](const Pack& x) HWY_ATTR {
    return MulAdd(MulAdd(x - high, rstd, low), LoadPart(mask, gamma + i, n - i),
                  kBeta ? LoadPart(mask, beta + i, n - i) : All(0));
  });
}

// Loops::apply_elements.
template <typename T, Write kWrite>
void ApplyElements(const Sweep& sweep, int64_t n, Standard standard, const float* gamma,
                   const float* beta, Activation activation) {
  WithStream<T, kWrite>(sweep, activation, [&](const auto& stream) HWY_ATTR {
    if (beta == nullptr) return ApplyEach<false>(stream, n, standard, gamma, beta);
    ApplyEach<true>(stream, n, standard, gamma, beta);
  });
}

// Along the rows, one after the other: down a strip of columns the memory would see too many
// streams, and that costs more than loading the scales again and again. The scales are passed by
// value: what a reference refers to might change with every store.
template <typename S>
HWY_INLINE void ApplyRows(const S& stream, Rectangle size, ColumnScales scales) {
  for (int64_t r = 0; r < size.rows; ++r) {
    for (int64_t c = 0; c + kPackLanes <= size.columns; c += kPackLanes) {
      stream.Whole(r * size.stride + c, [&](const Pack& x) HWY_ATTR {
        return MulAdd(x - Load(scales.high + c), Load(scales.scale + c), Load(scales.bias + c));
      });
    }
  }
}

template <typename S>
HWY_INLINE void ApplyNarrowStrip(const S& stream, Rectangle size, int64_t c, ColumnScales scales) {
  const int64_t count = size.columns - c;
  const PackMask mask = FirstOf(count);
  const Pack high = LoadPart(mask, scales.high + c, count);
  const Pack scale = LoadPart(mask, scales.scale + c, count);
  const Pack bias = LoadPart(mask, scales.bias + c, count);
  for (int64_t r = 0; r < size.rows; ++r) {
    stream.Part(r * size.stride + c, count,
                [&](const Pack& x) HWY_ATTR { return MulAdd(x - high, scale, bias); });
  }
}

// Loops::apply_columns.
template <typename T, Write kWrite>
void ApplyColumns(const Sweep& sweep, Rectangle size, ColumnScales scales, Activation activation) {
  WithStream<T, kWrite>(sweep, activation, [&](const auto& stream) HWY_ATTR {
    ApplyRows(stream, size, scales);
    const int64_t whole = size.columns / kPackLanes * kPackLanes;
    if (whole < size.columns) ApplyNarrowStrip(stream, size, whole, scales);
  });
}

// Loops::add.
template <typename T>
void AddRounded(const void* a, const void* b, void* to, int64_t n) {
  const T* left = static_cast<const T*>(a);
  const T* right = static_cast<const T*>(b);
  T* sum = static_cast<T*>(to);
  int64_t i = 0;
  for (; i + kPackLanes <= n; i += kPackLanes) Store(Load(left + i) + Load(right + i), sum + i);
  if (i == n) return;
  const PackMask mask = FirstOf(n - i);
  StorePart(LoadPart(mask, left + i, n - i) + LoadPart(mask, right + i, n - i), mask, sum + i,
            n - i);
}

inline void FenceStreams() {
  hwy::FlushStream();
}

}  // namespace HWY_NAMESPACE
}  // namespace normbench
HWY_AFTER_NAMESPACE();

#endif
