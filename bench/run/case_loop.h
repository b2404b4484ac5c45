// SPDX-License-Identifier: Apache-2.0
// The loop of a service or model case, as its load says: closed, or open on a schedule whose rate
// may be a share of the measured maximum.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/load/closed_loop.h"
#include "bench/load/open_loop.h"
#include "bench/load/outputs.h"
#include "bench/report/case.h"
#include "bench/report/summarize.h"
#include "bench/run/session.h"
#include "bench/run/unary_target.h"

namespace normbench {

// What a loop gave, closed or open.
struct LoopRun {
  std::optional<LoopResult> closed = std::nullopt;
  std::optional<OpenLoopResult> open = std::nullopt;
  OutputLedger answers;
  absl::Status last_error = absl::OkStatus();          // what the latest failed request said
  bool failing = false;                                // the latest request that ended failed
  std::optional<double> maximum_per_s = std::nullopt;  // that the rates are shares of

  const absl::Status& lost() const { return closed ? closed->lost : open->lost; }

  // The server may be gone: a loop that ends soon after its end has not lost it yet.
  bool suspect() const { return failing || !lost().ok(); }

  // Refers to this.
  LoopMeasurement measurement() const;
};

// What is sent, again and again.
struct LoopRequests {
  UnaryTargetOptions target;                     // slots and timeout are those of the case
  bool whole_passes = false;                     // of closed loops
  size_t max_kept = OutputLedger::kMaxDistinct;  // distinct answers to an input
  std::function<int(int64_t input)> samples_of = nullptr;
};

// Not thread-safe.
class CaseLoop {
 public:
  CaseLoop(const Session& session, LoopRequests requests)
      : session_(session), requests_(std::move(requests)) {}

  // Returns UNAVAILABLE where there is no connection or the maximum cannot be measured, and what
  // ScheduleOf says; a target that stops answering is in the result.
  absl::StatusOr<LoopRun> Run(const Case& c) const;

  // The same requests in another session.
  CaseLoop In(const Session& session) const { return {session, requests_}; }

  // The highest rate that a closed loop of the same requests reaches, in requests a second:
  // measured once in a session.
  absl::StatusOr<double> MaximumOf(const Case& c) const;

 private:
  absl::StatusOr<std::unique_ptr<UnaryTarget>> TargetOf(const Case& c) const;
  double StallSeconds() const;
  LoopRun RunClosed(const Case& c, UnaryTarget& target, bool whole_passes) const;
  absl::StatusOr<LoopRun> RunOpen(const Case& c, UnaryTarget& target) const;

  int64_t inputs() const { return static_cast<int64_t>(requests_.target.requests.size()); }

  const Session& session_;
  const LoopRequests requests_;
};

}  // namespace normbench
