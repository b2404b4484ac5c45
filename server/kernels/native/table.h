// SPDX-License-Identifier: Apache-2.0
// A table of rows and channels, or what a unit has of one, as the loops want it: folded, and cut
// into chunks of rows.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/functional/function_ref.h"
#include "server/kernels/native/scales.h"
#include "server/kernels/native/scheme.h"
#include "server/kernels/native/setting.h"

namespace normbench {

// Rows that are whole, or one that is cut short.
struct TablePart {
  int64_t first = 0;  // element of the table
  Rectangle size;
};

// Thread-safe.
class FoldedTable {
 public:
  FoldedTable(const Setting& setting, int64_t rows);

  const Fold& fold() const { return fold_; }
  int64_t chunks() const { return chunks_; }
  // Of the folded table.
  Rectangle whole_rows() const { return {fold_.rows, fold_.columns, stride_}; }

  // The last chunk has the tail too.
  void ForEachPart(int64_t chunk, absl::FunctionRef<void(TablePart)> work) const;

  // Of the table that begins at `first`. ahead: from a value to the one that is fetched meanwhile.
  void ApplyChunk(const NativeBuffers& buffers, int64_t first, int64_t chunk,
                  const ColumnScales& scales, int64_t ahead) const;

 private:
  const Setting setting_;
  const Fold fold_;
  const int64_t stride_;  // from row to row of the folded table
  const int64_t rows_per_chunk_;
  const int64_t chunks_;
};

// Memory for the scales of every column of the folded table, and where they are in it.
size_t ColumnScalesBytes(const FoldedTable& table);
ColumnScales ScalesAt(std::byte* memory, const FoldedTable& table);

// Copies what is there for the first columns, the channels, to the others of the folded table.
void RepeatOne(float* values, const Fold& fold);
void Repeat(const ColumnScales& scales, const Fold& fold);

}  // namespace normbench
