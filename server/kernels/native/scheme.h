// SPDX-License-Identifier: Apache-2.0
// How a normalization is taken apart: which of a few forms its statistics have in memory, and the
// blocks its sums are made of. A pure function of spec, shape, dtype and layout; never of how many
// samples there are (statistics of a batch excepted) or of threads: sums in the same order give the
// same bits.
#pragma once

#include <cstdint>
#include <string>

#include "bench/norm/shape.h"
#include "bench/norm/spec.h"
#include "bench/norm/tensor_format.h"

namespace normbench {

enum class Form {
  kShortRows,      // statistics over rows that lie in one piece, at most kShortRow values each
  kRows,           // longer ones
  kColumns,        // statistics over columns of a table (rows, channels), a table each sample
  kPlanes,         // statistics of a channel over all samples, (sample, channel, place) in memory
  kScaledColumns,  // no statistics to compute: a table
  kScaledPlanes    // likewise: planes
};

// Sizes count elements.
struct Scheme {
  Form form = Form::kRows;
  bool centred = true;  // there is a mean to take off

  // Rows: how many, their length, values in one that share gamma and beta (1: each its own), and
  // after how many rows gamma and beta begin anew.
  int64_t rows = 0, length = 0, segment = 1, period = 1;
  // gamma and beta are needed in another order, or each value's own: they are rearranged first.
  bool expands_affine = false;

  // Tables: how many, their rows and columns; groups of neighbouring columns.
  int64_t tables = 0, table_rows = 0, channels = 0, groups = 0;
  // Channels that a unit has: all, or some whole groups of a table of few rows.
  int64_t unit_channels = 0;

  // Planes: samples, channels (above), values in one plane.
  int64_t samples = 0, plane = 0;

  int64_t units() const;  // what a thread can work on alone: rows, tables or parts, channels

  std::string ToString() const;  // "rows of 50176 in chunks of 12288"

  bool operator==(const Scheme&) const = default;
};

// Elements of a row that are summed up in float64 lanes of their own; threads share rows by chunks.
inline constexpr int64_t kChunk = 12288;

// REQUIRES: Validate(spec, shape).ok(), Validate(format, shape).ok().
Scheme SchemeOf(const NormSpec& spec, const Shape& shape, TensorFormat format);

// Rows of a narrow or oddly wide table seen as fewer rows of `fold` times the columns, so that no
// pack of sixteen is cut but at the very end: `rows` whole ones, then `tail` elements.
struct Fold {
  int64_t fold = 1, columns = 0, rows = 0, tail = 0;

  bool operator==(const Fold&) const = default;
};
Fold FoldOf(int64_t rows, int64_t channels);

}  // namespace normbench
