// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/table.h"

#include <algorithm>

namespace normbench {
namespace {

// What a thread takes at once: several blocks, so that the sums of a chunk are little beside it.
constexpr int64_t kChunkElements = 32 << 10;
// Where there are no sums, whatever is worth a step.
constexpr int64_t kScaledElements = 16 << 10;

int64_t RowsPerChunk(const Scheme& scheme, const Fold& fold) {
  if (scheme.unit_channels < scheme.channels) return fold.rows;
  if (scheme.form == Form::kScaledColumns)
    return std::max<int64_t>(kScaledElements / fold.columns, 1);
  const int64_t blocks = kChunkElements / (fold.columns * kBlockRows);
  return std::max<int64_t>(blocks, 1) * kBlockRows;
}

// A whole pack fits behind the last column.
int64_t RoomFor(const FoldedTable& table) {
  return table.fold().columns + kPackLanes;
}

}  // namespace

FoldedTable::FoldedTable(const Setting& setting, int64_t rows)
    : setting_(setting),
      fold_(FoldOf(rows, setting.scheme.unit_channels)),
      stride_(fold_.fold * setting.scheme.channels),
      rows_per_chunk_(RowsPerChunk(setting.scheme, fold_)),
      chunks_((fold_.rows + rows_per_chunk_ - 1) / rows_per_chunk_) {}

void FoldedTable::ForEachPart(int64_t chunk, absl::FunctionRef<void(TablePart)> work) const {
  const int64_t row = chunk * rows_per_chunk_;
  const int64_t rows = std::min(rows_per_chunk_, fold_.rows - row);
  work({row * stride_, {rows, fold_.columns, stride_}});
  if (chunk == chunks_ - 1 && fold_.tail > 0)
    work({fold_.rows * stride_, {1, fold_.tail, stride_}});
}

void FoldedTable::ApplyChunk(const NativeBuffers& buffers, int64_t first, int64_t chunk,
                             const ColumnScales& scales, int64_t ahead) const {
  const bool streams = setting_.Streams(buffers);
  ForEachPart(chunk, [&](TablePart part) {
    Sweep sweep = setting_.SweepAt(buffers, first + part.first);
    sweep.ahead = ahead;
    setting_.loops->apply_columns[streams](sweep, part.size, scales,
                                           setting_.problem.fusion.activation);
  });
  if (streams) setting_.loops->fence();
}

size_t ColumnScalesBytes(const FoldedTable& table) {
  return ScalesBytes(RoomFor(table));
}

ColumnScales ScalesAt(std::byte* memory, const FoldedTable& table) {
  return ScalesAt(memory, RoomFor(table));
}

void RepeatOne(float* values, const Fold& fold) {
  const int64_t channels = fold.columns / fold.fold;
  for (int64_t j = 1; j < fold.fold; ++j) std::copy_n(values, channels, values + j * channels);
}

void Repeat(const ColumnScales& scales, const Fold& fold) {
  for (float* values : {scales.high, scales.scale, scales.bias}) RepeatOne(values, fold);
}

}  // namespace normbench
