// SPDX-License-Identifier: Apache-2.0
#include "bench/run/find_max.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/load/rate_search.h"
#include "bench/report/find_max.h"
#include "bench/run/surroundings.h"

namespace normbench {
namespace {

// Of what a closed loop reaches: the first rate tried, and the ends of the search.
constexpr double kFirstShare = 1.0 / 8;
constexpr double kHighestShare = 2;
constexpr double kLowestShare = 1.0 / 64;
constexpr double kResolution = 0.05;

constexpr double kLongestSeconds = 60;  // of one loop
constexpr int kMostLoops = 4;           // of one rate, until it is decided
constexpr double kMargin = 1.2;         // more requests than are needed: some will be over
// A server that becomes slower all the time holds no rate: the last one is held to the limit.
constexpr int kMostWithdrawn = 3;
constexpr int kMostAfresh = 3;  // loops at a rate that was found, until one of them decides
constexpr double kLonger = 2;
constexpr uint64_t kSeedAtTheEnd = 2 * kMostLoops;  // behind those of both looks

// How long `requests` take at `rate`, at least `seconds`.
double SecondsFor(double requests, double rate, double seconds) {
  return std::clamp(kMargin * requests / rate, std::min(seconds, kLongestSeconds), kLongestSeconds);
}

// The case at the rate that is reported, as long as the search needed to judge it: less would say
// nothing of the quantile.
Case AtTheEnd(const Case& c, const MaxGoal& goal, const v1::FindMax& found) {
  Case measured = ReportedCase(c, goal, found);
  const v1::FindMaxStep& step = ReportedStep(found);
  const double needed = RequestsNeeded(goal, step);
  measured.seconds = std::max(c.seconds, SecondsFor(needed, step.rate(), c.seconds));
  return measured;
}

// What ends the search instead of judging the rate. A server that is gone holds no rate, which
// would be found out of one after the other.
absl::Status WhyEnded(const LoopRun& run, const Session& session) {
  if (run.open->interrupted) return absl::CancelledError("interrupted");
  if (!run.suspect() || IsAlive(session.channel)) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("the server was lost during the search: ",
                   run.last_error.ok() ? run.lost().message() : run.last_error.message()));
}

// A rate that was found, measured once more.
struct Afresh {
  SearchedCase measured;
  v1::FindMaxStep step;  // what this loop alone says of the rate
  bool cut = false;
};

// Loops of the search are not observed; those that are made to be reported are.
struct Search {
  const CaseLoop& loop;
  Case c;
  const MaxGoal& goal;
  const Session& session;

  absl::StatusOr<v1::FindMaxStep> TryRate(double rate, int look) const;
  absl::Status Climb(RateSearch* search, v1::FindMax* found) const;
  absl::StatusOr<RateSearch> Begin() const;
  absl::StatusOr<Afresh> MeasureAfresh(const v1::FindMax& found) const;
  absl::StatusOr<SearchedCase> Run();
};

// Loops at `rate` until it is decided; the last word is "undecided" where that takes too long.
// `look` 0 is the first time at this rate, 1 the second.
absl::StatusOr<v1::FindMaxStep> Search::TryRate(double rate, int look) const {
  const Session unobserved = Unobserved(session);
  const CaseLoop unobserved_loop = loop.In(unobserved);
  v1::FindMaxStep step;
  step.set_rate(rate);
  step.set_looks(look + 1);
  step.set_more(RequestsNeeded(goal, step));
  for (int i = 0; i < kMostLoops && (i == 0 || step.verdict() == "undecided"); ++i) {
    Case at = AtRate(c, rate);
    at.seconds = SecondsFor(step.more(), rate, c.seconds);
    // Other times than those already judged.
    at.arrivals_seed += static_cast<uint64_t>(look * kMostLoops + i);
    const auto run = unobserved_loop.Run(at);
    if (!run.ok()) return run.status();
    if (auto why = WhyEnded(*run, session); !why.ok()) return why;
    AddToStep(*run->open, goal, &step);
  }
  return step;
}

// Tries one rate after the other until the search is over.
absl::Status Search::Climb(RateSearch* search, v1::FindMax* found) const {
  found->clear_rate();
  while (const std::optional<double> rate = search->Next()) {
    auto step = TryRate(*rate, search->is_second_look() ? 1 : 0);
    if (!step.ok()) return step.status();
    search->Judge(step->verdict() == "holds");
    *found->add_steps() = *std::move(step);
  }
  if (search->best().has_value()) found->set_rate(*search->best());
  return absl::OkStatus();
}

absl::StatusOr<RateSearch> Search::Begin() const {
  const auto maximum = loop.MaximumOf(c);
  if (!maximum.ok()) return maximum.status();
  return RateSearch({.first = *maximum * kFirstShare,
                     .lowest = *maximum * kLowestShare,
                     .highest = *maximum * kHighestShare,
                     .resolution = kResolution});
}

// Measures the rate that was found afresh. What is reported is one loop, so one that decides
// nothing is made again, longer.
absl::StatusOr<Afresh> Search::MeasureAfresh(const v1::FindMax& found) const {
  Case at = AtTheEnd(c, goal, found);
  at.arrivals_seed += kSeedAtTheEnd;
  for (int i = 0;; ++i, ++at.arrivals_seed) {
    auto run = loop.Run(at);
    if (!run.ok()) return run.status();
    const bool cut = !WhyEnded(*run, session).ok();
    v1::FindMaxStep step;
    step.set_rate(ReportedStep(found).rate());
    step.set_looks(2);
    AddToStep(*run->open, goal, &step);
    if (cut || step.verdict() != "undecided" || i + 1 == kMostAfresh) {
      return Afresh{{at, *std::move(run), found}, std::move(step), cut};
    }
    const double needed = RequestsNeeded(goal, step);
    at.seconds = SecondsFor(needed, step.rate(), kLonger * at.seconds);
  }
}

// A rate that does not hold when it is measured afresh was found by luck: the search goes on below
// it, with loops twice as long. In shorter ones the backlog of a rate just above what the server
// can do does not reach the limit.
absl::StatusOr<SearchedCase> Search::Run() {
  absl::StatusOr<RateSearch> search = Begin();
  if (!search.ok()) return search.status();
  v1::FindMax found;
  found.set_text(goal.text);
  found.set_resolution(kResolution);
  for (int withdrawn = 0;; ++withdrawn) {
    if (auto status = Climb(&*search, &found); !status.ok()) return status;
    auto afresh = MeasureAfresh(found);
    if (!afresh.ok()) return afresh.status();
    const bool held = !found.has_rate() || afresh->step.verdict() == "holds";
    if (afresh->cut || held) return std::move(afresh->measured);
    *found.add_steps() = afresh->step;
    if (withdrawn == kMostWithdrawn) {
      afresh->measured.c.expect.push_back(goal.text);
      afresh->measured.find_max = std::move(found);
      return std::move(afresh->measured);
    }
    search->Withdraw();
    c.seconds = std::min(kLonger * c.seconds, kLongestSeconds);
  }
}

}  // namespace

LoopMeasurement SearchedCase::measurement() const {
  LoopMeasurement measured = run.measurement();
  measured.find_max = find_max ? &*find_max : nullptr;
  return measured;
}

absl::StatusOr<SearchedCase> MeasureCase(const CaseLoop& loop, const Case& c,
                                         const Session& session) {
  if (session.find_max.has_value()) return Search{loop, c, *session.find_max, session}.Run();
  auto run = loop.Run(c);
  if (!run.ok()) return run.status();
  return SearchedCase{c, *std::move(run), std::nullopt};
}

}  // namespace normbench
