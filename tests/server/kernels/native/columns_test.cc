// SPDX-License-Identifier: Apache-2.0
// Tables of rows and channels: folded and not, in one chunk and in many, groups of any width.
#include "server/kernels/native/columns.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/server/kernels/native/native_reference.h"

namespace normbench {
namespace {

constexpr NormSpec kInstance = {.method = Method::kInstance};
constexpr NormSpec kLayer = {.method = Method::kLayer};
constexpr NormSpec kBatch = {.method = Method::kBatch, .stats = StatsSource::kBatch};
constexpr NormSpec kRunning = {.method = Method::kBatch};
constexpr NormSpec kFolded = {.method = Method::kBatch, .stats = StatsSource::kFolded};

// `rows` places of each of two samples.
NativeCase TableCase(const NormSpec& spec, int64_t rows, int64_t channels,
                     DType dtype = DType::kF32, const Fusion& fusion = {}) {
  const std::vector<int64_t> dims = {2, channels, rows};
  const TensorFormat format = {.dtype = dtype, .layout = Layout::kNhwc};
  const NativeCase c = MakeCase({spec, Shape::Create(dims).value(), format, fusion});
  const Form form = SettingOf(c.problem).scheme.form;
  const bool rows_of_one = rows == 1 && spec.method != Method::kBatch;
  EXPECT_EQ(form == Form::kColumns || form == Form::kScaledColumns, !rows_of_one);
  return c;
}

TEST(Columns, FoldedAndNot) {
  for (int64_t channels : {3, 16, 17, 63, 64, 100, 1000, 2049}) {
    for (int64_t rows : {1, 2, 3, 8, 9, 49, 64, 67}) {
      for (const NormSpec& spec : {kInstance, kBatch, kRunning, kFolded})
        ExpectRight(TableCase(spec, rows, channels));
    }
  }
}

TEST(Columns, OfHalfTypes) {
  for (DType dtype : {DType::kF16, DType::kBf16}) {
    for (int64_t channels : {3, 63, 100, 2049}) {
      for (int64_t rows : {2, 49, 67}) {
        for (const NormSpec& spec : {kInstance, kRunning})
          ExpectRight(TableCase(spec, rows, channels, dtype));
      }
    }
  }
}

TEST(Columns, OfEveryNumberUpToFourPacks) {
  for (int64_t channels = 1; channels <= 66; ++channels) {
    ExpectRight(TableCase(kInstance, 65, channels));
    ExpectRight(TableCase(kInstance, 5, channels));
  }
}

TEST(Columns, InSeveralChunks) {
  for (int64_t channels : {3, 16, 100, 1000, 2049}) {
    const NativeCase c = TableCase(kInstance, 300000 / channels, channels);
    ASSERT_GT(MakeColumns(SettingOf(c.problem))->sizes().chunks, 2);
    ExpectRight(c);
    ExpectRight(TableCase(kBatch, 300000 / channels, channels));
  }
}

TEST(Columns, InGroupsOfAnyWidth) {
  for (int64_t channels : {6, 48, 100, 2304}) {
    for (int64_t groups : {1, 2, 3, 4, 6, 16, 25, 48, 50, 1152}) {
      if (channels % groups != 0) continue;
      for (int64_t rows : {1, 2, 50}) {
        ExpectRight(TableCase({.method = Method::kGroup, .groups = groups}, rows, channels));
      }
    }
  }
  ExpectRight(TableCase(kLayer, 49, 100));
  ExpectRight(TableCase({.method = Method::kRms}, 49, 100));
}

// A channel has a mean of its own; a group that spans many has one shift for all.
TEST(Columns, OfChannelsFarApart) {
  for (int64_t groups : {1, 4, 20}) {
    NativeCase c = TableCase({.method = Method::kGroup, .groups = groups}, 100, 20);
    for (int64_t i = 0; i < c.problem.shape.elements(); ++i)
      c.x[i] += static_cast<float>(i / 100 % 20 * 1000);
    ExpectRight(c);
  }
}

// Groups of a table of few rows have nothing to do with each other: a unit is some of them.
TEST(Columns, OfAWideTableAreSeveralUnits) {
  for (int64_t groups : {1, 4, 32, 128, 2048}) {
    const NativeCase c = TableCase({.method = Method::kGroup, .groups = groups}, 49, 2048);
    EXPECT_EQ(MakeColumns(SettingOf(c.problem))->sizes().units, groups == 1 ? 2 : 8) << groups;
    ExpectRight(c);
  }
  for (DType dtype : kDTypes) ExpectRight(TableCase(kInstance, 20, 1536, dtype));
  ExpectRight(TableCase(kBatch, 20, 1536));
  NativeCase plain = TableCase(kInstance, 20, 1536);
  plain.gamma.clear();
  plain.beta.clear();
  ExpectRight(plain);
}

TEST(Columns, WithoutGammaAndBeta) {
  for (const NormSpec& spec : {kInstance, kBatch, kRunning, kLayer}) {
    NativeCase c = TableCase(spec, 50, 63);
    c.gamma.clear();
    c.beta.clear();
    ExpectRight(c);
  }
}

// A group that float32 cannot square is summed up again; the others' bits stay. `large`: a channel
// of it, counted from the first sample's.
void ExpectOneGroupToChange(int64_t groups, int64_t rows, int64_t channels, int64_t large) {
  const NativeCase usual = TableCase({.method = Method::kGroup, .groups = groups}, rows, channels);
  NativeCase c = usual;
  const int64_t width = channels / groups;
  for (int64_t i = 0; i < rows; ++i) c.x[large * rows + i] *= 1e30f;
  ExpectRight(c);
  const std::vector<float> before = ValuesOf(c.problem, RunNative(usual).y),
                           after = ValuesOf(c.problem, RunNative(c).y);
  for (int64_t i = 0; i < std::ssize(before); ++i) {
    if (i / (rows * width) == large / width) continue;  // its group
    ASSERT_EQ(before[i], after[i]) << i;
  }
}

TEST(Columns, AmongWhichAGroupCannotBeSquared) {
  for (int64_t groups : {5, 20}) ExpectOneGroupToChange(groups, 70, 20, 13);
}

// In a part of the second sample's table that is not the first.
TEST(Columns, AmongWhichAGroupOfALaterUnitCannotBeSquared) {
  for (int64_t groups : {32, 2048}) ExpectOneGroupToChange(groups, 49, 2048, 2048 + 1300);
}

// Parts of a table in whole packs: streaming stores, in place, and with what is fused.
TEST(Columns, OfAWideTableInEveryWayToWrite) {
  for (const Fusion& fusion :
       {Fusion{}, Fusion{.add_after = true, .activation = Activation::kRelu}}) {
    const NativeCase c = TableCase(kInstance, 20, 1536, DType::kF32, fusion);
    const NativeAnswer plain = RunNative(c);
    ExpectAnswer(c, ExpectedOf(c), plain);
    EXPECT_TRUE(SameBits(RunNative(c, {.norm = {.stores = Stores::kStreaming}}), plain));
    EXPECT_TRUE(SameBits(RunNative(c, {.y = Place::kX}), plain));
    EXPECT_TRUE(SameBits(RunNative(c, {.pool = &SharedPool(), .threads = 4}), plain));
  }
}

TEST(Columns, OfATableThatIsOneForAllSamples) {
  for (std::string_view shape : {"1x5", "2x5", "3x7", "100x3", "300x70", "50x5x1x1"}) {
    for (const NormSpec& spec : {kBatch, kRunning, kFolded})
      ExpectRight(MakeCase(ProblemOf(spec, shape)));
  }
}

}  // namespace
}  // namespace normbench
