// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/generator.h"

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bench/norm/nearest.h"

namespace normbench {
namespace {

using Words = std::array<uint32_t, 4>;

// Table 2 of the paper: multipliers, and the Weyl constants that the key grows by.
constexpr uint32_t kMultiply0 = 0xD2511F53, kMultiply1 = 0xCD9E8D57;
constexpr uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;
constexpr int kRounds = 10;

Words Round(const Words& c, uint32_t key0, uint32_t key1) {
  const uint64_t product0 = uint64_t{kMultiply0} * c[0];
  const uint64_t product1 = uint64_t{kMultiply1} * c[2];
  return {static_cast<uint32_t>(product1 >> 32) ^ c[1] ^ key0, static_cast<uint32_t>(product1),
          static_cast<uint32_t>(product0 >> 32) ^ c[3] ^ key1, static_cast<uint32_t>(product0)};
}

using Values = std::array<float, 4>;

// 24 of the 32 bits: each value is exactly a float32.
Values Uniform(const Words& words) {
  Values values;
  for (size_t i = 0; i < 4; ++i) values[i] = static_cast<float>(words[i] >> 8) * 0x1p-23f - 1.0f;
  return values;
}

// Box-Muller in float64, rounded once: a last-bit difference between two libm survives that
// rounding about once in 10^8 values.
Values Normal(const Words& words) {
  Values values;
  for (size_t i = 0; i < 4; i += 2) {
    const double radius = std::sqrt(-2.0 * std::log((words[i] + 1.0) * 0x1p-32));
    const double angle = 2.0 * std::numbers::pi * (words[i + 1] * 0x1p-32);
    values[i] = static_cast<float>(radius * std::cos(angle));
    values[i + 1] = static_cast<float>(radius * std::sin(angle));
  }
  return values;
}

}  // namespace

std::string_view Name(Distribution distribution) {
  switch (distribution) {
    case Distribution::kNormal:
      return "normal";
    case Distribution::kUniform:
      return "uniform";
    case Distribution::kMean1e1:
      return "mean1e1";
    case Distribution::kMean1e2:
      return "mean1e2";
    case Distribution::kMean1e3:
      return "mean1e3";
    case Distribution::kMean1e4:
      return "mean1e4";
    case Distribution::kMean1e5:
      return "mean1e5";
    case Distribution::kOutlier:
      return "outlier";
    case Distribution::kConstant:
      return "constant";
  }
  return "";
}

float MeanOf(Distribution distribution) {
  switch (distribution) {
    case Distribution::kMean1e1:
      return 1e1f;
    case Distribution::kMean1e2:
      return 1e2f;
    case Distribution::kMean1e3:
      return 1e3f;
    case Distribution::kMean1e4:
      return 1e4f;
    case Distribution::kMean1e5:
      return 1e5f;
    default:
      return 0;
  }
}

absl::StatusOr<Distribution> ParseDistribution(std::string_view name) {
  std::vector<std::string> allowed;
  for (Distribution distribution : kDistributions) {
    if (Name(distribution) == name) return distribution;
    allowed.emplace_back(Name(distribution));
  }
  return absl::InvalidArgumentError(UnknownWord("data", name, allowed));
}

std::array<uint32_t, 4> Philox(uint64_t seed, uint64_t stream, uint64_t counter) {
  Words words = {static_cast<uint32_t>(counter), static_cast<uint32_t>(counter >> 32),
                 static_cast<uint32_t>(stream), static_cast<uint32_t>(stream >> 32)};
  uint32_t key0 = static_cast<uint32_t>(seed), key1 = static_cast<uint32_t>(seed >> 32);
  for (int round = 0; round < kRounds; ++round) {
    words = Round(words, key0, key1);
    key0 += kWeyl0;
    key1 += kWeyl1;
  }
  return words;
}

void Fill(Distribution distribution, uint64_t seed, uint64_t stream, std::span<float> out,
          uint64_t first) {
  const float mean = MeanOf(distribution);
  size_t done = 0;
  while (done < out.size()) {
    const uint64_t index = first + done;
    const Words words = Philox(seed, stream, index / 4);
    const Values values = distribution == Distribution::kUniform ? Uniform(words) : Normal(words);
    for (size_t i = index % 4; i < 4 && done < out.size(); ++i) out[done++] = values[i] + mean;
  }
}

}  // namespace normbench
