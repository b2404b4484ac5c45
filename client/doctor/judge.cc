// SPDX-License-Identifier: Apache-2.0
#include "client/doctor/judge.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/report/format.h"
#include "bench/stats/detectable.h"

namespace normbench {
namespace {

// One-sided: 5 % shared out between two looks and, by Holm's first step, ten comparisons, as many
// as four cells have with the usual metrics.
constexpr double kAlpha = 0.05 / 2 / 10;
constexpr double kPower = 0.8;

std::string Percent(double share) {
  return absl::StrCat("+", FormatNumber(100 * share), " %");
}

NoiseCheck CheckNoise(const NoiseRow& row) {
  NoiseCheck check{.row = row};
  if (!row.sd || row.pairs < kFewestPairs) return check;
  check.detectable_usual = DetectableEffect(kGateMargin, *row.sd, kUsualRounds, kAlpha, kPower);
  check.detectable_most = DetectableEffect(kGateMargin, *row.sd, kMostRounds, kAlpha, kPower);
  check.level = *check.detectable_usual <= kMustDetect  ? CheckLevel::kOk
                : *check.detectable_most <= kMustDetect ? CheckLevel::kWarn
                                                        : CheckLevel::kBad;
  return check;
}

// "copy mean: 24 rounds detect +32 %, 40 rounds +21 %".
std::string Describe(const NoiseCheck& check) {
  return absl::StrCat(check.row.work, " ", check.row.figure, ": ", kUsualRounds, " rounds detect ",
                      Percent(*check.detectable_usual), ", ", kMostRounds, " rounds ",
                      Percent(*check.detectable_most));
}

// The one with the largest detectable change; null where none is known.
const NoiseCheck* Noisiest(const std::vector<NoiseCheck>& noise) {
  const auto found =
      std::max_element(noise.begin(), noise.end(), [](const NoiseCheck& a, const NoiseCheck& b) {
        return a.detectable_most.value_or(0) < b.detectable_most.value_or(0);
      });
  return found == noise.end() || !found->detectable_most ? nullptr : &*found;
}

// What decides and is at this level; of the noise the worst.
std::vector<std::string> ReasonsOf(const Diagnosis& diagnosis, CheckLevel level) {
  std::vector<std::string> reasons;
  for (const HostCheck& check : diagnosis.checks) {
    if (check.decides && check.level == level) {
      reasons.push_back(absl::StrCat(check.name, " ", check.value));
    }
  }
  const NoiseCheck* noisiest = Noisiest(diagnosis.noise);
  if (noisiest != nullptr && noisiest->level == level) reasons.push_back(Describe(*noisiest));
  return reasons;
}

bool IsNoiseKnown(const std::vector<NoiseCheck>& noise) {
  return !noise.empty() && std::none_of(noise.begin(), noise.end(), [](const NoiseCheck& check) {
    return check.level == CheckLevel::kUnknown;
  });
}

std::string Because(const std::vector<std::string>& reasons) {
  return absl::StrCat(" for a ", FormatCount(100 * kGateMargin),
                      " % gate: ", absl::StrJoin(reasons, "; "));
}

void Conclude(Diagnosis* diagnosis) {
  const auto bad = ReasonsOf(*diagnosis, CheckLevel::kBad);
  const auto warn = ReasonsOf(*diagnosis, CheckLevel::kWarn);
  if (!bad.empty()) {
    diagnosis->fitness = Fitness::kUnfit;
    diagnosis->conclusion = "unfit" + Because(bad);
  } else if (!IsNoiseKnown(diagnosis->noise)) {
    diagnosis->conclusion = absl::StrCat("unknown: the noise floor needs ", kFewestPairs,
                                         " pairs of each work; give it the time (--seconds 30)");
  } else if (!warn.empty()) {
    diagnosis->fitness = Fitness::kMarginal;
    diagnosis->conclusion = "marginal" + Because(warn);
  } else {
    diagnosis->fitness = Fitness::kFit;
    diagnosis->conclusion = "good enough" + Because({Describe(*Noisiest(diagnosis->noise))});
  }
}

ExitCode ExitCodeOf(Fitness fitness, bool interrupted) {
  if (interrupted) return ExitCode::kInterrupted;
  const bool usable = fitness == Fitness::kFit || fitness == Fitness::kMarginal;
  return usable ? ExitCode::kOk : ExitCode::kInconclusive;
}

}  // namespace

std::string Name(Fitness fitness) {
  switch (fitness) {
    case Fitness::kFit:
      return "fit";
    case Fitness::kMarginal:
      return "marginal";
    case Fitness::kUnfit:
      return "unfit";
    case Fitness::kUnknown:
      return "unknown";
  }
  return "unknown";
}

Diagnosis Judge(const Findings& findings) {
  Diagnosis diagnosis;
  diagnosis.checks = CheckHost(findings);
  for (const NoiseRow& row : findings.noise) diagnosis.noise.push_back(CheckNoise(row));
  Conclude(&diagnosis);
  diagnosis.exit_code = ExitCodeOf(diagnosis.fitness, findings.interrupted);
  return diagnosis;
}

}  // namespace normbench
