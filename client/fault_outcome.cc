// SPDX-License-Identifier: Apache-2.0
#include "client/fault_outcome.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"

namespace normbench {

FaultOutcome OutcomeOf(ExitCode expected, const v1::Comparison& comparison) {
  const auto got = static_cast<ExitCode>(comparison.exit_code());
  const std::string said = absl::StrCat(comparison.verdict(), ", exit ", comparison.exit_code());
  if (got == expected) return {ExitCode::kOk, said};
  const std::string why = absl::StrCat(said, "  ", comparison.why());
  switch (got) {
    case ExitCode::kInconclusive:
    case ExitCode::kUsage:
      return {ExitCode::kInconclusive, why};
    case ExitCode::kInterrupted:
    case ExitCode::kTransport:
      return {got, why};
    default:
      return {ExitCode::kExpectation, absl::StrCat(said, "  WRONG: ", comparison.why())};
  }
}

ExitCode WorstOutcome(std::span<const ExitCode> codes) {
  constexpr std::array kWorstFirst = {ExitCode::kInterrupted, ExitCode::kExpectation,
                                      ExitCode::kTransport, ExitCode::kInconclusive};
  for (const ExitCode code : kWorstFirst) {
    if (std::find(codes.begin(), codes.end(), code) != codes.end()) return code;
  }
  return ExitCode::kOk;
}

}  // namespace normbench
