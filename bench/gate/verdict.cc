// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/verdict.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/gate/policy.h"
#include "bench/report/exit_code.h"
#include "bench/stats/detectable.h"

namespace normbench {
namespace {

// A against itself may be off by so much of the margin before nothing else is believed.
constexpr double kFloorShare = 0.6;

struct Finding {
  ExitCode code = ExitCode::kOk;
  std::string word, why;
};

using Found = std::optional<Finding>;

int Count(const v1::Comparison& comparison, const char* verdict) {
  return static_cast<int>(
      std::count_if(comparison.cells().begin(), comparison.cells().end(),
                    [&](const v1::CellVerdict& cell) { return cell.verdict() == verdict; }));
}

std::string OfCells(const v1::Comparison& comparison, int count) {
  if (comparison.cells().empty()) return "of answers only";
  return absl::StrCat(count, " of ", comparison.cells_size());
}

Found Ended(const v1::Comparison& comparison) {
  if (comparison.outcome() == "interrupted") {
    return Finding{ExitCode::kInterrupted, "INTERRUPTED", "it was stopped"};
  }
  if (comparison.outcome() == "arm_failed") {
    return Finding{ExitCode::kTransport, "FAILED", comparison.error()};
  }
  return std::nullopt;
}

Found Accuracy(const v1::Comparison& comparison) {
  if (comparison.accuracy().worse().empty()) return std::nullopt;
  return Finding{ExitCode::kAccuracy, "ACCURACY", comparison.accuracy().worse(0)};
}

// In more than half of the visits to a cell. A round that is void says why the client was late.
Found ClientLimited(const v1::Comparison& comparison) {
  struct Visits {
    int limited = 0, all = 0;
  };
  std::map<std::string, Visits> cells;
  for (const v1::Round& round : comparison.rounds()) {
    if (!round.why_void().empty()) continue;
    for (const v1::ArmVisit& visit : round.visits()) {
      for (const v1::CellSample& sample : visit.cells()) {
        Visits& visits = cells[sample.key()];
        visits.limited += sample.client_limited() ? 1 : 0;
        ++visits.all;
      }
    }
  }
  for (const auto& [key, visits] : cells) {
    if (2 * visits.limited <= visits.all) continue;
    return Finding{ExitCode::kClientLimited, "CLIENT_LIMITED",
                   absl::StrCat("the client could not keep the schedule of ", key, " in ",
                                visits.limited, " of ", visits.all, " visits")};
  }
  return std::nullopt;
}

bool IsOff(const v1::CellVerdict& cell) {
  const double most = kFloorShare * cell.margin();
  return (cell.has_floor_low() && cell.floor_low() > most) ||
         (cell.has_floor_high() && cell.floor_high() < -most);
}

Found Unstable(const v1::Comparison& comparison) {
  const auto& rounds = comparison.rounds();
  if (comparison.looks() == 0) return std::nullopt;  // kept reports have no rounds
  const auto counting = std::count_if(rounds.begin(), rounds.end(), [](const v1::Round& round) {
    return round.why_void().empty() && round.phase() != "confirmation";
  });
  if (counting < kFewestRounds) {
    return Finding{ExitCode::kInconclusive, "UNSTABLE",
                   absl::StrCat("only ", counting, " rounds count, it takes ", kFewestRounds,
                                rounds.empty() || rounds.rbegin()->why_void().empty()
                                    ? std::string()
                                    : "; the last one does not: " + rounds.rbegin()->why_void())};
  }
  for (const v1::CellVerdict& cell : comparison.cells()) {
    if (!IsOff(cell)) continue;
    return Finding{
        ExitCode::kInconclusive, "UNSTABLE",
        absl::StrFormat("A differs from itself: A'/A of %s of %s is %+.1f %% [%+.1f, %+.1f]",
                        cell.metric(), cell.key(), 100 * cell.floor(), 100 * cell.floor_low(),
                        100 * cell.floor_high())};
  }
  return std::nullopt;
}

bool IsInvalid(const v1::Comparison& comparison) {
  return ClientLimited(comparison) || Unstable(comparison);
}

// How many rounds would show `effect` at the noise of the cell.
std::string RoundsThatWouldDo(const v1::Comparison& comparison, const v1::CellVerdict& cell,
                              double effect) {
  constexpr int kMost = 10'000;
  const double alpha = LookAlpha(comparison.policy()) / comparison.cells_size();
  const int rounds =
      RoundsToDetect(cell.margin(), cell.noise_sd(), effect, alpha, kPlannedPower, kMost);
  return rounds > kMost ? absl::StrCat("more than ", kMost) : absl::StrCat("about ", rounds);
}

// A cell is open, and no effect that anybody would accept could have closed it. A measurement that
// ended early, or is invalid, says nothing of the policy; and what convicts, wrong answers first,
// is not to be hidden behind it.
Found Unsupported(const v1::Comparison& comparison) {
  if (Count(comparison, "REGRESSED") > 0 || Ended(comparison) || Accuracy(comparison) ||
      IsInvalid(comparison)) {
    return std::nullopt;
  }
  const double times = comparison.policy().max_detectable();
  for (const v1::CellVerdict& cell : comparison.cells()) {
    const double most = times * cell.margin();
    if (cell.verdict() != "INCONCLUSIVE" || cell.detectable() <= most) continue;
    return Finding{
        ExitCode::kUsage, "CONFIGURATION",
        absl::StrFormat("noise of %.1f %% hides anything below %+.1f %% in %s of %s, more than %g "
                        "times its margin of %.3g %%: it would take %s rounds with the extension, "
                        "or a wider margin",
                        100 * cell.noise_sd(), 100 * cell.detectable(), cell.metric(), cell.key(),
                        times, 100 * cell.margin(), RoundsThatWouldDo(comparison, cell, most))};
  }
  return std::nullopt;
}

Found Regressed(const v1::Comparison& comparison) {
  const int count = Count(comparison, "REGRESSED");
  if (count == 0) return std::nullopt;
  return Finding{ExitCode::kExpectation, "REGRESSED", OfCells(comparison, count)};
}

Found Inconclusive(const v1::Comparison& comparison) {
  const int count = Count(comparison, "INCONCLUSIVE");
  // What has regressed has, whatever else is open.
  if (count == 0 || Count(comparison, "REGRESSED") > 0) return std::nullopt;
  const std::string& rule = comparison.policy().inconclusive();
  const ExitCode code = rule == "pass"   ? ExitCode::kOk
                        : rule == "fail" ? ExitCode::kExpectation
                                         : ExitCode::kInconclusive;
  return Finding{
      code, "INCONCLUSIVE",
      absl::StrCat(OfCells(comparison, count),
                   code == ExitCode::kInconclusive ? std::string() : "; the policy says: " + rule)};
}

Finding Fine(const v1::Comparison& comparison) {
  const int improved = Count(comparison, "IMPROVED");
  if (improved > 0) return {ExitCode::kOk, "IMPROVED", OfCells(comparison, improved)};
  return {ExitCode::kOk, "OK", OfCells(comparison, Count(comparison, "OK"))};
}

// An invalid measurement cannot convict.
void Acquit(v1::Comparison* comparison) {
  for (v1::CellVerdict& cell : *comparison->mutable_cells()) {
    cell.set_verdict("INCONCLUSIVE");
    cell.clear_more_rounds();
    cell.clear_confirmation();
  }
}

}  // namespace

void Conclude(v1::Comparison* comparison) {
  std::vector<Finding> findings;
  if (IsInvalid(*comparison)) Acquit(comparison);
  for (const auto rule :
       {Ended, Unsupported, Accuracy, ClientLimited, Unstable, Regressed, Inconclusive}) {
    if (Found found = rule(*comparison)) findings.push_back(*std::move(found));
  }
  if (findings.empty()) findings.push_back(Fine(*comparison));
  std::vector<ExitCode> codes;
  for (const Finding& finding : findings) codes.push_back(finding.code);
  const ExitCode worst = Worst(codes);
  // The first of those with the code: rules come in the order of precedence.
  const auto found = std::find_if(findings.begin(), findings.end(),
                                  [&](const Finding& finding) { return finding.code == worst; });
  comparison->set_verdict(found->word);
  comparison->set_why(found->why);
  comparison->set_exit_code(static_cast<int32_t>(worst));
}

}  // namespace normbench
