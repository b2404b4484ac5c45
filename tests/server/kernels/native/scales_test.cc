// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/scales.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "tests/server/kernels/native/native_run.h"

namespace normbench {
namespace {

struct Filled {
  std::array<float, 4> high{}, scale{}, bias{};
  ColumnScales pointers() { return {high.data(), scale.data(), bias.data()}; }
};

TEST(Scales, OfARangeOfChannels) {
  const std::vector<float> gamma = {1, 2, 3, 4}, beta = {10, 20, 30, 40};
  Filled filled;
  FillScales({.gamma = gamma.data(), .beta = beta.data()}, {1, 3},
             {.high = 7, .low = 0.5, .rstd = 0.25}, filled.pointers());
  EXPECT_EQ(filled.high, (std::array<float, 4>{0, 7, 7, 0}));
  EXPECT_EQ(filled.scale, (std::array<float, 4>{0, 0.5, 0.75, 0}));
  EXPECT_EQ(filled.bias, (std::array<float, 4>{0, 20 - 0.5 * 0.5, 30 - 0.5 * 0.75, 0}));
}

TEST(Scales, WithoutGammaAndBeta) {
  Filled filled;
  FillScales({}, {0, 4}, {.high = 7, .low = 0.5, .rstd = 0.25}, filled.pointers());
  EXPECT_EQ(filled.scale, (std::array<float, 4>{0.25, 0.25, 0.25, 0.25}));
  EXPECT_EQ(filled.bias, (std::array<float, 4>{-0.125, -0.125, -0.125, -0.125}));
}

TEST(Scales, OfGivenStatistics) {
  const Setting setting = SettingOf(ProblemOf({.method = Method::kBatch, .eps = 0.25}, "9x4"));
  const std::vector<float> gamma = {1, 2, 3, 4}, beta = {10, 20, 30, 40}, mean = {5, 6, 7, 8},
                           variance = {0.75, 3.75, 0, 15.75};
  std::vector<float> mean_out(4), rstd_out(4);
  Filled filled;
  FillGivenScales(setting,
                  {.gamma = gamma.data(),
                   .beta = beta.data(),
                   .mean = mean.data(),
                   .variance = variance.data(),
                   .mean_out = mean_out.data(),
                   .rstd_out = rstd_out.data()},
                  filled.pointers());
  EXPECT_EQ(filled.high, (std::array<float, 4>{5, 6, 7, 8}));
  EXPECT_EQ(filled.scale, (std::array<float, 4>{1, 1, 6, 1}));
  EXPECT_EQ(filled.bias, (std::array<float, 4>{10, 20, 30, 40}));
  EXPECT_EQ(mean_out, mean);
  EXPECT_EQ(rstd_out, (std::vector<float>{1, 0.5, 2, 0.25}));
}

TEST(Scales, OfFoldedStatistics) {
  const Setting setting =
      SettingOf(ProblemOf({.method = Method::kBatch, .stats = StatsSource::kFolded}, "9x4"));
  const std::vector<float> gamma = {1, 2, 3, 4}, beta = {10, 20, 30, 40};
  Filled filled;
  filled.high.fill(99);
  FillGivenScales(setting, {.gamma = gamma.data(), .beta = beta.data()}, filled.pointers());
  EXPECT_EQ(filled.high, (std::array<float, 4>{}));
  EXPECT_EQ(filled.scale, (std::array<float, 4>{1, 2, 3, 4}));
  EXPECT_EQ(filled.bias, (std::array<float, 4>{10, 20, 30, 40}));
}

}  // namespace
}  // namespace normbench
