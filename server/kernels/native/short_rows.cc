// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "server/kernels/native/affine.h"
#include "server/kernels/native/moments.h"
#include "server/kernels/native/rows.h"
#include "server/kernels/native/scales.h"

namespace normbench {
namespace {

// Rows that are worked on together are read three times: they should stay in the first cache.
constexpr int64_t kBatchBytes = 24 << 10;
// Row by row it is only one of them; what is fetched is this many rows ahead.
constexpr int64_t kRowsAhead = 2;

// What is worth the steps of a unit.
constexpr int64_t kUnitBytes = 8 << 10;

// From this length of a row on what is read next is fetched while one is written (setting.h), and
// from memory it pays to take rows one by one.
constexpr int64_t kAheadBytes = 2 << 10;

class ShortRowSteps final : public Steps {
 public:
  explicit ShortRowSteps(const Setting& setting)
      : setting_(setting),
        row_by_row_(setting.from_memory && !setting.problem.fusion.add_before &&
                    RowBytes() >= kAheadBytes),
        batch_(row_by_row_ ? kRowBatch
                           : std::clamp<int64_t>(kBatchBytes / RowBytes(), 4, kRowBatch)),
        unit_rows_(std::max<int64_t>(kUnitBytes / (batch_ * RowBytes()), 1) * batch_) {}

  StepSizes sizes() const override {
    return {.units = (scheme().rows + unit_rows_ - 1) / unit_rows_,
            .unit_bytes = unit_rows_ * RowBytes(),
            .shared = ExpandedBytes(setting_)};
  }

  void Prepare(const NormCall& call) const override {
    Expand(setting_, call.buffers.norm, call.shared);
  }

  void Apply(const NormCall& call, int64_t unit, int64_t, UnitMemory) const override {
    const int64_t end = std::min((unit + 1) * unit_rows_, scheme().rows);
    const AffinePointers affine = AffineOf(setting_, call.buffers.norm, call.shared);
    for (int64_t row = unit * unit_rows_; row < end; row += batch_)
      NormalizeBatch(call.buffers, affine, row, std::min(batch_, end - row));
  }

 private:
  const Scheme& scheme() const { return setting_.scheme; }
  int64_t RowBytes() const { return scheme().length * setting_.element_bytes(); }

  void NormalizeBatch(const NativeBuffers& buffers, const AffinePointers& affine, int64_t row,
                      int64_t count) const {
    const int64_t first = row * scheme().length;
    setting_.AddBefore(buffers, first, count * scheme().length);
    const NormBuffers& norm = buffers.norm;
    ShortRows rows = {.sweep = setting_.SweepAt(buffers, first),
                      .rows = count,
                      .length = scheme().length,
                      .affine = {affine.gamma, affine.beta, scheme().segment},
                      .first = row % scheme().period,
                      .period = scheme().period,
                      .eps = static_cast<float>(setting_.problem.spec.eps),
                      .row_by_row = row_by_row_,
                      .mean = norm.mean_out == nullptr ? nullptr : norm.mean_out + row,
                      .rstd = norm.rstd_out == nullptr ? nullptr : norm.rstd_out + row};
    if (RowBytes() >= kAheadBytes)
      rows.sweep.ahead = (row_by_row_ ? kRowsAhead : batch_) * scheme().length;
    const Activation activation = setting_.problem.fusion.activation;
    const uint32_t undone =
        setting_.loops->normalize_short_rows[scheme().centred](rows, activation);
    for (int64_t r = 0; undone != 0 && r < count; ++r) {
      if ((undone >> r & 1) != 0) NormalizePrecisely(rows, r, activation);
    }
  }

  // One row whose values float32 cannot square.
  void NormalizePrecisely(const ShortRows& rows, int64_t r, Activation activation) const {
    const int64_t n = rows.length;
    Sweep sweep = {setting_.At(rows.sweep.x, r * n), nullptr, setting_.At(rows.sweep.y, r * n)};
    if (rows.sweep.residual != nullptr) sweep.residual = setting_.At(rows.sweep.residual, r * n);
    const Moments moments = PreciseMoments(setting_.problem.format.dtype,
                                           {.x = sweep.x, .length = n}, scheme().centred);
    const Standard standard = StandardOf(moments, setting_.problem.spec.eps);
    if (rows.mean != nullptr) rows.mean[r] = standard.high;
    if (rows.rstd != nullptr) rows.rstd[r] = standard.rstd;
    const int64_t segment = rows.affine.segment;
    const int64_t at = (rows.first + r) % rows.period * (n / segment);
    for (int64_t i = 0; i < n; i += segment) {
      const Scaling scaling =
          ScalingOf(standard, rows.affine.gamma, rows.affine.beta, at + i / segment);
      ApplyPart(sweep, i, segment, standard.high, scaling, activation);
    }
  }

  void ApplyPart(const Sweep& row, int64_t first, int64_t n, float high, Scaling scaling,
                 Activation activation) const {
    Sweep sweep = {setting_.At(row.x, first), nullptr, setting_.At(row.y, first)};
    if (row.residual != nullptr) sweep.residual = setting_.At(row.residual, first);
    const Segments segments = {.n = n,
                               .head = n,
                               .segment = n,
                               .high = &high,
                               .scale = &scaling.scale,
                               .bias = &scaling.bias};
    setting_.loops->apply_segments[false](sweep, segments, activation);
  }

  const Setting setting_;
  const bool row_by_row_;    // what is added before would be added to all rows of a batch at once
  const int64_t batch_;      // rows that the loops are given at a time
  const int64_t unit_rows_;  // whole batches
};

}  // namespace

std::unique_ptr<const Steps> MakeShortRows(const Setting& setting) {
  return std::make_unique<ShortRowSteps>(setting);
}

}  // namespace normbench
