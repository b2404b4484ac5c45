// SPDX-License-Identifier: Apache-2.0
#include "client/find_max.h"

#include <algorithm>
#include <utility>

#include "bench/load/rate_search.h"
#include "bench/report/find_max.h"
#include "bench/stats/quantile_verdict.h"

namespace normbench {
namespace {

// Of what a closed loop reaches: the first rate tried, and the ends of the search.
constexpr double kFirstShare = 1.0 / 8;
constexpr double kHighestShare = 2;
constexpr double kLowestShare = 1.0 / 64;
constexpr double kResolution = 0.05;

constexpr double kLongestSeconds = 60;  // of one loop
constexpr int kMostLoops = 4;           // of one rate, until it is decided
constexpr double kMargin = 1.2;         // more requests than are needed: some will be over

// How long `requests` take at `rate`, at least `seconds`.
double SecondsFor(double requests, double rate, double seconds) {
  return std::clamp(kMargin * requests / rate, std::min(seconds, kLongestSeconds), kLongestSeconds);
}

// Loops at `rate` until it is decided; the last word is "undecided" where that takes too long.
absl::StatusOr<v1::FindMaxStep> TryRate(const CaseLoop& loop, const Case& c, const MaxGoal& goal,
                                        double rate) {
  v1::FindMaxStep step;
  step.set_rate(rate);
  step.set_more(static_cast<double>(JudgeQuantile(0, 0, goal.q, kMaxConfidence).more));
  for (int i = 0; i < kMostLoops && (i == 0 || step.verdict() == "undecided"); ++i) {
    Case at = AtRate(c, rate);
    at.max_requests = 0;
    at.seconds = SecondsFor(step.more(), rate, c.seconds);
    at.arrivals_seed += static_cast<uint64_t>(i);  // other times than those already judged
    const auto run = loop.Run(at);
    if (!run.ok()) return run.status();
    if (run->open->interrupted) return absl::CancelledError("interrupted");
    if (run->open->recorder.count() == 0 && !run->lost().ok()) return run->lost();
    AddToStep(*run->open, goal, &step);
  }
  return step;
}

absl::StatusOr<v1::FindMax> Search(const CaseLoop& loop, const Case& c, const MaxGoal& goal) {
  const auto maximum = loop.MaximumOf(c);
  if (!maximum.ok()) return maximum.status();
  RateSearch search({.first = *maximum * kFirstShare,
                     .lowest = *maximum * kLowestShare,
                     .highest = *maximum * kHighestShare,
                     .resolution = kResolution});
  v1::FindMax found;
  found.set_text(goal.text);
  found.set_resolution(kResolution);
  while (const std::optional<double> rate = search.Next()) {
    auto step = TryRate(loop, c, goal, *rate);
    if (!step.ok()) return step.status();
    search.Judge(step->verdict() == "holds");
    *found.add_steps() = *std::move(step);
  }
  if (search.best().has_value()) found.set_rate(*search.best());
  return found;
}

}  // namespace

LoopMeasurement MeasuredCase::measurement() const {
  LoopMeasurement measured = run.measurement();
  measured.find_max = find_max ? &*find_max : nullptr;
  return measured;
}

absl::StatusOr<MeasuredCase> MeasureCase(const CaseLoop& loop, const Case& c,
                                         const Session& session) {
  Case measured = c;
  std::optional<v1::FindMax> found;
  if (session.find_max.has_value()) {
    const Session unobserved = Unobserved(session);
    auto search = Search(loop.In(unobserved), c, *session.find_max);
    if (!search.ok()) return search.status();
    measured = ReportedCase(c, *session.find_max, *search);
    found = *std::move(search);
  }
  auto run = loop.Run(measured);
  if (!run.ok()) return run.status();
  return MeasuredCase{std::move(measured), *std::move(run), std::move(found)};
}

}  // namespace normbench
