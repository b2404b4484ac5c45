// SPDX-License-Identifier: Apache-2.0
#include "bench/report/exit_code.h"

#include <algorithm>
#include <array>
#include <vector>

#include "bench/report/case_result.h"

namespace normbench {
namespace {

// Strongest first.
constexpr std::array kPrecedence = {
    ExitCode::kInterrupted,   ExitCode::kUsage,        ExitCode::kTransport,   ExitCode::kAccuracy,
    ExitCode::kClientLimited, ExitCode::kInconclusive, ExitCode::kExpectation, ExitCode::kOk};

// The request was at fault, not the server: another request would do.
bool IsUsage(const std::string& error_code) {
  constexpr std::array kUsageCodes = {"INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION",
                                      "OUT_OF_RANGE", "UNIMPLEMENTED"};
  return std::find(kUsageCodes.begin(), kUsageCodes.end(), error_code) != kUsageCodes.end();
}

void AddCodes(const v1::CaseResult& result, std::vector<ExitCode>* codes) {
  if (result.status() == "failed") {
    codes->push_back(IsUsage(result.error_code()) ? ExitCode::kUsage : ExitCode::kTransport);
  }
  if (IsWrong(result)) codes->push_back(ExitCode::kAccuracy);
  if (result.status() == "skipped") return;  // why the run ended is the answer
  for (const v1::Expectation& expectation : result.expectations()) {
    if (expectation.holds()) continue;
    codes->push_back(expectation.accuracy() ? ExitCode::kAccuracy : ExitCode::kExpectation);
  }
}

}  // namespace

std::string_view Describe(ExitCode code) {
  switch (code) {
    case ExitCode::kOk:
      return "ok";
    case ExitCode::kTransport:
      return "transport or internal error";
    case ExitCode::kUsage:
      return "usage or configuration";
    case ExitCode::kExpectation:
      return "expectation missed";
    case ExitCode::kAccuracy:
      return "wrong answers";
    case ExitCode::kInconclusive:
      return "inconclusive";
    case ExitCode::kClientLimited:
      return "client-limited";
    case ExitCode::kInterrupted:
      return "interrupted";
  }
  return "unknown";
}

ExitCode Worst(std::span<const ExitCode> codes) {
  for (const ExitCode code : kPrecedence) {
    if (std::find(codes.begin(), codes.end(), code) != codes.end()) return code;
  }
  return ExitCode::kOk;
}

ExitCode ExitCodeOf(const v1::Report& report) {
  std::vector<ExitCode> codes;
  if (report.outcome() == "interrupted") codes.push_back(ExitCode::kInterrupted);
  if (report.outcome() == "server_lost") codes.push_back(ExitCode::kTransport);
  for (const v1::CaseResult& result : report.cases()) {
    AddCodes(result, &codes);
    if (report.sweep().require_schedule() && result.open_loop().client_limited()) {
      codes.push_back(ExitCode::kClientLimited);
    }
  }
  return Worst(codes);
}

}  // namespace normbench
