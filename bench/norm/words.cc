// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/words.h"

#include <span>
#include <vector>

#include "absl/status/status.h"
#include "bench/norm/nearest.h"

namespace normbench {
namespace {

constexpr std::array kStatsSources = {StatsSource::kRunning, StatsSource::kBatch,
                                      StatsSource::kFolded};
constexpr std::array kCaches = {Cache::kHot, Cache::kCold};
constexpr std::array kAffines = {Affine::kNone, Affine::kChannel, Affine::kElement};

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
  switch (stats) {
    case StatsSource::kRunning:
      return "running";
    case StatsSource::kBatch:
      return "batch";
    case StatsSource::kFolded:
      return "folded";
  }
  return "";
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

std::string_view Name(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return "f32";
    case DType::kF16:
      return "f16";
    case DType::kBf16:
      return "bf16";
  }
  return "";
}

std::string_view Name(Layout layout) {
  return layout == Layout::kNchw ? "nchw" : "nhwc";
}

std::string_view Name(Cache cache) {
  return cache == Cache::kHot ? "hot" : "cold";
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

absl::StatusOr<Cache> ParseCache(std::string_view name) {
  return Parse("cache", name, kCaches);
}

int SizeOf(DType dtype) {
  return dtype == DType::kF32 ? 4 : 2;
}

double UnitRoundoff(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return 0x1p-24;
    case DType::kF16:
      return 0x1p-11;
    case DType::kBf16:
      return 0x1p-8;
  }
  return 0;
}

double SmallestNormal(DType dtype) {
  return dtype == DType::kF16 ? 0x1p-14 : 0x1p-126;
}

}  // namespace normbench
