// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/table.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <numeric>
#include <vector>

#include "tests/server/kernels/native/native_run.h"

namespace normbench {
namespace {

Setting TableOf(int64_t rows, int64_t channels) {
  const std::vector<int64_t> dims = {1, channels, rows};
  const NormSpec batch = {.method = Method::kBatch, .stats = StatsSource::kBatch};
  return SettingOf({batch, Shape::Create(dims).value(), {.layout = Layout::kNhwc}, {}});
}

TEST(FoldedTable, PartsFollowEachOtherToTheEnd) {
  for (int64_t channels : {1, 3, 16, 63, 64, 100, 1000, 2049, 5000}) {
    for (int64_t rows : {1, 2, 5, 31, 64, 100, 961, 3000}) {
      const FoldedTable table(TableOf(rows, channels), rows);
      int64_t next = 0;
      for (int64_t chunk = 0; chunk < table.chunks(); ++chunk) {
        table.ForEachPart(chunk, [&](TablePart part) {
          EXPECT_EQ(part.first, next);
          EXPECT_EQ(part.first % channels, 0) << "columns begin with the first channel";
          EXPECT_LE(part.size.columns, table.fold().columns);
          EXPECT_EQ(part.size.stride, table.fold().columns);
          EXPECT_GE(part.size.rows, 1);
          next += part.size.rows * part.size.columns;
        });
      }
      EXPECT_EQ(next, rows * channels) << rows << " x " << channels;
    }
  }
}

// float32 sums of columns end with a block: a chunk that cut one would change the bits.
TEST(FoldedTable, ChunksAreWholeBlocks) {
  for (int64_t channels : {3, 64, 100, 2049}) {
    const FoldedTable table(TableOf(3000, channels), 3000);
    for (int64_t chunk = 0; chunk + 1 < table.chunks(); ++chunk) {
      table.ForEachPart(chunk, [&](TablePart part) { EXPECT_EQ(part.size.rows % kBlockRows, 0); });
    }
  }
  EXPECT_GT(FoldedTable(TableOf(3000, 64), 3000).chunks(), 1);
}

TEST(FoldedTable, OfSomeChannelsStepsOverTheOthers) {
  const FoldedTable table(TableOf(49, 2048), 49);
  EXPECT_EQ(table.whole_rows().stride, 2048);
  EXPECT_EQ(table.whole_rows().columns, 512);
  EXPECT_EQ(table.chunks(), 1);
  table.ForEachPart(0, [](TablePart part) {
    EXPECT_EQ(part.first, 0);
    EXPECT_EQ(part.size.rows, 49);
    EXPECT_EQ(part.size.columns, 512);
    EXPECT_EQ(part.size.stride, 2048);
  });
}

TEST(FoldedTable, ScalesHaveRoomForAPackBehindTheLastColumn) {
  for (int64_t channels : {1, 3, 16, 100, 2049}) {
    const FoldedTable table(TableOf(200, channels), 200);
    const GuardedMemory memory(ColumnScalesBytes(table));
    const ColumnScales scales = ScalesAt(memory.data(), table);
    const int64_t room = table.fold().columns + kPackLanes;
    float value = 0;
    for (float* values : {scales.high, scales.scale, scales.bias})
      std::fill_n(values, room, ++value);
    EXPECT_TRUE(memory.intact());
    EXPECT_EQ(scales.high[room - 1], 1);
    EXPECT_EQ(scales.scale[room - 1], 2);
  }
}

TEST(FoldedTable, RepeatsChannelsOverTheFold) {
  const Fold fold = {.fold = 3, .columns = 6, .rows = 4, .tail = 0};
  std::vector<float> high = {1, 2, 0, 0, 0, 0, 99}, scale = {3, 4, 0, 0, 0, 0, 99},
                     bias = {5, 6, 0, 0, 0, 0, 99};
  Repeat({high.data(), scale.data(), bias.data()}, fold);
  EXPECT_EQ(high, (std::vector<float>{1, 2, 1, 2, 1, 2, 99}));
  EXPECT_EQ(scale, (std::vector<float>{3, 4, 3, 4, 3, 4, 99}));
  EXPECT_EQ(bias, (std::vector<float>{5, 6, 5, 6, 5, 6, 99}));
}

// y = (x - high) * scale + bias, each with values that tell its channel.
TEST(FoldedTable, AppliesAChunkAndNothingElse) {
  constexpr int64_t kRows = 700, kChannels = 100;
  const FoldedTable table(TableOf(kRows, kChannels), kRows);
  ASSERT_GT(table.chunks(), 2);
  std::vector<float> x(2 * kRows * kChannels), y(x.size(), -1);
  std::iota(x.begin(), x.end(), 0.0f);
  const GuardedMemory memory(ColumnScalesBytes(table));
  const ColumnScales scales = ScalesAt(memory.data(), table);
  for (int64_t c = 0; c < kChannels; ++c) {
    scales.high[c] = static_cast<float>(c);
    scales.scale[c] = 2;
    scales.bias[c] = static_cast<float>(1 + c);
  }
  Repeat(scales, table.fold());
  constexpr int64_t kFirst = kRows * kChannels;  // the second of two tables
  table.ApplyChunk({.norm = {.x = x.data(), .y = y.data()}}, kFirst, 1, scales, 0);
  int64_t begin = 0, end = 0;
  table.ForEachPart(1, [&](TablePart part) {
    begin = kFirst + part.first;
    end = begin + part.size.rows * part.size.columns;
  });
  for (int64_t i = 0; i < std::ssize(x); ++i) {
    const auto c = static_cast<float>(i % kChannels);
    const float expected = i >= begin && i < end ? (x[i] - c) * 2 + 1 + c : -1;
    ASSERT_EQ(y[i], expected) << i;
  }
}

}  // namespace
}  // namespace normbench
