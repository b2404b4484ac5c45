// SPDX-License-Identifier: Apache-2.0
// Rows longer than kShortRow: chunks, segments of gamma and beta, and values that float32 cannot
// square.
#include "server/kernels/native/rows.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/server/kernels/native/native_reference.h"

namespace normbench {
namespace {

constexpr NormSpec kLayer = {.method = Method::kLayer};
constexpr NormSpec kElement = {.method = Method::kLayer, .affine = Affine::kElement};
constexpr NormSpec kRms = {.method = Method::kRms, .affine = Affine::kElement};

NativeCase RowCase(const NormSpec& spec, const std::string& shape, DType dtype = DType::kF32,
                   const Fusion& fusion = {}) {
  const NativeCase c = MakeCase(ProblemOf(spec, shape, {.dtype = dtype}, fusion));
  EXPECT_EQ(SettingOf(c.problem).scheme.form, Form::kRows) << shape;
  return c;
}

TEST(Rows, OfLengthsAroundPacksBlocksAndChunks) {
  for (int length : {1025, 1039, 1040, 1041, 1535, 1536, 1537, 1632, 1633, 3075, 3168, 3169, 12287,
                     12288, 12289, 24591}) {
    for (const NormSpec& spec : {kElement, kRms})
      ExpectRight(RowCase(spec, "3x" + std::to_string(length)));
  }
}

TEST(Rows, InEveryDType) {
  for (DType dtype : {DType::kF16, DType::kBf16}) {
    for (std::string_view length : {"1025", "1040", "12289"}) {
      for (const NormSpec& spec : {kElement, kRms})
        ExpectRight(RowCase(spec, "3x" + std::string(length), dtype));
    }
  }
}

// Two groups, so that the second takes its gamma and beta from the middle of the caller's.
TEST(Rows, OfSegmentsAroundAPack) {
  const NormSpec group = {.method = Method::kGroup, .groups = 2};
  for (int spatial : {1, 2, 7, 15, 16, 17, 31, 32, 33, 49}) {
    const int channels = 2 * (1100 / spatial + 1);
    const std::string shape = "3x" + std::to_string(channels) + "x" + std::to_string(spatial);
    for (DType dtype : {DType::kF32, DType::kBf16}) ExpectRight(RowCase(group, shape, dtype));
  }
}

TEST(Rows, OfSegmentsThatAChunkCuts) {
  for (std::string_view shape : {"2x5x5000", "2x3x12289", "1x2x30000", "2x130x100"})
    ExpectRight(RowCase(kLayer, std::string(shape)));
}

// Absent gamma and beta are 1 and 0, wherever they would have been.
TEST(Rows, WithoutGammaAndBeta) {
  const NormSpec group = {.method = Method::kGroup, .groups = 2};
  for (const auto& [spec, shape] :
       {std::pair(kElement, "3x1100"), std::pair(kRms, "2x12300"), std::pair(group, "2x2400"),
        std::pair(group, "2x300x8"), std::pair(group, "2x100x40")}) {
    NativeCase c = RowCase(spec, shape);
    c.gamma.clear();
    c.beta.clear();
    ExpectRight(c);
  }
}

TEST(Rows, OfValuesThatFloat32CannotSquare) {
  for (const NormSpec& spec : {kElement, kRms, kLayer}) {
    NativeCase c = RowCase(spec, "3x12500");
    for (int64_t i = 12500; i < 25000; ++i) c.x[i] *= 1e25f;
    ExpectRight(c);
  }
}

// The sum is there before the shift is told from it, whoever asks first.
TEST(Rows, OfASum) {
  for (const NormSpec& spec : {kElement, kRms}) {
    for (DType dtype : kDTypes) {
      for (std::string_view shape : {"5x1025", "1x40000"}) {
        NativeCase c = RowCase(spec, std::string(shape), dtype, {.add_before = true});
        for (float& r : c.residual) r += 100;
        RoundTo(dtype, c.residual);
        ExpectRight(c, Conditioned::kCentred);
      }
    }
  }
}

TEST(Rows, NeedMemoryForWhatIsSharedAndForEachUnit) {
  const StepSizes segments = MakeRows(SettingOf(ProblemOf(kLayer, "7x130x100")))->sizes();
  EXPECT_EQ(segments.units, 7);
  EXPECT_EQ(segments.chunks, 2);
  EXPECT_EQ(segments.unit_bytes, 52000);
  EXPECT_EQ(segments.shared, 0u);
  EXPECT_EQ(segments.state, 64 + 2 * Lines(130 * 4));
  EXPECT_EQ(segments.sums, 256u);
  const StepSizes elements = MakeRows(SettingOf(ProblemOf(kLayer, "7x2000x7")))->sizes();
  EXPECT_EQ(elements.shared, 2 * Lines(14000 * 4));
  EXPECT_EQ(elements.state, 3 * 64u);
}

}  // namespace
}  // namespace normbench
