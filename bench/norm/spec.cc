// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/spec.h"

#include <cmath>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

// The smallest normal float32: kernels compute with eps in it, where less could become 0.
constexpr double kMinEps = std::numeric_limits<float>::min();

absl::Status CheckEps(double eps) {
  if (std::isfinite(eps) && eps >= kMinEps) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("eps: ", eps, "; allowed: finite, at least ", kMinEps, " (2^-126)"));
}

absl::Status CheckStats(const NormSpec& spec) {
  if (spec.method == Method::kBatch || spec.stats == StatsSource::kRunning) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "stats: ", std::string(Name(spec.stats)), " with norm ", std::string(Name(spec.method)),
      "; allowed: only batch norm has a choice of statistics"));
}

absl::Status CheckGroups(const NormSpec& spec, int64_t channels) {
  if (spec.method != Method::kGroup) {
    // 0 is what a message without the field says.
    if (spec.groups == 0 || spec.groups == 1) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("groups: ", spec.groups, " with norm ",
                                                   std::string(Name(spec.method)),
                                                   "; allowed: only group norm has groups"));
  }
  if (spec.groups < 1 || spec.groups > channels) {
    return absl::InvalidArgumentError(absl::StrCat("groups: ", spec.groups, "; allowed: 1 .. ",
                                                   channels, ", the channels of the shape"));
  }
  if (channels % spec.groups != 0) {
    return absl::InvalidArgumentError(absl::StrCat("groups: ", spec.groups,
                                                   "; allowed: divisors of the ", channels,
                                                   " channels of the shape"));
  }
  return absl::OkStatus();
}

absl::Status CheckAffine(const NormSpec& spec) {
  if (IsFolded(spec) && spec.affine == Affine::kNone) {
    return absl::InvalidArgumentError(
        "affine: none with stats folded; allowed: channel, the scale and bias it is about");
  }
  const bool per_sample = spec.method == Method::kLayer || spec.method == Method::kRms;
  if (spec.affine != Affine::kElement || per_sample) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("affine: element with norm ",
                                                 std::string(Name(spec.method)),
                                                 "; allowed: none, channel (element: layer, rms)"));
}

}  // namespace

absl::Status Validate(const NormSpec& spec, const Shape& shape) {
  if (absl::Status status = CheckEps(spec.eps); !status.ok()) return status;
  if (absl::Status status = CheckStats(spec); !status.ok()) return status;
  if (absl::Status status = CheckGroups(spec, shape.channels()); !status.ok()) return status;
  return CheckAffine(spec);
}

bool ComputesStatistics(const NormSpec& spec) {
  return spec.method != Method::kBatch || spec.stats == StatsSource::kBatch;
}

bool TakesStatistics(const NormSpec& spec) {
  return spec.method == Method::kBatch && spec.stats == StatsSource::kRunning;
}

bool IsFolded(const NormSpec& spec) {
  return spec.method == Method::kBatch && spec.stats == StatsSource::kFolded;
}

bool HasMean(const NormSpec& spec) {
  return spec.method != Method::kRms && !IsFolded(spec);
}

bool HasRstd(const NormSpec& spec) {
  return !IsFolded(spec);
}

StatsGeometry Geometry(const NormSpec& spec, const Shape& shape) {
  int64_t groups = 0;
  switch (spec.method) {
    case Method::kBatch:
      groups = shape.channels();
      break;
    case Method::kLayer:
    case Method::kRms:
      groups = shape.n();
      break;
    case Method::kInstance:
      groups = shape.n() * shape.channels();
      break;
    case Method::kGroup:
      groups = shape.n() * spec.groups;
      break;
  }
  return {.groups = groups, .length = shape.elements() / groups};
}

int64_t AffineElements(const NormSpec& spec, const Shape& shape) {
  switch (spec.affine) {
    case Affine::kNone:
      return 0;
    case Affine::kChannel:
      return shape.channels();
    case Affine::kElement:
      return shape.channels() * shape.spatial();
  }
  return 0;
}

}  // namespace normbench
