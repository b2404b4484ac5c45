// SPDX-License-Identifier: Apache-2.0
// Short rows: float32 alone, from the caches, and sixteen rows' statistics worked out together,
// one row a lane: a row of its own would spend more on sums of lanes, root and division than on its
// values.
#if defined(NORMBENCH_NATIVE_SHORT_ROWS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NORMBENCH_NATIVE_SHORT_ROWS_INL
#undef NORMBENCH_NATIVE_SHORT_ROWS_INL
#else
#define NORMBENCH_NATIVE_SHORT_ROWS_INL
#endif

#include "server/kernels/native/apply-inl.h"
#include "server/kernels/native/loops.h"
#include "server/kernels/native/sums-inl.h"

HWY_BEFORE_NAMESPACE();
namespace normbench {
namespace HWY_NAMESPACE {

// The sums of sixteen packs' lanes: of pack r in lane r.
HWY_INLINE Pack SumsOfLanes(const float (*packs)[kPackLanes]) {
  Pack level[kRowBatch / 2];
  for (int i = 0; i < 8; ++i) level[i] = AddNeighbours(Load(packs[2 * i]), Load(packs[2 * i + 1]));
  for (int i = 0; i < 4; ++i) level[i] = AddNeighbours(level[2 * i], level[2 * i + 1]);
  for (int i = 0; i < 2; ++i) level[i] = AddNeighbours(level[2 * i], level[2 * i + 1]);
  return AddNeighbours(level[0], level[1]);
}

// What lane r of each holds of row r.
struct RowStandards {
  alignas(64) float high[kRowBatch];
  alignas(64) float low[kRowBatch];
  alignas(64) float rstd[kRowBatch];
  uint32_t undone = 0;
};

// Two chains: pack i in chain i % 2.
template <bool kCenter, typename T>
HWY_INLINE Chain<kCenter> SumShortRow(const T* x, int64_t n, const Pack& k) {
  Chain<kCenter> a, b;
  int64_t i = 0;
  for (; i + 2 * kPackLanes <= n; i += 2 * kPackLanes) {
    a.Add(Load(x + i), k);
    b.Add(Load(x + i + kPackLanes), k);
  }
  const bool odd = i + kPackLanes <= n;
  if (odd) {
    a.Add(Load(x + i), k);
    i += kPackLanes;
  }
  if (i < n) {
    const PackMask mask = FirstOf(n - i);
    (odd ? b : a).AddPart(LoadPart(mask, x + i, n - i), k, mask);
  }
  if constexpr (kCenter) a.s = a.s + b.s;
  a.q = a.q + b.q;
  return a;
}

// A row as the loops see it. kPacks: how many packs it has, the last one perhaps in part; 0: told
// at run time.
template <int kPacks, bool kWhole>
struct RowShape {
  int64_t length;
  PackMask last;  // of the lanes of the last pack

  HWY_INLINE explicit RowShape(int64_t n)
      : length(n), last(FirstOf(kPacks == 0 ? kPackLanes : n - (kPacks - 1) * kPackLanes)) {}

  template <typename T>
  HWY_INLINE Pack LoadAt(const T* x, int j) const {
    if (kWhole || j < kPacks - 1) return Load(x + j * kPackLanes);
    return LoadPart(last, x + j * kPackLanes, length - j * kPackLanes);
  }
  template <bool kCenter>
  HWY_INLINE void AddAt(Chain<kCenter>& chain, const Pack& x, const Pack& k, int j) const {
    if (kWhole || j < kPacks - 1) {
      chain.Add(x, k);
    } else {
      chain.AddPart(x, k, last);
    }
  }
};

// Rows of at most so many packs have loops of their own, without a loop.
inline constexpr int kMostPacks = 4;

template <int kPacks, bool kWhole, typename T>
HWY_INLINE Pack MiddleOf(const T* x, const RowShape<kPacks, kWhole>& shape) {
  if constexpr (kPacks == 0) {
    return MiddleLanes(x, shape.length);
  } else if constexpr (kPacks > 3 || (kPacks == 3 && kWhole)) {
    return MiddleOfThree(x, shape.length);
  } else {
    Pack sum = shape.LoadAt(x, 0);
    for (int j = 1; j < kPacks; ++j) sum = sum + shape.LoadAt(x, j);
    return sum;
  }
}

template <bool kCenter, int kPacks, bool kWhole, typename T>
HWY_INLINE Chain<kCenter> SumOf(const T* x, const RowShape<kPacks, kWhole>& shape, const Pack& k) {
  if constexpr (kPacks == 0) return SumShortRow<kCenter>(x, shape.length, k);
  Chain<kCenter> a, b;
  for (int j = 0; j < kPacks; ++j) shape.AddAt(j % 2 == 0 ? a : b, shape.LoadAt(x, j), k, j);
  if constexpr (kCenter) a.s = a.s + b.s;
  a.q = a.q + b.q;
  return a;
}

template <typename T, typename Shape>
HWY_INLINE Pack MiddlesOf(const T* x, int64_t rows, const Shape& shape) {
  alignas(64) float lanes[kRowBatch][kPackLanes];
  for (int64_t r = 0; r < rows; ++r) Store(MiddleOf(x + r * shape.length, shape), lanes[r]);
  for (int64_t r = rows; r < kRowBatch; ++r) Store(All(0), lanes[r]);
  return SumsOfLanes(lanes) / All(MiddleCount(shape.length));
}

// Bit r: whether the sums of row r are not what float32 carries with all its digits.
HWY_INLINE uint32_t OutOfRange(const Pack& squares, const Pack& variances) {
  const DF d;
  bool all = true;
  for (int i = 0; i < kRegisters; ++i) {
    all = all && hn::AllTrue(d, hn::And(hn::Le(squares.r[i], hn::Set(d, kLargestSum)),
                                        hn::Ge(variances.r[i], hn::Set(d, kSmallestVariance))));
  }
  if (HWY_LIKELY(all)) return 0;
  alignas(64) float square[kRowBatch], variance[kRowBatch];
  Store(squares, square);
  Store(variances, variance);
  uint32_t bits = 0;
  for (int r = 0; r < kRowBatch; ++r) {
    const bool fits = square[r] <= kLargestSum && variance[r] >= kSmallestVariance;
    bits |= static_cast<uint32_t>(!fits) << r;
  }
  return bits;
}

template <bool kCenter, typename T, typename Shape>
HWY_INLINE RowStandards StandardsOf(const T* x, const ShortRows& rows, const Shape& shape) {
  alignas(64) float middles[kRowBatch] = {};
  if constexpr (kCenter) Store(MiddlesOf(x, rows.rows, shape), middles);
  alignas(64) float s[kRowBatch][kPackLanes], q[kRowBatch][kPackLanes];
  for (int64_t r = 0; r < rows.rows; ++r) {
    const Chain<kCenter> sums = SumOf<kCenter>(x + r * shape.length, shape, All(middles[r]));
    if constexpr (kCenter) Store(sums.s, s[r]);
    Store(sums.q, q[r]);
  }
  for (int64_t r = rows.rows; r < kRowBatch; ++r) {
    if constexpr (kCenter) Store(All(0), s[r]);
    Store(All(0), q[r]);
  }
  RowStandards out;
  const Pack n = All(static_cast<float>(shape.length));
  const Pack k = Load(middles), squares = SumsOfLanes(q);
  const Pack m = kCenter ? SumsOfLanes(s) / n : All(0);
  const Pack variance = Max(All(0), NegMulAdd(m, m, squares / n)) + All(rows.eps);
  const Pack high = k + m;
  Store(high, out.high);
  Store(m - (high - k), out.low);
  Store(All(1) / Sqrt(variance), out.rstd);
  out.undone = OutOfRange(squares, variance) & ((uint64_t{1} << rows.rows) - 1);
  return out;
}

template <typename S>
HWY_INLINE void ApplyShortRow(const S& stream, int64_t n, Standard standard, RowAffine affine) {
  if (affine.gamma != nullptr && affine.segment == 1)
    return ApplyEach(stream, n, standard, affine.gamma, affine.beta);
  if (affine.gamma == nullptr) {
    return ApplySegment(stream, n, All(standard.high), All(standard.rstd),
                        All(-standard.low * standard.rstd));
  }
  for (int64_t i = 0, c = 0; i < n; i += affine.segment, ++c) {
    const float scale = standard.rstd * affine.gamma[c];
    ApplySegment(stream.From(i), affine.segment, All(standard.high), All(scale),
                 All(affine.beta[c] - standard.low * scale));
  }
}

// The same for a row of few packs with gamma and beta of each element, or none.
template <bool kAffine, int kPacks, bool kWhole, typename S>
HWY_INLINE void ApplyPacks(const S& stream, const RowShape<kPacks, kWhole>& shape,
                           Standard standard, const RowAffine& affine) {
  const Pack high = All(standard.high), rstd = All(standard.rstd);
  const Pack low = All(-standard.low * standard.rstd);
  for (int j = 0; j < kPacks; ++j) {
    const int64_t i = j * kPackLanes;
    const auto scaled = [&](const Pack& x) HWY_ATTR {
      const Pack z = MulAdd(x - high, rstd, low);
      if constexpr (!kAffine) return z;
      return MulAdd(z, shape.LoadAt(affine.gamma, j), shape.LoadAt(affine.beta, j));
    };
    if (kWhole || j < kPacks - 1) {
      stream.Whole(i, scaled);
    } else {
      stream.PartOf(i, shape.length - i, shape.last, scaled);
    }
  }
}

template <int kPacks, bool kWhole, typename S>
HWY_INLINE void ApplyOne(const S& stream, const RowShape<kPacks, kWhole>& shape, Standard standard,
                         const RowAffine& affine) {
  if constexpr (kPacks > 0) {
    if (affine.gamma == nullptr) return ApplyPacks<false>(stream, shape, standard, affine);
    if (affine.segment == 1) return ApplyPacks<true>(stream, shape, standard, affine);
  }
  ApplyShortRow(stream, shape.length, standard, affine);
}

inline void WriteStatistics(const RowStandards& standards, const ShortRows& rows) {
  for (int64_t r = 0; rows.mean != nullptr && r < rows.rows; ++r) rows.mean[r] = standards.high[r];
  for (int64_t r = 0; rows.rstd != nullptr && r < rows.rows; ++r) rows.rstd[r] = standards.rstd[r];
}

template <typename S, typename Shape>
HWY_INLINE void ApplyRowsOf(const S& stream, const ShortRows& rows, const Shape& shape,
                            const RowStandards& standards) {
  const int64_t per_row = rows.length / rows.affine.segment;
  int64_t at = rows.first;
  for (int64_t r = 0; r < rows.rows; ++r, at = at + 1 == rows.period ? 0 : at + 1) {
    if (HWY_UNLIKELY((standards.undone >> r & 1) != 0)) continue;
    RowAffine affine = rows.affine;
    if (affine.gamma != nullptr) {
      affine.gamma += at * per_row;
      affine.beta += at * per_row;
    }
    ApplyOne(stream.From(r * rows.length), shape,
             {standards.high[r], standards.low[r], standards.rstd[r]}, affine);
  }
}

// Rows of few packs, without what could be fused.
template <bool kCenter, int kPacks, bool kWhole, typename T>
HWY_NOINLINE uint32_t NormalizePacks(const ShortRows& rows) {
  const RowShape<kPacks, kWhole> shape(rows.length);
  const RowStandards standards =
      StandardsOf<kCenter>(static_cast<const T*>(rows.sweep.x), rows, shape);
  WriteStatistics(standards, rows);
  const Stream<T, Activation::kNone, false, Write::kPlain> stream = {
      static_cast<const T*>(rows.sweep.x), nullptr, static_cast<T*>(rows.sweep.y), 0};
  ApplyRowsOf(stream, rows, shape, standards);
  return standards.undone;
}

template <bool kCenter, int kPacks, typename T>
HWY_INLINE uint32_t NormalizeFewPacks(const ShortRows& rows) {
  if constexpr (kPacks <= kMostPacks) {
    if (rows.length == kPacks * kPackLanes) return NormalizePacks<kCenter, kPacks, true, T>(rows);
    if (rows.length < kPacks * kPackLanes) return NormalizePacks<kCenter, kPacks, false, T>(rows);
    return NormalizeFewPacks<kCenter, kPacks + 1, T>(rows);
  }
  return 0;
}

// Loops::normalize_short_rows.
template <typename T, bool kCenter>
uint32_t NormalizeShortRows(const ShortRows& rows, Activation activation) {
  const bool fused = activation != Activation::kNone || rows.sweep.residual != nullptr;
  if constexpr (HWY_TARGET != HWY_SSE4) {
    if (!fused && rows.length <= kMostPacks * kPackLanes)
      return NormalizeFewPacks<kCenter, 1, T>(rows);
  }
  const RowShape<0, true> shape(rows.length);
  const RowStandards standards =
      StandardsOf<kCenter>(static_cast<const T*>(rows.sweep.x), rows, shape);
  WriteStatistics(standards, rows);
  WithStream<T, Write::kPlain>(rows.sweep, activation, [&](const auto& stream) HWY_ATTR {
    ApplyRowsOf(stream, rows, shape, standards);
  });
  return standards.undone;
}

}  // namespace HWY_NAMESPACE
}  // namespace normbench
HWY_AFTER_NAMESPACE();

#endif
