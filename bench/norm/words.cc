// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/words.h"

#include <span>
#include <vector>

#include "absl/status/status.h"
#include "bench/norm/nearest.h"

namespace normbench {
namespace {

constexpr std::array kStatsSources = {StatsSource::kRunning, StatsSource::kBatch};
constexpr std::array kAffines = {Affine::kNone, Affine::kChannel, Affine::kElement};
constexpr std::array kDTypes = {DType::kF32};
constexpr std::array kLayouts = {Layout::kNchw};

// The one parser: a word is what Name() says it is.
template <typename Word, size_t count>
absl::StatusOr<Word> Parse(std::string_view field, std::string_view name,
                           const std::array<Word, count>& words) {
  std::vector<std::string> allowed;
  for (Word word : words) {
    if (Name(word) == name) return word;
    allowed.emplace_back(Name(word));
  }
  return absl::InvalidArgumentError(UnknownWord(field, name, allowed));
}

}  // namespace

std::string_view Name(Method method) {
  switch (method) {
    case Method::kBatch:
      return "batch";
    case Method::kLayer:
      return "layer";
    case Method::kInstance:
      return "instance";
    case Method::kGroup:
      return "group";
    case Method::kRms:
      return "rms";
  }
  return "";
}

std::string_view Name(StatsSource stats) {
  return stats == StatsSource::kRunning ? "running" : "batch";
}

std::string_view Name(Affine affine) {
  switch (affine) {
    case Affine::kNone:
      return "none";
    case Affine::kChannel:
      return "channel";
    case Affine::kElement:
      return "element";
  }
  return "";
}

std::string_view Name(DType) {
  return "f32";
}

std::string_view Name(Layout) {
  return "nchw";
}

absl::StatusOr<Method> ParseMethod(std::string_view name) {
  return Parse("norm", name, kMethods);
}

absl::StatusOr<StatsSource> ParseStatsSource(std::string_view name) {
  return Parse("stats", name, kStatsSources);
}

absl::StatusOr<Affine> ParseAffine(std::string_view name) {
  return Parse("affine", name, kAffines);
}

absl::StatusOr<DType> ParseDType(std::string_view name) {
  return Parse("dtype", name, kDTypes);
}

absl::StatusOr<Layout> ParseLayout(std::string_view name) {
  return Parse("layout", name, kLayouts);
}

int SizeOf(DType) {
  return 4;
}

double UnitRoundoff(DType) {
  return 0x1p-24;
}

}  // namespace normbench
