// SPDX-License-Identifier: Apache-2.0
#include "client/doctor/checks.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "bench/report/format.h"

namespace normbench {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

std::string Percent(double share) {
  return absl::StrCat(FormatNumber(100 * share), " %");
}

// What is the better the less of it there is.
struct AtMost {
  double ok = 0;
  double bad = kNever;  // above it; between them it warns
};

CheckLevel LevelOf(double number, const AtMost& limits) {
  if (number > limits.bad) return CheckLevel::kBad;
  return number > limits.ok ? CheckLevel::kWarn : CheckLevel::kOk;
}

// Fills in number, value and level where there is a number.
HostCheck Measured(HostCheck check, std::optional<double> number, const AtMost& limits,
                   std::string (*format)(double)) {
  if (!number) return check;
  check.number = number;
  check.value = format(*number);
  check.level = LevelOf(*number, limits);
  return check;
}

HostCheck Steal(const Findings& findings) {
  return Measured({.name = "steal",
                   .good = absl::StrCat("at most ", Percent(kStealMarginal)),
                   .advice = "other guests take CPU time: dedicated CPUs, or another hour",
                   .decides = true},
                  findings.window.steal_ratio, {kStealMarginal, kStealUnfit}, Percent);
}

HostCheck Throttled(const Findings& findings) {
  return Measured({.name = "throttled",
                   .good = absl::StrCat("at most ", Percent(kThrottledMarginal)),
                   .advice = "the CPU quota is used up: a higher one, or whole CPUs without",
                   .decides = true},
                  findings.window.throttled_ratio, {kThrottledMarginal, kThrottledUnfit}, Percent);
}

HostCheck Pressure(const Findings& findings) {
  return Measured({.name = "CPU pressure",
                   .good = absl::StrCat("at most ", Percent(kPressureWarns)),
                   .advice = "threads wait for CPUs: stop what else runs"},
                  findings.window.cpu_pressure, {kPressureWarns}, Percent);
}

HostCheck Others(const Findings& findings) {
  const double most = kRunnableWarns * findings.facts.cpus;
  return Measured({.name = "others running",
                   .good = absl::StrCat("at most ", FormatNumber(most)),
                   .advice = "threads of others want these CPUs: stop what else runs"},
                  findings.runnable, {most}, FormatNumber);
}

HostCheck Cpus(const Findings& findings) {
  const double cpus = findings.facts.cpus;
  return {.name = "CPUs",
          .number = cpus,
          .value = FormatCount(cpus),
          .good = absl::StrCat(FormatCount(kFewCpus), " or more"),
          .level = cpus < kFewCpus ? CheckLevel::kWarn : CheckLevel::kOk,
          .advice = "client and server share them: two machines, or few threads"};
}

HostCheck Quota(const Findings& findings) {
  const auto quota = findings.cpu_quota;
  const bool limits = quota && *quota < findings.facts.cpus;
  return {.name = "CPU quota",
          .number = quota,
          .value = quota ? absl::StrCat(FormatNumber(*quota), " CPUs") : "none",
          .good = "none",
          .level = limits ? CheckLevel::kWarn : CheckLevel::kOk,
          .advice = "bursts above it are throttled: whole CPUs without a quota"};
}

HostCheck Memory(const Findings& findings) {
  const double bytes = MemoryOf(findings);
  return {.name = "memory",
          .number = bytes,
          .value = FormatBytes(bytes),
          .good = absl::StrCat(FormatBytes(kLittleMemory), " or more"),
          .level = bytes < kLittleMemory ? CheckLevel::kWarn : CheckLevel::kOk,
          .advice = "large tensors will not fit: a higher limit, or small shapes"};
}

HostCheck Governor(const Findings& findings) {
  HostCheck check{.name = "CPU governor",
                  .good = "performance",
                  .advice = "the frequency follows the load: governor performance"};
  if (!findings.tuning.governor) return check;
  check.value = *findings.tuning.governor;
  check.level = check.value == "performance" ? CheckLevel::kOk : CheckLevel::kWarn;
  return check;
}

HostCheck Boost(const Findings& findings) {
  HostCheck check{.name = "CPU boost",
                  .good = "off",
                  .advice = "the frequency follows heat and neighbours: switch boost off"};
  if (!findings.tuning.boost) return check;
  check.value = *findings.tuning.boost ? "on" : "off";
  check.level = *findings.tuning.boost ? CheckLevel::kWarn : CheckLevel::kOk;
  return check;
}

HostCheck ThreadsPerCore(const Findings& findings) {
  return Measured({.name = "threads per core",
                   .good = "1",
                   .advice = "two CPUs of one core slow each other: use one of each core"},
                  findings.tuning.threads_per_core, {1}, FormatCount);
}

HostCheck TimerSlack(const Findings& findings) {
  // What the kernel has in nanoseconds is not exact in seconds.
  constexpr double kHalfNanosecond = 0.5e-9;
  return Measured({.name = "timer slack",
                   .good = absl::StrCat("at most ", FormatSeconds(kTimerSlackWarns)),
                   .advice = "somebody lets timers be late: start from another service or shell"},
                  findings.timer_slack_seconds, {kTimerSlackWarns + kHalfNanosecond},
                  FormatSeconds);
}

HostCheck WakeUps(const Findings& findings) {
  return Measured({.name = "wakes late, p99",
                   .good = absl::StrCat("at most ", FormatSeconds(kWakeUpWarns)),
                   .advice = "open loops will send late (NB140): idle CPUs, shallow sleep states"},
                  findings.wake_up_p99_seconds, {kWakeUpWarns}, FormatSeconds);
}

}  // namespace

std::string Name(CheckLevel level) {
  switch (level) {
    case CheckLevel::kOk:
      return "ok";
    case CheckLevel::kWarn:
      return "warn";
    case CheckLevel::kBad:
      return "bad";
    case CheckLevel::kUnknown:
      return "-";
  }
  return "-";
}

std::vector<HostCheck> CheckHost(const Findings& findings) {
  std::vector<HostCheck> checks = {
      Steal(findings), Throttled(findings),      Pressure(findings),   Others(findings),
      Cpus(findings),  Quota(findings),          Memory(findings),     Governor(findings),
      Boost(findings), ThreadsPerCore(findings), TimerSlack(findings), WakeUps(findings)};
  for (HostCheck& check : checks) {
    if (check.level == CheckLevel::kOk || check.level == CheckLevel::kUnknown) check.advice.clear();
  }
  return checks;
}

}  // namespace normbench
