// SPDX-License-Identifier: Apache-2.0
// Shifted sums, sum (x - k) and sum (x - k)^2: float32 in lanes for blocks of kBlockPacks, then
// added to float64 lanes. One read, no division, no dependence on what else is in memory.
#if defined(NORMBENCH_NATIVE_SUMS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NORMBENCH_NATIVE_SUMS_INL
#undef NORMBENCH_NATIVE_SUMS_INL
#else
#define NORMBENCH_NATIVE_SUMS_INL
#endif

#include <algorithm>

#include "server/kernels/native/loops.h"
#include "server/kernels/native/pack-inl.h"

HWY_BEFORE_NAMESPACE();
namespace normbench {
namespace HWY_NAMESPACE {

// Adds the lanes of `a`, widened, to those at `sum`.
HWY_INLINE void AddWide(const Pack& a, double* sum) {
  constexpr int kHalf = kLanes / 2;
  const hn::CappedTag<double, static_cast<size_t>(kHalf)> dd;
  const hn::Half<DF> half;
  for (int i = 0; i < kRegisters; ++i) {
    double* to = sum + i * kLanes;
    const auto low = hn::PromoteTo(dd, hn::LowerHalf(half, a.r[i]));
    const auto high = hn::PromoteTo(dd, hn::UpperHalf(half, a.r[i]));
    hn::StoreU(hn::Add(hn::LoadU(dd, to), low), dd, to);
    hn::StoreU(hn::Add(hn::LoadU(dd, to + kHalf), high), dd, to + kHalf);
  }
}

// Float32 sums in the making. kCenter: of x - k and its square; else of x^2 alone.
template <bool kCenter>
struct Chain {
  Pack s, q;

  HWY_INLINE Chain() : s(All(0)), q(All(0)) {}
  HWY_INLINE void Add(const Pack& x, const Pack& k) {
    if constexpr (kCenter) {
      AddCentred(x - k);
    } else {
      q = MulAdd(x, x, q);
    }
  }
  HWY_INLINE void AddPart(const Pack& x, const Pack& k, const PackMask& mask) {
    if constexpr (kCenter) {
      AddCentred(Keep(mask, x - k));
    } else {
      q = MulAdd(x, x, q);  // zeros behind the end
    }
  }
  HWY_INLINE void AddCentred(const Pack& d) {
    s = s + d;
    q = MulAdd(d, d, q);
  }
};

// Chains at work side by side: adding waits for the addition before.
inline constexpr int kChains = 3;

// Chain by chain, added to the first.
template <bool kCenter>
HWY_INLINE Chain<kCenter> Joined(const Chain<kCenter> (&chains)[kChains]) {
  Chain<kCenter> sum = chains[0];
  for (int j = 1; j < kChains; ++j) {
    if constexpr (kCenter) sum.s = sum.s + chains[j].s;
    sum.q = sum.q + chains[j].q;
  }
  return sum;
}

// What n values, at most kBlockPacks + kMorePacks packs, add up to: pack i in chain i % kChains.
template <bool kCenter, typename T>
HWY_INLINE Chain<kCenter> SumBlock(const T* x, int64_t n, const Pack& k) {
  constexpr int64_t kRound = kChains * kPackLanes;
  Chain<kCenter> chains[kChains];
  int64_t i = 0;
  for (; i + kRound <= n; i += kRound) {
    for (int j = 0; j < kChains; ++j) chains[j].Add(Load(x + i + j * kPackLanes), k);
  }
  for (int j = 0; j < kChains; ++j, i += kPackLanes) {
    if (i + kPackLanes <= n) {
      chains[j].Add(Load(x + i), k);
    } else if (i < n) {
      const PackMask mask = FirstOf(n - i);
      chains[j].AddPart(LoadPart(mask, x + i, n - i), k, mask);
    }
  }
  return Joined(chains);
}

// Loops::sum_row.
template <typename T, bool kCenter>
void SumRow(const void* from, int64_t n, float shift, double* sums) {
  const T* x = static_cast<const T*>(from);
  const Pack k = All(shift);
  constexpr int64_t kBlock = kBlockPacks * kPackLanes, kMost = kBlock + kMorePacks * kPackLanes;
  for (int64_t i = 0, length; i < n; i += length) {
    length = n - i <= kMost ? n - i : kBlock;
    const Chain<kCenter> block = SumBlock<kCenter>(x + i, length, k);
    if constexpr (kCenter) AddWide(block.s, sums);
    AddWide(block.q, sums + kPackLanes);
  }
}

// Three packs from all over a row: values that lie together may be alike and unlike the rest.
// REQUIRES: n >= 48.
template <typename T>
HWY_INLINE Pack MiddleOfThree(const T* x, int64_t n) {
  return Median(Load(x), Load(x + n / 3), Load(x + n / 3 * 2));
}

// Lanes whose sum, divided by MiddleCount, is near the middle of a row: medians, or of few values
// all.
template <typename T>
HWY_INLINE Pack MiddleLanes(const T* x, int64_t n) {
  if (n >= 3 * kPackLanes) return MiddleOfThree(x, n);
  Pack sum = All(0);
  int64_t i = 0;
  for (; i + kPackLanes <= n; i += kPackLanes) sum = sum + Load(x + i);
  return i == n ? sum : sum + LoadPart(FirstOf(n - i), x + i, n - i);
}

// How many values MiddleLanes has added up.
HWY_INLINE float MiddleCount(int64_t n) {
  return static_cast<float>(n >= 3 * kPackLanes ? kPackLanes : n);
}

// Loops::middle_of_row.
template <typename T>
float MiddleOfRow(const void* from, int64_t n) {
  return FirstLane(SumOfLanes(MiddleLanes(static_cast<const T*>(from), n))) / MiddleCount(n);
}

// The same down the columns: of twelve rows from all over the table, in three by three.
template <typename F>
HWY_INLINE Pack MiddleOfRows(int64_t rows, F row) {
  if (rows < 3) return row(0);
  if (rows < 12) return Median(row(0), row(rows / 3), row(rows / 3 * 2));
  const int64_t step = rows / 12;
  const auto median = [&](int64_t i) HWY_ATTR {
    return Median(row(i * step), row((i + 4) * step), row((i + 8) * step));
  };
  return ((median(0) + median(1)) + (median(2) + median(3))) * All(0.25f);
}

// Loops::middle_of_columns.
template <typename T>
void MiddleOfColumns(const void* from, Rectangle size, float* middle) {
  const T* x = static_cast<const T*>(from);
  for (int64_t c = 0; c < size.columns; c += kPackLanes) {
    const int64_t length = std::min<int64_t>(kPackLanes, size.columns - c);
    const PackMask mask = FirstOf(length);
    const auto row = [&](int64_t r)
                         HWY_ATTR { return LoadPart(mask, x + r * size.stride + c, length); };
    StorePart(MiddleOfRows(size.rows, row), mask, middle + c, length);
  }
}

// Memory is read in bands of so many rows, along them: down a strip of columns every line would be
// in another page. What a band has added up waits in memory for the next one of the block.
inline constexpr int64_t kBandRows = 8;
// Columns at a time: their float32 sums stay in the first cache.
inline constexpr int64_t kPanelColumns = 1024;

// Float32 sums of a panel's columns.
struct PanelSums {
  alignas(64) float s[kPanelColumns];
  alignas(64) float q[kPanelColumns];
};

// One band of a block: whether sums begin with it, whether they end.
struct Band {
  int64_t rows;
  bool first, last;
};

// Sums of columns: where they wait within a block, where they go at its end.
struct ColumnSums {
  float* waiting_s;
  float* waiting_q;
  double* s;
  double* q;

  HWY_INLINE ColumnSums At(int64_t c) const { return {waiting_s + c, waiting_q + c, s + c, q + c}; }
  template <bool kCenter>
  HWY_INLINE Chain<kCenter> Begin(const Band& band) const {
    Chain<kCenter> chain;
    if (band.first) return chain;
    if constexpr (kCenter) chain.s = Load(waiting_s);
    chain.q = Load(waiting_q);
    return chain;
  }
  template <bool kCenter>
  HWY_INLINE void End(const Band& band, const Chain<kCenter>& chain) const {
    if (band.last) {
      if constexpr (kCenter) AddWide(chain.s, s);
      AddWide(chain.q, q);
    } else {
      if constexpr (kCenter) Store(chain.s, waiting_s);
      Store(chain.q, waiting_q);
    }
  }
};

// kStrip packs of columns.
template <bool kCenter, int kStrip, typename T>
HWY_INLINE void SumStrip(const T* x, const Band& band, int64_t stride, const float* shift,
                         const ColumnSums& sums) {
  Chain<kCenter> chains[kStrip];
  Pack k[kStrip];
  for (int j = 0; j < kStrip; ++j) {
    chains[j] = sums.At(j * kPackLanes).template Begin<kCenter>(band);
    k[j] = kCenter ? Load(shift + j * kPackLanes) : All(0);
  }
  for (int64_t r = 0; r < band.rows; ++r, x += stride) {
    for (int j = 0; j < kStrip; ++j) chains[j].Add(Load(x + j * kPackLanes), k[j]);
  }
  for (int j = 0; j < kStrip; ++j) sums.At(j * kPackLanes).End(band, chains[j]);
}

// The last columns, fewer than a pack, in sums that have room for a whole one.
template <bool kCenter, typename T>
HWY_INLINE void SumNarrowStrip(const T* x, const Band& band, int64_t stride, int64_t columns,
                               const float* shift, const ColumnSums& sums) {
  const PackMask mask = FirstOf(columns);
  const Pack k = kCenter ? LoadPart(mask, shift, columns) : All(0);
  Chain<kCenter> chain = sums.Begin<kCenter>(band);
  for (int64_t r = 0; r < band.rows; ++r, x += stride)
    chain.AddPart(LoadPart(mask, x, columns), k, mask);
  sums.End(band, chain);
}

template <bool kCenter, typename T>
HWY_INLINE void SumBand(const T* x, const Band& band, int64_t stride, int64_t columns,
                        const float* shift, const ColumnSums& sums) {
  // What the registers hold beside the shift.
  constexpr int kStrip = kRegisters == 1 ? 4 : kRegisters == 2 ? 2 : 1;
  int64_t c = 0;
  for (; c + kStrip * kPackLanes <= columns; c += kStrip * kPackLanes)
    SumStrip<kCenter, kStrip>(x + c, band, stride, shift + c, sums.At(c));
  for (; c + kPackLanes <= columns; c += kPackLanes)
    SumStrip<kCenter, 1>(x + c, band, stride, shift + c, sums.At(c));
  if (c < columns) SumNarrowStrip<kCenter>(x + c, band, stride, columns - c, shift + c, sums.At(c));
}

// Loops::sum_columns.
template <typename T, bool kCenter>
void SumColumns(const void* from, Rectangle size, const float* shift, double* s, double* q) {
  const T* x = static_cast<const T*>(from);
  PanelSums waiting;
  for (int64_t c = 0; c < size.columns; c += kPanelColumns) {
    const int64_t width = std::min(kPanelColumns, size.columns - c);
    const ColumnSums sums = {waiting.s, waiting.q, s + c, q + c};
    for (int64_t r = 0; r < size.rows; r += kBandRows) {
      const Band band = {std::min(kBandRows, size.rows - r), r % kBlockRows == 0,
                         (r + kBandRows) % kBlockRows == 0 || r + kBandRows >= size.rows};
      SumBand<kCenter>(x + r * size.stride + c, band, size.stride, width, shift + c, sums);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace normbench
HWY_AFTER_NAMESPACE();

#endif
