// SPDX-License-Identifier: Apache-2.0
#include "bench/run/schedule.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
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

// The part of a trace that `c` sends.
absl::StatusOr<std::vector<double>> CutTo(const Case& c, const std::string& path,
                                          std::vector<double> times) {
  const double end = c.warmup_seconds + c.seconds;
  const size_t all = times.size();
  times.erase(std::lower_bound(times.begin(), times.end(), end), times.end());
  if (!times.empty() && times.back() >= c.warmup_seconds) return times;
  return absl::InvalidArgumentError(absl::StrCat(
      "arrivals: ", path, ": none of its ", all, " times is in the measured window, from ",
      c.warmup_seconds, " s (warmup_seconds) to ", end, " s (warmup_seconds + seconds)"));
}

}  // namespace

absl::StatusOr<Schedule> ScheduleOf(const Case& c, double maximum) {
  const auto spec = ParseArrivalSpec(LoadOf(c.spec)->arrivals());
  if (!spec.ok()) return spec.status();
  if (spec->kind != ArrivalSpec::Kind::kTrace) {
    return Schedule{ArrivalsOf(*spec, {.warmup_seconds = c.warmup_seconds,
                                       .seconds = c.seconds,
                                       .maximum = maximum,
                                       .seed = c.arrivals_seed}),
                    c.seconds};
  }
  auto times = ReadTrace(spec->file);
  const bool goes_on = times.ok() && times->back() >= c.warmup_seconds + c.seconds;
  if (times.ok()) times = CutTo(c, spec->file, *std::move(times));
  if (!times.ok()) return times.status();
  // A trace that ends earlier ends the window, one that has a gap there does not.
  const double seconds = goes_on ? c.seconds : times->back() - c.warmup_seconds;
  return Schedule{MakeTraceArrivals(*std::move(times)), seconds};
}

absl::Status CheckTraces(std::span<const Case> cases) {
  std::map<std::string, std::vector<double>> traces;
  for (const Case& c : cases) {
    const v1::Load* load = LoadOf(c.spec);
    if (load == nullptr || load->arrivals().empty()) continue;
    const auto spec = ParseArrivalSpec(load->arrivals());
    if (!spec.ok() || spec->file.empty()) continue;
    std::vector<double>& trace = traces[spec->file];
    if (trace.empty()) {
      auto times = ReadTrace(spec->file);
      if (!times.ok()) return times.status();
      trace = *std::move(times);
    }
    if (auto part = CutTo(c, spec->file, trace); !part.ok()) return part.status();
  }
  return absl::OkStatus();
}

}  // namespace normbench
