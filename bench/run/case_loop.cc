// SPDX-License-Identifier: Apache-2.0
#include "bench/run/case_loop.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/report/closed_probe.h"
#include "bench/run/schedule.h"

namespace normbench {
namespace {

constexpr size_t kAnswerBytes = 256 << 20;

// A request that has been under way for so long is not answered any more.
constexpr double kStallSeconds = 30;

int InFlight(const Case& c) {
  const auto* service = std::get_if<v1::ServiceCase>(&c.spec);
  return service != nullptr ? service->in_flight() : std::get<v1::ModelCase>(c.spec).in_flight();
}

}  // namespace

LoopMeasurement LoopRun::measurement() const {
  return {.loop = closed ? &*closed : nullptr,
          .open = open ? &*open : nullptr,
          .outputs = &answers,
          .maximum_per_s = maximum_per_s};
}

absl::StatusOr<std::unique_ptr<UnaryTarget>> CaseLoop::TargetOf(const Case& c) const {
  const v1::Load& load = *LoadOf(c.spec);
  auto channels = session_.channels(load.channels());
  if (!channels.ok()) return channels.status();
  UnaryTargetOptions options = requests_.target;
  options.slots = InFlight(c);
  options.stall_seconds = session_.stall_seconds;
  if (load.deadline_seconds() > 0) options.timeout_seconds = load.deadline_seconds();
  return std::make_unique<UnaryTarget>(*std::move(channels), std::move(options));
}

double CaseLoop::StallSeconds() const {
  return std::min(kStallSeconds, session_.patience_seconds);
}

absl::StatusOr<LoopRun> CaseLoop::Run(const Case& c) const {
  const auto target = TargetOf(c);
  if (!target.ok()) return target.status();
  if (!LoadOf(c.spec)->arrivals().empty()) return RunOpen(c, **target);
  return RunClosed(c, **target, requests_.whole_passes);
}

LoopRun CaseLoop::RunClosed(const Case& c, UnaryTarget& target, bool whole_passes) const {
  LoopRun run{.answers = OutputLedger(inputs(), kAnswerBytes, requests_.max_kept)};
  run.closed = RunClosedLoop(target,
                             {.in_flight = target.slots(),
                              .warmup_seconds = c.warmup_seconds,
                              .seconds = c.seconds,
                              .max_requests = c.max_requests,
                              .precision = c.precision,
                              .inputs = inputs(),
                              .whole_passes = whole_passes,
                              .samples_of = requests_.samples_of,
                              .stall_seconds = StallSeconds()},
                             &run.answers, session_.stop, ShowLoop(session_));
  ExplainLoss(target, &run.closed->lost);
  run.last_error = target.last_error();
  run.failing = target.failing();
  return run;
}

absl::StatusOr<LoopRun> CaseLoop::RunOpen(const Case& c, UnaryTarget& target) const {
  LoopRun run{.answers = OutputLedger(inputs(), kAnswerBytes, requests_.max_kept)};
  if (NeedsMaximum(c)) {
    const auto maximum = MaximumOf(c);
    if (!maximum.ok()) return maximum.status();
    run.maximum_per_s = *maximum;
  }
  const auto schedule = ScheduleOf(c, run.maximum_per_s.value_or(0));
  if (!schedule.ok()) return schedule.status();
  const bool drop = LoadOf(c.spec)->late() == "drop";
  run.open = RunOpenLoop(target, *schedule->arrivals,
                         {.in_flight = target.slots(),
                          .late = drop ? LatePolicy::kDrop : LatePolicy::kSend,
                          .warmup_seconds = c.warmup_seconds,
                          .seconds = schedule->seconds,
                          .max_requests = c.max_requests,
                          .inputs = inputs(),
                          .samples_of = requests_.samples_of,
                          .stall_seconds = StallSeconds()},
                         &run.answers, session_.stop, ShowLoop(session_));
  ExplainLoss(target, &run.open->lost);
  run.last_error = target.last_error();
  run.failing = target.failing();
  return run;
}

absl::StatusOr<double> CaseLoop::MaximumOf(const Case& c) const {
  const Case probe = ClosedProbe(c);
  const auto known = session_.maxima->find(probe.key);
  if (known != session_.maxima->end()) return known->second;
  const auto target = TargetOf(probe);
  if (!target.ok()) return target.status();
  const Session unobserved = Unobserved(session_);
  const LoopRun run = In(unobserved).RunClosed(probe, **target, /*whole_passes=*/false);
  if (!run.lost().ok()) return run.lost();
  if (run.closed->interrupted) return absl::CancelledError("interrupted");
  const auto ok = static_cast<double>(run.closed->recorder.count() - run.closed->errors);
  const double maximum = ok / run.closed->measured_seconds;
  session_.maxima->emplace(probe.key, maximum);
  return maximum;
}

}  // namespace normbench
