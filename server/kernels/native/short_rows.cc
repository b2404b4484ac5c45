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

// From this length of a row on the next batch is fetched while one is written (rows.cc).
constexpr int64_t kAheadBytes = 2 << 10;

class ShortRowSteps final : public Steps {
 public:
  explicit ShortRowSteps(const Setting& setting) : setting_(setting) {}

  StepSizes sizes() const override {
    const int64_t batch = Batch();
    return {.units = (scheme().rows + batch - 1) / batch,
            .unit_bytes = batch * RowBytes(),
            .shared = ExpandedBytes(setting_)};
  }

  void Prepare(const Call& call) const override {
    Expand(setting_, call.buffers.norm, call.shared);
  }

  void Apply(const Call& call, int64_t unit, int64_t, UnitMemory) const override {
    const int64_t row = unit * Batch();
    const int64_t count = std::min(Batch(), scheme().rows - row);
    const int64_t first = row * scheme().length;
    setting_.AddBefore(call.buffers, first, count * scheme().length);
    const NormBuffers& norm = call.buffers.norm;
    const AffinePointers affine = AffineOf(setting_, norm, call.shared);
    ShortRows rows = {.sweep = setting_.SweepAt(call.buffers, first),
                      .rows = count,
                      .length = scheme().length,
                      .affine = {affine.gamma, affine.beta, scheme().segment},
                      .first = row % scheme().period,
                      .period = scheme().period,
                      .eps = static_cast<float>(setting_.problem.spec.eps),
                      .mean = norm.mean_out == nullptr ? nullptr : norm.mean_out + row,
                      .rstd = norm.rstd_out == nullptr ? nullptr : norm.rstd_out + row};
    if (RowBytes() >= kAheadBytes) rows.sweep.ahead = Batch() * scheme().length;
    const Activation activation = setting_.problem.fusion.activation;
    const uint32_t undone =
        setting_.loops->normalize_short_rows[scheme().centred](rows, activation);
    for (int64_t r = 0; r < count; ++r) {
      if ((undone >> r & 1) != 0) NormalizePrecisely(rows, r, activation);
    }
  }

 private:
  const Scheme& scheme() const { return setting_.scheme; }
  int64_t RowBytes() const { return scheme().length * setting_.element_bytes(); }
  int64_t Batch() const { return std::clamp<int64_t>(kBatchBytes / RowBytes(), 4, kRowBatch); }

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
};

}  // namespace

std::unique_ptr<const Steps> MakeShortRows(const Setting& setting) {
  return std::make_unique<ShortRowSteps>(setting);
}

}  // namespace normbench
