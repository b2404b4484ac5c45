// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/scheme.h"

#include <numeric>

#include "absl/strings/str_cat.h"
#include "server/kernels/native/loops.h"

namespace normbench {
namespace {

Scheme Rows(int64_t rows, int64_t length, int64_t segment, int64_t period) {
  Scheme scheme = {.form = length <= kShortRow ? Form::kShortRows : Form::kRows,
                   .rows = rows,
                   .length = length,
                   .segment = segment,
                   .period = period};
  // A segment shorter than a pack would be a loop of one round.
  scheme.expands_affine = segment > 1 && segment < kPackLanes && segment < length;
  if (scheme.expands_affine) scheme.segment = 1;
  return scheme;
}

// A table of few rows is too little for several threads to meet over, and too wide for the sums of
// all its columns to stay in the first cache beside it.
int64_t UnitChannels(int64_t rows, int64_t channels, int64_t groups) {
  constexpr int64_t kFewRows = 64, kFewChannels = 512;
  if (rows > kFewRows) return channels;
  for (int64_t count = 1; count < groups; ++count) {
    const int64_t some = channels / groups * count;
    if (groups % count == 0 && some >= kFewChannels && some % kPackLanes == 0) return some;
  }
  return channels;
}

Scheme Columns(int64_t tables, int64_t rows, int64_t channels, int64_t groups) {
  return {.form = Form::kColumns,
          .tables = tables,
          .table_rows = rows,
          .channels = channels,
          .groups = groups,
          .unit_channels = UnitChannels(rows, channels, groups)};
}

int64_t GroupsOf(const NormSpec& spec, const Shape& shape) {
  if (spec.method == Method::kGroup) return spec.groups;
  return spec.method == Method::kInstance ? shape.channels() : 1;
}

// What is computed over the whole of a sample, or over groups of its channels.
Scheme OfSamples(const NormSpec& spec, const Shape& shape, bool channels_last) {
  const int64_t per_sample = shape.channels() * shape.spatial();
  const int64_t groups = GroupsOf(spec, shape);
  const bool by_element = spec.affine == Affine::kElement;
  const bool whole = groups == 1 && (by_element || spec.affine == Affine::kNone);
  if (channels_last && !whole) return Columns(shape.n(), shape.spatial(), shape.channels(), groups);
  const int64_t length = per_sample / groups;
  int64_t segment = by_element ? 1 : shape.spatial();
  if (spec.affine == Affine::kNone) segment = length;
  Scheme scheme = Rows(shape.n() * groups, length, segment, groups);
  if (channels_last && by_element) scheme.expands_affine = true;
  return scheme;
}

Scheme OfBatch(const NormSpec& spec, const Shape& shape, bool channels_last) {
  const bool computes = ComputesStatistics(spec);
  if (channels_last) {
    Scheme scheme = Columns(1, shape.n() * shape.spatial(), shape.channels(), shape.channels());
    if (!computes) {
      scheme.form = Form::kScaledColumns;
      scheme.unit_channels = scheme.channels;
    }
    return scheme;
  }
  return {.form = computes ? Form::kPlanes : Form::kScaledPlanes,
          .channels = shape.channels(),
          .groups = shape.channels(),
          .samples = shape.n(),
          .plane = shape.spatial()};
}

}  // namespace

int64_t Scheme::units() const {
  switch (form) {
    case Form::kShortRows:
    case Form::kRows:
      return rows;
    case Form::kColumns:
    case Form::kScaledColumns:
      return tables * (channels / unit_channels);
    case Form::kPlanes:
    case Form::kScaledPlanes:
      return channels;
  }
  return 0;
}

std::string Scheme::ToString() const {
  switch (form) {
    case Form::kShortRows:
      return absl::StrCat("short rows of ", length);
    case Form::kRows:
      return absl::StrCat("rows of ", length, " in chunks of ", kChunk);
    case Form::kColumns:
      return absl::StrCat(
          "columns of tables of ", table_rows, " x ", channels,
          unit_channels == channels ? "" : absl::StrCat(", ", unit_channels, " at a time"));
    case Form::kPlanes:
      return absl::StrCat("channels of ", samples, " planes of ", plane);
    case Form::kScaledColumns:
      return absl::StrCat("scaled columns of a table of ", table_rows, " x ", channels);
    case Form::kScaledPlanes:
      return absl::StrCat("scaled planes of ", plane);
  }
  return "";
}

Scheme SchemeOf(const NormSpec& spec, const Shape& shape, TensorFormat format) {
  // With one place a channel both layouts are the same bytes: over the batch a table of channels,
  // in a sample groups of neighbours.
  const bool table = format.layout == Layout::kNhwc || shape.spatial() == 1;
  Scheme scheme = spec.method == Method::kBatch
                      ? OfBatch(spec, shape, table)
                      : OfSamples(spec, shape, table && shape.spatial() > 1);
  scheme.centred = HasMean(spec);
  return scheme;
}

Fold FoldOf(int64_t rows, int64_t channels) {
  // Beyond, the columns' own sums take more memory than the rows that they are of.
  constexpr int64_t kWidest = 2048;
  constexpr int64_t kFewest = 4;  // rows left
  int64_t fold = kPackLanes / std::gcd<int64_t>(channels, kPackLanes);
  if (fold * channels > kWidest || rows < kFewest * fold) fold = 1;
  return {fold, fold * channels, rows / fold, rows % fold * channels};
}

}  // namespace normbench
