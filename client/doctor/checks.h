// SPDX-License-Identifier: Apache-2.0
// What is good and what is not about a machine, one thing at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/doctor/findings.h"

namespace normbench {

// Shares of the time. Above the first of each pair a machine is marginal, above the second unfit.
inline constexpr double kStealMarginal = 0.02, kStealUnfit = 0.05;
inline constexpr double kThrottledMarginal = 0.001, kThrottledUnfit = 0.01;

// These only warn: what they do to numbers is in the noise floor.
inline constexpr double kPressureWarns = 0.10;     // share of the time
inline constexpr double kRunnableWarns = 0.7;      // threads of others for each CPU
inline constexpr double kFewCpus = 4;              // client and server share fewer
inline constexpr double kLittleMemory = 4e9;       // bytes
inline constexpr double kTimerSlackWarns = 50e-6;  // seconds; the kernel's own
inline constexpr double kWakeUpWarns = 200e-6;     // seconds, p99

enum class CheckLevel { kUnknown, kOk, kWarn, kBad };

// "-", "ok", "warn", "bad".
std::string Name(CheckLevel level);

struct HostCheck {
  std::string name;
  std::optional<double> number = std::nullopt;  // in base units; shares 0 .. 1
  std::string value = "not visible";            // for people
  std::string good;                             // what it should be
  CheckLevel level = CheckLevel::kUnknown;
  std::string advice = {};  // for what is not ok
  bool decides = false;     // a warning makes the machine marginal
};

// Steal and throttling, which decide, then what only warns. Always the same ones.
std::vector<HostCheck> CheckHost(const Findings& findings);

}  // namespace normbench
