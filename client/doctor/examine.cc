// SPDX-License-Identifier: Apache-2.0
#include "client/doctor/examine.h"

#include <algorithm>

#include "bench/host/quota.h"
#include "bench/stats/quantile.h"
#include "client/doctor/wake_ups.h"
#include "client/doctor/work.h"

namespace normbench {
namespace {

// Enough for a p99.
constexpr double kWakeUpSeconds = 1;

Findings WhatItSays() {
  return {.facts = ReadHostFacts(),
          .cpu_quota = CpuQuota(),
          .memory_limit_bytes = MemoryLimit(),
          .tuning = ReadCpuTuning(),
          .timer_slack_seconds = TimerSlack(),
          .runnable = RunnableThreads()};
}

}  // namespace

absl::StatusOr<Findings> Examine(const ExamineOptions& options) {
  const HostReading before = ReadHost();
  Findings findings = WhatItSays();
  const auto wake_ups =
      MeasureWakeUps(std::min(kWakeUpSeconds, options.seconds / 10), options.stop);
  if (!wake_ups.empty()) findings.wake_up_p99_seconds = NearestRank(wake_ups, 0.99);
  const auto works = AllWorks(MemoryOf(findings));
  if (!works.ok()) return works.status();
  const double left = options.seconds - Between(before, ReadHost()).seconds;
  auto noise = MeasureNoise(*works, {.seconds = left, .stop = options.stop});
  if (!noise.ok()) return noise.status();
  findings.noise = *std::move(noise);
  findings.window = Between(before, ReadHost());
  findings.interrupted = options.stop();
  return findings;
}

}  // namespace normbench
