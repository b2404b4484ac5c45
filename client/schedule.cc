// SPDX-License-Identifier: Apache-2.0
#include "client/schedule.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/load/arrival_spec.h"

namespace normbench {
namespace {

absl::StatusOr<std::vector<double>> ReadTrace(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("arrivals: ", path, ": cannot be opened"));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto times = ParseTrace(text);
  if (times.ok()) return times;
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", times.status().message()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Arrivals>> ScheduleOf(const Case& c, double maximum) {
  const auto spec = ParseArrivalSpec(LoadOf(c.spec)->arrivals());
  if (!spec.ok()) return spec.status();
  if (spec->kind != ArrivalSpec::Kind::kTrace) {
    return ArrivalsOf(*spec, {.warmup_seconds = c.warmup_seconds,
                              .seconds = c.seconds,
                              .maximum = maximum,
                              .seed = c.arrivals_seed});
  }
  auto times = ReadTrace(spec->file);
  if (!times.ok()) return times.status();
  const double end = c.warmup_seconds + c.seconds;
  times->erase(std::lower_bound(times->begin(), times->end(), end), times->end());
  return MakeTraceArrivals(*std::move(times));
}

absl::Status CheckTraces(std::span<const Case> cases) {
  std::set<std::string> read;
  for (const Case& c : cases) {
    const v1::Load* load = LoadOf(c.spec);
    if (load == nullptr || load->arrivals().empty()) continue;
    const auto spec = ParseArrivalSpec(load->arrivals());
    if (!spec.ok() || spec->file.empty() || !read.insert(spec->file).second) continue;
    if (auto times = ReadTrace(spec->file); !times.ok()) return times.status();
  }
  return absl::OkStatus();
}

}  // namespace normbench
