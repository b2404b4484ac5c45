// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/generator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace normbench {
namespace {

using ::testing::ElementsAre;

std::vector<float> Filled(Distribution distribution, size_t count, uint64_t first = 0,
                          uint64_t stream = 0, uint64_t seed = 1) {
  std::vector<float> values(count);
  Fill(distribution, seed, stream, values, first);
  return values;
}

// The three vectors for philox4x32 with 10 rounds that are published with Random123 (kat_vectors).
TEST(Philox, GivesThePublishedWords) {
  EXPECT_THAT(Philox(0, 0, 0), ElementsAre(0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u));
  EXPECT_THAT(Philox(~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}),
              ElementsAre(0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu));
  EXPECT_THAT(Philox(0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88),
              ElementsAre(0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u));
}

// From the words of the zero counter above: (0x6627e8 * 2^-23) - 1 and so on.
TEST(Fill, MakesUniformValuesOfTheUpper24Bits) {
  EXPECT_THAT(Filled(Distribution::kUniform, 4, 0, 0, 0),
              ElementsAre(0x6627e8 * 0x1p-23f - 1, 0xe169c5 * 0x1p-23f - 1, 0xbc57ac * 0x1p-23f - 1,
                          0x9b00db * 0x1p-23f - 1));
}

// radius = sqrt(-2 ln((0x6627e8d5 + 1) / 2^32)), angle = 2 pi 0xe169c58d / 2^32,
// cosine first, then sine; computed by another program.
TEST(Fill, MakesNormalValuesByBoxMuller) {
  const std::vector<float> values = Filled(Distribution::kNormal, 4, 0, 0, 0);
  EXPECT_FLOAT_EQ(values[0], 0.991137679f);
  EXPECT_FLOAT_EQ(values[1], -0.924662588f);
  EXPECT_FLOAT_EQ(values[2], -0.617608960f);
  EXPECT_FLOAT_EQ(values[3], -0.482068587f);
}

TEST(Fill, OfAPartIsThatPartOfTheWhole) {
  for (const Distribution distribution : {Distribution::kNormal, Distribution::kUniform}) {
    const std::vector<float> whole = Filled(distribution, 41);
    for (size_t first = 0; first < whole.size(); ++first) {
      const std::vector<float> tail(whole.begin() + static_cast<std::ptrdiff_t>(first),
                                    whole.end());
      EXPECT_EQ(Filled(distribution, whole.size() - first, first), tail) << "first " << first;
    }
  }
}

TEST(Fill, DoesNotCareAboutTheOrderOfItsParts) {
  std::vector<float> parts(30);
  const std::span<float> all(parts);
  Fill(Distribution::kNormal, 1, 0, all.subspan(17), 17);
  Fill(Distribution::kNormal, 1, 0, all.subspan(3, 14), 3);
  Fill(Distribution::kNormal, 1, 0, all.first(3), 0);
  EXPECT_EQ(parts, Filled(Distribution::kNormal, 30));
}

TEST(Fill, GivesOtherValuesForAnotherSeedOrStream) {
  const std::vector<float> base = Filled(Distribution::kUniform, 64, 0, 0, 1);
  const std::vector<float> stream = Filled(Distribution::kUniform, 64, 0, 1, 1);
  const std::vector<float> seed = Filled(Distribution::kUniform, 64, 0, 0, 2);
  int equal = 0;
  for (size_t i = 0; i < base.size(); ++i) equal += base[i] == stream[i] || base[i] == seed[i];
  EXPECT_EQ(equal, 0);
}

struct Moments {
  double mean = 0, variance = 0, fourth = 0;
};

Moments MomentsOf(const std::vector<float>& values) {
  Moments m;
  for (float v : values) m.mean += v / static_cast<double>(values.size());
  for (float v : values) {
    const double square = (v - m.mean) * (v - m.mean);
    m.variance += square / static_cast<double>(values.size());
    m.fourth += square * square / static_cast<double>(values.size());
  }
  return m;
}

// Tolerances are five standard errors of the moment for 2^20 values.
TEST(Fill, HasTheMomentsOfItsDistribution) {
  const Moments normal = MomentsOf(Filled(Distribution::kNormal, 1 << 20));
  EXPECT_NEAR(normal.mean, 0, 5 * 1.0 / 1024);
  EXPECT_NEAR(normal.variance, 1, 5 * std::sqrt(2.0) / 1024);
  EXPECT_NEAR(normal.fourth, 3, 5 * std::sqrt(96.0) / 1024);
  const Moments uniform = MomentsOf(Filled(Distribution::kUniform, 1 << 20));
  EXPECT_NEAR(uniform.mean, 0, 5 * std::sqrt(1.0 / 3) / 1024);
  EXPECT_NEAR(uniform.variance, 1.0 / 3, 5 * std::sqrt(4.0 / 45) / 1024);
}

TEST(Fill, KeepsUniformValuesInTheirInterval) {
  for (float value : Filled(Distribution::kUniform, 1 << 18)) {
    ASSERT_GE(value, -1.0f);
    ASSERT_LT(value, 1.0f);
  }
}

TEST(ParseDistribution, KnowsItsWordsAndNamesTheNearest) {
  EXPECT_EQ(ParseDistribution("normal").value(), Distribution::kNormal);
  EXPECT_EQ(ParseDistribution("uniform").value(), Distribution::kUniform);
  EXPECT_EQ(
      ParseDistribution("unifrom").status().message(),
      "data: unknown 'unifrom'; allowed: normal, uniform, mean1e1, mean1e2, mean1e3, mean1e4, "
      "mean1e5, outlier, constant; nearest: uniform");
}

}  // namespace
}  // namespace normbench
