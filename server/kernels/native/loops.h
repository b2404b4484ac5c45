// SPDX-License-Identifier: Apache-2.0
// The inner loops of one dtype on one instruction set, as a table of functions: all that is
// compiled once per instruction set. No loop allocates or looks at a size it was not told.
#pragma once

#include <cstdint>

#include "bench/norm/words.h"
#include "server/kernels/native/element.h"
#include "server/kernels/native/fusion.h"
#include "server/kernels/native/isa.h"

namespace normbench {

inline constexpr int64_t kBlockPacks = 96;  // of float32 sums: three chains of 32
// What is left behind the last block may join it: at most 34 in a chain.
inline constexpr int64_t kMorePacks = 6;
inline constexpr int64_t kBlockRows = 32;  // of float32 sums by column: a chain of 32
// Rows up to this length are summed up in float32 alone: three chains of 22 at most.
inline constexpr int64_t kShortRow = 1024;
// A float32 sum of squares up to the first, of a variance (with eps) from the second on, has
// neither overflowed nor lost digits to underflow.
inline constexpr float kLargestSum = 1e37f;
inline constexpr float kSmallestVariance = 0x1p-100f;
inline constexpr int kRowBatch = 16;  // short rows whose statistics are worked out together

// Where values come from and go to; all of one dtype.
struct Sweep {
  const void* x = nullptr;
  const void* residual = nullptr;  // added after the norm; null: nothing
  void* y = nullptr;
  int64_t ahead = 0;  // how far behind x lies what is read next: it is asked for early
};

// Values in one piece of memory that are scaled by segments: y = (x - high) * scale + bias.
struct Segments {
  int64_t n = 0;
  int64_t head = 0;     // values left of the first segment, at least 1
  int64_t segment = 1;  // values of every other one
  // Of the first segment; then of the next, but high only moves by high_step.
  const float* high = nullptr;  // the mean, rounded
  int64_t high_step = 0;
  const float* scale = nullptr;  // rstd * gamma
  const float* bias = nullptr;   // beta - (mean - high) * scale
};

// Of each column, or channel: y = (x - high) * scale + bias.
struct ColumnScales {
  float* high = nullptr;   // the mean, rounded
  float* scale = nullptr;  // rstd * gamma
  float* bias = nullptr;   // beta - (mean - high) * scale
};

// Rows of a table, or of some of its columns; `stride` elements from row to row.
struct Rectangle {
  int64_t rows = 0, columns = 0, stride = 0;
};

// A mean in two parts, and the reciprocal root of a variance.
struct Standard {
  float high = 0;  // the mean, rounded
  float low = 0;   // mean - high
  float rstd = 1;
};

// gamma and beta of rows whose segments of equal length share one of each; null: 1 and 0.
struct RowAffine {
  const float* gamma = nullptr;
  const float* beta = nullptr;
  int64_t segment = 1;
};

// Rows one behind the other. Row r takes its gamma and beta from (first + r) % period rows on.
struct ShortRows {
  Sweep sweep;
  int64_t rows = 0;    // at most kRowBatch
  int64_t length = 0;  // of a row, at most kShortRow
  RowAffine affine;
  int64_t first = 0, period = 1;
  float eps = 0;
  bool row_by_row = false;  // each row is written before the next is read: the same bits
  float* mean = nullptr;    // of each row; null: not wanted
  float* rstd = nullptr;
};

struct Loops {
  // Adds to sums[0..15] the lanes of x - shift (nothing without centring) and to sums[16..31] those
  // of its square.
  void (*sum_row[2])(const void* x, int64_t n, float shift, double* sums);  // [centred]
  // A value that the row is spread around, told from its first values.
  float (*middle_of_row)(const void* x, int64_t n);
  // Adds to s[c] and q[c]. Room for a whole pack behind the last column.
  void (*sum_columns[2])(const void* x, Rectangle size, const float* shift, double* s, double* q);
  void (*middle_of_columns)(const void* x, Rectangle size, float* middle);

  // y = activation((x - high) * scale + bias + residual). [streamed]
  void (*apply_segments[2])(const Sweep& sweep, const Segments& segments, Activation activation);
  // y = activation(((x - high) * rstd - low * rstd) * gamma + beta + residual), gamma and beta of
  // each element.
  void (*apply_elements[2])(const Sweep& sweep, int64_t n, Standard standard, const float* gamma,
                            const float* beta, Activation activation);
  // As apply_segments; the scales of each column.
  void (*apply_columns[2])(const Sweep& sweep, Rectangle size, ColumnScales scales,
                           Activation activation);

  // Returns in bit r whether row r was left undone: its values are outside what float32 can square.
  uint32_t (*normalize_short_rows[2])(const ShortRows& rows, Activation activation);  // [centred]

  // to = round(a + b).
  void (*add)(const void* a, const void* b, void* to, int64_t n);
  // After streamed stores, before another thread may read.
  void (*fence)();
};

// REQUIRES: this CPU has `isa`.
const Loops& LoopsFor(Isa isa, DType dtype);

}  // namespace normbench
