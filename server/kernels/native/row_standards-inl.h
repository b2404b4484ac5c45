// SPDX-License-Identifier: Apache-2.0
// Mean and reciprocal deviation of short rows, in float32: of sixteen rows together, one row a
// lane, since a row of its own would spend more on sums of lanes, root and division than on its
// values; or of one row alone, with the same bits.
#if defined(NORMBENCH_NATIVE_ROW_STANDARDS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NORMBENCH_NATIVE_ROW_STANDARDS_INL
#undef NORMBENCH_NATIVE_ROW_STANDARDS_INL
#else
#define NORMBENCH_NATIVE_ROW_STANDARDS_INL
#endif

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
  alignas(64) float offset[kRowBatch];  // -low * rstd; of rows that are worked out together
  uint32_t undone = 0;

  HWY_INLINE bool IsDone(int64_t r) const { return HWY_LIKELY((undone >> r & 1) == 0); }
};

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
  template <typename T>
  HWY_INLINE void StoreAt(const Pack& a, T* y, int j) const {
    if (kWhole || j < kPacks - 1) {
      Store(a, y + j * kPackLanes);
    } else {
      StorePart(a, last, y + j * kPackLanes, length - j * kPackLanes);
    }
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
  if constexpr (kPacks == 0) return SumBlock<kCenter>(x, shape.length, k);
  Chain<kCenter> chains[kChains];
  for (int j = 0; j < kPacks; ++j) shape.AddAt(chains[j % kChains], shape.LoadAt(x, j), k, j);
  return Joined(chains);
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

// From a shift and the sums of x - shift and its square; each lane for itself.
struct Standards {
  Pack high, low, rstd;
  uint32_t undone;  // as OutOfRange

  template <bool kCenter>
  static HWY_INLINE Standards Of(const Pack& k, const Pack& s, const Pack& q, float n, float eps) {
    const Pack m = kCenter ? s / All(n) : All(0);
    const Pack variance = Max(All(0), NegMulAdd(m, m, q / All(n))) + All(eps);
    const Pack high = k + m;
    return {high, m - (high - k), All(1) / Sqrt(variance), OutOfRange(q, variance)};
  }
};

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
  const Standards of =
      Standards::Of<kCenter>(Load(middles), kCenter ? SumsOfLanes(s) : All(0), SumsOfLanes(q),
                             static_cast<float>(shape.length), rows.eps);
  RowStandards out;
  Store(of.high, out.high);
  Store(of.low, out.low);
  Store(of.rstd, out.rstd);
  Store(-of.low * of.rstd, out.offset);
  out.undone = of.undone & ((uint64_t{1} << rows.rows) - 1);
  return out;
}

// One row's, the same in every lane: SumOfLanes adds in the same order as SumsOfLanes.
template <bool kCenter, typename T>
HWY_INLINE Standards StandardOf(const T* x, int64_t n, float eps) {
  const Pack k = kCenter ? SumOfLanes(MiddleLanes(x, n)) / All(MiddleCount(n)) : All(0);
  const Chain<kCenter> sums = SumBlock<kCenter>(x, n, k);
  return Standards::Of<kCenter>(k, kCenter ? SumOfLanes(sums.s) : All(0), SumOfLanes(sums.q),
                                static_cast<float>(n), eps);
}

}  // namespace HWY_NAMESPACE
}  // namespace normbench
HWY_AFTER_NAMESPACE();

#endif
