// SPDX-License-Identifier: Apache-2.0
// Whether a machine is fit to measure on: a pure function of what was found.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/report/exit_code.h"
#include "client/doctor/checks.h"

namespace normbench {

// What a gate is to notice on a machine that is fit: a change of twice its margin.
inline constexpr double kGateMargin = 0.05;
inline constexpr double kMustDetect = 0.10;
// A gate's two looks together, of the shortest and the longest plan (bench/gate/gate_plan.h).
inline constexpr int kUsualRounds = 24;
inline constexpr int kMostRounds = 40;
inline constexpr int kFewestPairs = 8;  // with fewer nothing is said about the noise floor

struct NoiseCheck {
  NoiseRow row;
  // What a gate of ten comparisons sees with 80 % power in kUsualRounds: 0.07 is +7 %.
  std::optional<double> detectable_usual = std::nullopt;
  std::optional<double> detectable_most = std::nullopt;  // with kMostRounds
  CheckLevel level = CheckLevel::kUnknown;
};

enum class Fitness { kUnknown, kFit, kMarginal, kUnfit };

// "unknown", "fit", "marginal", "unfit".
std::string Name(Fitness fitness);

struct Diagnosis {
  std::vector<HostCheck> checks;
  std::vector<NoiseCheck> noise;
  Fitness fitness = Fitness::kUnknown;
  std::string conclusion;  // one line that says so and why
  ExitCode exit_code = ExitCode::kOk;
};

// Unfit: too much steal or throttling, or a work for which kMostRounds do not detect kMustDetect.
// Else unknown without kFewestPairs of each work. Else marginal: some steal or throttling, or a
// work for which kUsualRounds do not detect it. Else fit. The exit code is 130 where the
// examination was interrupted, else 5 where the machine is unfit or nothing is known, else 0.
Diagnosis Judge(const Findings& findings);

}  // namespace normbench
