// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/buffer_check.h"

#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

enum class Need { kMust, kMay, kNot };

struct Region {
  const char* name;
  const void* data = nullptr;
  int64_t bytes = 0;  // that the problem takes
  Need need = Need::kMust;
  bool written = false;
  bool by_element = false;  // read, or written, once all that is read of that element has been
  size_t given = 0;         // its size as told
};

Need If(bool condition, Need then) {
  return condition ? then : Need::kNot;
}

std::vector<Region> RegionsOf(const NativeProblem& problem, const NativeBuffers& buffers,
                              const NativeSizes& sizes = {}) {
  const NormSpec& spec = problem.spec;
  const NormBuffers& norm = buffers.norm;
  const int64_t floats = sizeof(float);
  const int64_t tensor = PackedBytes(problem.format, problem.shape);
  const int64_t affine = AffineElements(spec, problem.shape) * floats;
  const int64_t channels = problem.shape.channels() * floats;
  const int64_t groups = Geometry(spec, problem.shape).groups * floats;
  const bool adds = problem.fusion.add_before || problem.fusion.add_after;
  const Need given = If(TakesStatistics(spec), Need::kMust);
  const Need parameters = If(affine > 0, Need::kMay);
  return {
      {"x", norm.x, tensor, Need::kMust, false, true, sizes.x},
      {"y", norm.y, tensor, Need::kMust, true, true, sizes.y},
      {"residual", buffers.residual, tensor, If(adds, Need::kMust), false, true, sizes.residual},
      {"sum", buffers.sum, tensor, If(problem.fusion.add_before, Need::kMay), true, true,
       sizes.sum},
      {"gamma", norm.gamma, affine, parameters, false, false, sizes.gamma},
      {"beta", norm.beta, affine, parameters, false, false, sizes.beta},
      {"mean", norm.mean, channels, given, false, false, sizes.mean},
      {"variance", norm.variance, channels, given, false, false, sizes.variance},
      {"mean_out", norm.mean_out, groups, If(HasMean(spec), Need::kMay), true, false,
       sizes.mean_out},
      {"rstd_out", norm.rstd_out, groups, If(HasRstd(spec), Need::kMay), true, false,
       sizes.rstd_out},
  };
}

bool Overlap(const Region& a, const Region& b) {
  const auto first = reinterpret_cast<uintptr_t>(a.data),
             second = reinterpret_cast<uintptr_t>(b.data);
  return first < second + static_cast<uintptr_t>(b.bytes) &&
         second < first + static_cast<uintptr_t>(a.bytes);
}

// y and sum are both written, so they share nothing.
bool MaySharePlaces(const Region& a, const Region& b) {
  return a.data == b.data && a.by_element && b.by_element && a.written != b.written;
}

absl::Status CheckPair(const Region& a, const Region& b) {
  if (a.data == nullptr || b.data == nullptr || !(a.written || b.written)) return absl::OkStatus();
  if (!Overlap(a, b) || MaySharePlaces(a, b)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(a.name, " and ", b.name, ": overlap in memory"));
}

absl::Status CheckPresence(const Region& region) {
  if (region.need == Need::kMust && region.data == nullptr)
    return absl::InvalidArgumentError(absl::StrCat(region.name, ": missing"));
  if (region.need == Need::kNot && region.data != nullptr)
    return absl::InvalidArgumentError(absl::StrCat(region.name, ": this normalization has none"));
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckBuffers(const NativeProblem& problem, const NativeBuffers& buffers) {
  const std::vector<Region> regions = RegionsOf(problem, buffers);
  for (const Region& region : regions) {
    if (absl::Status s = CheckPresence(region); !s.ok()) return s;
  }
  if (buffers.norm.gamma == nullptr && buffers.norm.beta != nullptr)
    return absl::InvalidArgumentError("beta: without gamma");
  for (size_t i = 0; i < regions.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (absl::Status s = CheckPair(regions[j], regions[i]); !s.ok()) return s;
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSizes(const NativeProblem& problem, const NativeBuffers& buffers,
                        const NativeSizes& sizes) {
  for (const Region& region : RegionsOf(problem, buffers, sizes)) {
    if (region.data == nullptr || region.given >= static_cast<size_t>(region.bytes)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(region.name, ": has ", region.given, " bytes, takes ", region.bytes));
  }
  return absl::OkStatus();
}

}  // namespace normbench
