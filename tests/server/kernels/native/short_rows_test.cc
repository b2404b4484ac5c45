// SPDX-License-Identifier: Apache-2.0
// Rows of at most kShortRow values, sixteen or fewer of which are worked on together.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "server/kernels/native/rows.h"
#include "tests/server/kernels/native/native_reference.h"

namespace normbench {
namespace {

constexpr NormSpec kElement = {.method = Method::kLayer, .affine = Affine::kElement};
constexpr NormSpec kPlain = {.method = Method::kLayer, .affine = Affine::kNone};
constexpr NormSpec kRms = {.method = Method::kRms, .affine = Affine::kElement};
constexpr NormSpec kPairs = {.method = Method::kGroup, .groups = 3};

NativeCase RowCase(const NormSpec& spec, const std::vector<int64_t>& shape,
                   DType dtype = DType::kF32, const Fusion& fusion = {}) {
  const NativeCase c = MakeCase({spec, Shape::Create(shape).value(), {.dtype = dtype}, fusion});
  EXPECT_EQ(SettingOf(c.problem).scheme.form, Form::kShortRows);
  return c;
}

TEST(ShortRows, OfEveryLengthUpToNinePacks) {
  for (int64_t length = 1; length <= 145; ++length) {
    for (const NormSpec& spec : {kElement, kRms, kPlain}) ExpectRight(RowCase(spec, {5, length}));
  }
}

TEST(ShortRows, OfLongerLengths) {
  for (int64_t length : {159, 160, 161, 511, 512, 513, 767, 1000, 1008, 1023, 1024}) {
    for (DType dtype : kDTypes) {
      for (const NormSpec& spec : {kElement, kRms, kPlain})
        ExpectRight(RowCase(spec, {18, length}, dtype));
    }
  }
}

TEST(ShortRows, OfHalfTypesInPartsOfAPack) {
  for (DType dtype : {DType::kF16, DType::kBf16}) {
    for (int64_t length = 1; length <= 50; ++length) {
      for (const NormSpec& spec : {kElement, kRms, kPlain})
        ExpectRight(RowCase(spec, {3, length}, dtype));
    }
  }
}

// Batches that are whole, one short, and of one row.
TEST(ShortRows, OfAnyNumber) {
  for (int64_t rows : {1, 2, 3, 4, 5, 15, 16, 17, 31, 32, 33, 67}) {
    for (int64_t length : {7, 64, 400, 1024}) {
      ExpectRight(RowCase(kElement, {rows, length}));
      ExpectRight(RowCase(kPlain, {rows, length}));
    }
  }
}

// Three groups a sample: batches begin in the middle of a sample, and gamma and beta with them.
TEST(ShortRows, OfSegmentsAroundAPack) {
  for (int64_t spatial : {1, 2, 5, 7, 15, 16, 17, 31, 32, 33, 49, 100, 341}) {
    for (int64_t channels : {3, 6, 9}) {
      if (channels / 3 * spatial > 1024) continue;
      for (DType dtype : {DType::kF32, DType::kF16})
        ExpectRight(RowCase(kPairs, {23, channels, spatial}, dtype));
    }
  }
}

TEST(ShortRows, WithoutGammaAndBeta) {
  for (int64_t spatial : {1, 7, 16, 33}) {
    NativeCase c = RowCase(kPairs, {23, 6, spatial});
    c.gamma.clear();
    c.beta.clear();
    ExpectRight(c);
  }
}

TEST(ShortRows, OfASum) {
  for (int64_t length : {5, 48, 100, 1000}) {
    for (DType dtype : kDTypes) {
      ExpectRight(RowCase(kElement, {19, length}, dtype, {.add_before = true}));
      ExpectRight(RowCase(kRms, {19, length}, dtype, {.add_before = true}));
    }
  }
}

std::vector<std::byte> RowOf(const NativeAnswer& answer, int64_t row, int64_t length) {
  const auto begin = answer.y.begin() + row * length * 4;
  return {begin, begin + length * 4};
}

// A row that float32 cannot square is done apart, and its neighbours in the batch as ever.
TEST(ShortRows, AmongWhichOneCannotBeSquared) {
  for (const NormSpec& spec : {kElement, kRms, kPlain}) {
    for (int64_t length : {16, 50, 333}) {
      const NativeCase usual = RowCase(spec, {20, length});
      NativeCase c = usual;
      for (int64_t i = 0; i < length; ++i) {
        c.x[7 * length + i] *= 1e30f;
        c.x[16 * length + i] *= 3e22f;
      }
      ExpectRight(c);
      const NativeAnswer before = RunNative(usual), after = RunNative(c);
      for (int64_t row = 0; row < 20; ++row) {
        const bool same = RowOf(before, row, length) == RowOf(after, row, length);
        EXPECT_EQ(same, row != 7 && row != 16) << row;
      }
    }
  }
}

// One at a time, or the statistics of sixteen together.
void ExpectSameBitsInEitherOrder(NativeCase c, Isa isa) {
  const int64_t length = c.problem.shape.elements() / c.problem.shape.n();
  for (int64_t i = 0; i < length; ++i) c.x[20 * length + i] *= 1024;
  const NativeAnswer together = RunNative(c, {.norm = {.isa = isa, .from_memory = false}});
  ExpectAnswer(c, ExpectedOf(c), together);
  EXPECT_TRUE(SameBits(RunNative(c, {.norm = {.isa = isa, .from_memory = true}}), together))
      << Describe(c.problem);
}

TEST(ShortRows, HaveTheSameBitsInEitherOrder) {
  for (Isa isa : SupportedIsas()) {
    for (DType dtype : kDTypes) {
      for (int64_t length : {512, 513, 1000, 1024}) {
        if (length * SizeOf(dtype) < 2048) continue;  // too short for one by one
        for (const Fusion& fusion : {Fusion{}, Fusion{.activation = Activation::kSilu},
                                     Fusion{.add_after = true, .activation = Activation::kRelu}}) {
          ExpectSameBitsInEitherOrder(RowCase(kElement, {37, length}, dtype, fusion), isa);
          ExpectSameBitsInEitherOrder(RowCase(kRms, {37, length}, dtype, fusion), isa);
        }
        ExpectSameBitsInEitherOrder(RowCase(kPairs, {37, 6, length / 2}, dtype), isa);
      }
    }
  }
}

// Row by row, too, one that float32 cannot square is done apart.
TEST(ShortRows, FromMemoryAmongWhichOneCannotBeSquared) {
  NativeCase c = RowCase(kElement, {20, 600});
  for (int64_t i = 0; i < 600; ++i) c.x[7 * 600 + i] *= 1e30f;
  const NativeAnswer answer = RunNative(c, {.norm = {.from_memory = true}});
  ExpectAnswer(c, ExpectedOf(c), answer);
  EXPECT_TRUE(SameBits(answer, RunNative(c, {.norm = {.from_memory = false}})));
}

TEST(ShortRows, AreTakenSeveralAtATime) {
  const auto units = [](int64_t rows, int64_t length, DType dtype) {
    return MakeShortRows(SettingOf(RowCase(kElement, {rows, length}, dtype).problem))
        ->sizes()
        .units;
  };
  EXPECT_EQ(units(160, 200, DType::kF32), 10) << "sixteen";
  EXPECT_EQ(units(161, 200, DType::kF32), 11);
  EXPECT_EQ(units(160, 8, DType::kF32), 1) << "more where they are little";
  EXPECT_LE(units(160, 1024, DType::kF32), 40) << "no fewer than four";
  EXPECT_LE(units(160, 1024, DType::kBf16), units(160, 1024, DType::kF32));
}

}  // namespace
}  // namespace normbench
