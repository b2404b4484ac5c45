// SPDX-License-Identifier: Apache-2.0
// Short rows: from the caches sixteen at a time, from memory one by one.
#if defined(NORMBENCH_NATIVE_SHORT_ROWS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef NORMBENCH_NATIVE_SHORT_ROWS_INL
#undef NORMBENCH_NATIVE_SHORT_ROWS_INL
#else
#define NORMBENCH_NATIVE_SHORT_ROWS_INL
#endif

#include "server/kernels/native/apply-inl.h"
#include "server/kernels/native/loops.h"
#include "server/kernels/native/row_standards-inl.h"

HWY_BEFORE_NAMESPACE();
namespace normbench {
namespace HWY_NAMESPACE {

template <bool kBeta, typename S>
HWY_INLINE void ApplyShortRow(const S& stream, int64_t n, Standard standard, RowAffine affine) {
  if (affine.gamma != nullptr && affine.segment == 1)
    return ApplyEach<kBeta>(stream, n, standard, affine.gamma, affine.beta);
  if (affine.gamma == nullptr) {
    return ApplySegment(stream, n, All(standard.high), All(standard.rstd),
                        All(-standard.low * standard.rstd));
  }
  for (int64_t i = 0, c = 0; i < n; i += affine.segment, ++c) {
    const float scale = standard.rstd * affine.gamma[c];
    ApplySegment(stream.From(i), affine.segment, All(standard.high), All(scale),
                 All((affine.beta == nullptr ? 0 : affine.beta[c]) - standard.low * scale));
  }
}

inline void WriteStatistics(const RowStandards& standards, const ShortRows& rows) {
  for (int64_t r = 0; rows.mean != nullptr && r < rows.rows; ++r) rows.mean[r] = standards.high[r];
  for (int64_t r = 0; rows.rstd != nullptr && r < rows.rows; ++r) rows.rstd[r] = standards.rstd[r];
}

// Row after row's gamma and beta.
class AffineOfRows {
 public:
  HWY_INLINE explicit AffineOfRows(const ShortRows& rows)
      : affine_(rows.affine),
        per_row_(rows.length / rows.affine.segment),
        at_(rows.first),
        period_(rows.period) {}

  HWY_INLINE RowAffine Next() {
    RowAffine affine = affine_;
    if (affine.gamma != nullptr) affine.gamma += at_ * per_row_;
    if (affine.beta != nullptr) affine.beta += at_ * per_row_;
    at_ = at_ + 1 == period_ ? 0 : at_ + 1;
    return affine;
  }

 private:
  const RowAffine affine_;
  const int64_t per_row_;
  int64_t at_;
  const int64_t period_;
};

template <bool kBeta, typename S>
HWY_INLINE void ApplyRow(const S& stream, int64_t n, const RowStandards& standards, int64_t r,
                         const RowAffine& affine) {
  if (!standards.IsDone(r)) return;
  ApplyShortRow<kBeta>(stream.From(r * n), n,
                       {standards.high[r], standards.low[r], standards.rstd[r]}, affine);
}

template <bool kBeta, typename S>
HWY_INLINE void ApplyShortRows(const S& stream, const ShortRows& rows,
                               const RowStandards& standards) {
  AffineOfRows affine(rows);
  const int64_t count = rows.rows, n = rows.length;
  for (int64_t r = 0; r < count; ++r) ApplyRow<kBeta>(stream, n, standards, r, affine.Next());
}

// gamma and beta of each element of a row.
template <int kPacks>
struct AffinePacks {
  Pack gamma[kPacks], beta[kPacks];

  template <typename Shape>
  HWY_INLINE void LoadFrom(const RowAffine& affine, int64_t row, const Shape& shape) {
    for (int j = 0; j < kPacks; ++j) {
      gamma[j] = shape.LoadAt(affine.gamma + row * shape.length, j);
      beta[j] = affine.beta == nullptr ? All(0) : shape.LoadAt(affine.beta + row * shape.length, j);
    }
  }
};

enum class RowsHave { kNoAffine, kOneAffine, kAffineEach };

// As ApplyShortRows for rows of few packs: what many rows share stays in registers.
template <RowsHave kAffine, int kPacks, bool kWhole, typename T>
HWY_INLINE void ApplyPacks(const ShortRows& rows, const RowShape<kPacks, kWhole>& shape,
                           const RowStandards& standards) {
  const T* x = static_cast<const T*>(rows.sweep.x);
  T* y = static_cast<T*>(rows.sweep.y);
  const RowAffine parameters = rows.affine;
  const int64_t count = rows.rows, period = rows.period;
  int64_t at = rows.first;
  AffinePacks<kPacks> affine;
  if constexpr (kAffine == RowsHave::kOneAffine) affine.LoadFrom(parameters, 0, shape);
  for (int64_t r = 0; r < count; ++r, x += shape.length, y += shape.length) {
    if constexpr (kAffine == RowsHave::kAffineEach) {
      affine.LoadFrom(parameters, at, shape);
      at = at + 1 == period ? 0 : at + 1;
    }
    if (!standards.IsDone(r)) continue;
    const Pack high = All(standards.high[r]), rstd = All(standards.rstd[r]);
    const Pack offset = All(standards.offset[r]);
    for (int j = 0; j < kPacks; ++j) {
      Pack z = MulAdd(shape.LoadAt(x, j) - high, rstd, offset);
      if constexpr (kAffine != RowsHave::kNoAffine) z = MulAdd(z, affine.gamma[j], affine.beta[j]);
      shape.StoreAt(z, y, j);
    }
  }
}

// Rows of at most so many packs have loops of their own, without a loop.
inline constexpr int kMostPacks = 4;

// Rows of few packs, without what could be fused.
template <bool kCenter, int kPacks, bool kWhole, typename T>
HWY_NOINLINE uint32_t NormalizePacks(const ShortRows& rows) {
  const RowShape<kPacks, kWhole> shape(rows.length);
  const RowStandards standards =
      StandardsOf<kCenter>(static_cast<const T*>(rows.sweep.x), rows, shape);
  WriteStatistics(standards, rows);
  if (rows.affine.gamma == nullptr) {
    ApplyPacks<RowsHave::kNoAffine, kPacks, kWhole, T>(rows, shape, standards);
  } else if (rows.affine.segment == 1 && rows.period == 1) {
    ApplyPacks<RowsHave::kOneAffine, kPacks, kWhole, T>(rows, shape, standards);
  } else if (rows.affine.segment == 1) {
    ApplyPacks<RowsHave::kAffineEach, kPacks, kWhole, T>(rows, shape, standards);
  } else {
    const Stream<T, Activation::kNone, false, Write::kPlain> stream = {
        static_cast<const T*>(rows.sweep.x), nullptr, static_cast<T*>(rows.sweep.y), 0};
    ApplyShortRows<true>(stream, rows, standards);
  }
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

// From memory, where what a row costs beside its values is hidden: reading goes on while a row is
// written.
template <bool kCenter, bool kBeta, typename T, typename S>
HWY_INLINE uint32_t NormalizeRowByRow(const S& stream, const ShortRows& rows) {
  RowStandards standards;
  AffineOfRows affine(rows);
  for (int64_t r = 0; r < rows.rows; ++r) {
    const T* x = static_cast<const T*>(rows.sweep.x) + r * rows.length;
    const Standards of = StandardOf<kCenter>(x, rows.length, rows.eps);
    standards.high[r] = FirstLane(of.high);
    standards.low[r] = FirstLane(of.low);
    standards.rstd[r] = FirstLane(of.rstd);
    standards.undone |= (of.undone & 1) << r;
    ApplyRow<kBeta>(stream, rows.length, standards, r, affine.Next());
  }
  WriteStatistics(standards, rows);
  return standards.undone;
}

// kBeta: whether gamma of each element comes with a beta.
template <typename T, bool kCenter, bool kBeta>
HWY_NOINLINE uint32_t NormalizeManyPacks(const ShortRows& rows, Activation activation) {
  uint32_t undone = 0;
  if (rows.row_by_row) {
    WithStream<T, Write::kPlain>(rows.sweep, activation, [&](const auto& stream) HWY_ATTR {
      undone = NormalizeRowByRow<kCenter, kBeta, T>(stream, rows);
    });
    return undone;
  }
  const RowShape<0, true> shape(rows.length);
  const RowStandards standards =
      StandardsOf<kCenter>(static_cast<const T*>(rows.sweep.x), rows, shape);
  WriteStatistics(standards, rows);
  WithStream<T, Write::kPlain>(rows.sweep, activation, [&](const auto& stream) HWY_ATTR {
    ApplyShortRows<kBeta>(stream, rows, standards);
  });
  return standards.undone;
}

// Loops::normalize_short_rows.
template <typename T, bool kCenter>
uint32_t NormalizeShortRows(const ShortRows& rows, Activation activation) {
  const bool fused = activation != Activation::kNone || rows.sweep.residual != nullptr;
  if constexpr (HWY_TARGET != HWY_SSE4) {
    if (!fused && rows.length <= kMostPacks * kPackLanes)
      return NormalizeFewPacks<kCenter, 1, T>(rows);
  }
  return rows.affine.gamma != nullptr && rows.affine.beta == nullptr
             ? NormalizeManyPacks<T, kCenter, false>(rows, activation)
             : NormalizeManyPacks<T, kCenter, true>(rows, activation);
}

}  // namespace HWY_NAMESPACE
}  // namespace normbench
HWY_AFTER_NAMESPACE();

#endif
