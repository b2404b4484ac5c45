// SPDX-License-Identifier: Apache-2.0
// The times of two kept reports, by their intervals over visits: Welch's t on the logarithms. Pure.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "bench/stats/welch.h"
#include "normbench/v1/comparison.pb.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

// Of a cell that is slower in the only server process that a report is of: no more than a
// suspicion, since memory layout and neighbours of a process stay as they are from visit to visit.
inline constexpr std::string_view kOneProcess = "one process";

// Of a rate that the policy names: a report has no interval of it, so it cannot be judged.
inline constexpr std::string_view kNotInReports = "its interval is not in these reports";

// INVALID_ARGUMENT for a metric that no report has, and where none has an interval: p50, p90, p99.
// samples_per_s, which is among the defaults, may be beside them.
absl::Status CheckKeptMetrics(const v1::Policy& policy);

class KeptTimes {
 public:
  // `policy` is complete, or has no cells. It outlives this.
  explicit KeptTimes(const v1::Policy& policy) : policy_(policy) {}

  // A case that both have: its metrics, the first of the policy's of each name that fits it.
  void Add(const v1::CaseResult& a, const v1::CaseResult& b);

  bool empty() const { return verdicts_.empty(); }
  // Whether times are among them that a client took.
  bool of_requests() const { return of_requests_; }
  // Whether a rate that only the default policy names was left out.
  bool left_out() const { return left_out_; }

  // What was added, Holm over all that may have an interval. Never REGRESSED: kOneProcess.
  std::vector<v1::CellVerdict> Decide() const;

  // Adds what the visits' scatter hides to what Decide() returned: what verdict.h needs to say that
  // the policy does not fit.
  void AddNoise(std::vector<v1::CellVerdict>* verdicts) const;

  // Where that is the verdict: says it in visits, which reports have in place of rounds.
  void ExplainNoise(v1::Comparison* comparison) const;

 private:
  struct Means {
    std::optional<MeanOfFew> a, b;  // of logarithms; absent: no interval over visits
  };

  DetectionAim AimOf(const v1::CellVerdict& verdict) const;

  const v1::Policy& policy_;
  std::vector<v1::CellVerdict> verdicts_;  // p values are not adjusted
  std::vector<Means> means_;               // of each of them
  std::vector<v1::CellVerdict> without_;   // kNotInReports
  bool of_requests_ = false;
  bool left_out_ = false;
};

}  // namespace normbench
