// SPDX-License-Identifier: Apache-2.0
#include "bench/run/find_max.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/load/pacing.h"
#include "bench/load/rate_search.h"
#include "bench/report/find_max.h"
#include "bench/report/format.h"
#include "bench/run/surroundings.h"

namespace normbench {
namespace {

// Of what a closed loop reaches: the first rate tried, and the ends of the search.
constexpr double kFirstShare = 1.0 / 8;
constexpr double kHighestShare = 2;
constexpr double kLowestShare = 1.0 / 64;
constexpr double kResolution = 0.05;

constexpr double kLongestSeconds = 60;  // of one loop that is made longer than the case says
constexpr int kMostLoops = 4;           // of one rate, until it is decided
constexpr double kMargin = 1.2;         // more requests than are needed: some will be over
constexpr int kMostWithdrawn = 3;
constexpr double kLonger = 2;

// How long `requests` take at `rate`, at least `seconds`.
double SecondsFor(double requests, double rate, double seconds) {
  return std::max(seconds, std::min(kMargin * requests / rate, kLongestSeconds));
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

// Says at what rate a loop is.
class AtRateWatcher final : public RunWatcher {
 public:
  AtRateWatcher(double rate, RunWatcher& watcher)
      : words_(absl::StrCat(FormatNumber(rate), " requests/s, ")), watcher_(watcher) {}

  void Started(const std::string&, double) override {}
  void Phase(std::string_view phase, double fraction) override {
    watcher_.Phase(absl::StrCat(words_, std::string(phase)), fraction);
  }
  void Finished(const Case&, const v1::CaseResult&) override {}

 private:
  const std::string words_;
  RunWatcher& watcher_;
};

// A rate and the latest loop at it.
struct Tried {
  Case c;
  LoopRun run;
  v1::FindMaxStep step;
  absl::Status ended;  // why the search is over; OK: it is not

  SearchedCase With(const v1::FindMax& found) && { return {std::move(c), std::move(run), found}; }
};

class Search {
 public:
  Search(const CaseLoop& loop, const Case& c, const Session& session)
      : loop_(loop), c_(c), goal_(*session.find_max), session_(session) {
    found_.set_text(goal_.text);
    found_.set_resolution(kResolution);
  }

  absl::StatusOr<SearchedCase> Run();

 private:
  absl::StatusOr<Tried> Try(const Session& session, Case at, double rate, int looks, int loops);
  absl::StatusOr<std::optional<Tried>> Climb(RateSearch* search);
  absl::StatusOr<Tried> TryAfresh();
  absl::StatusOr<SearchedCase> ReportOnly(double rate);
  absl::StatusOr<RateSearch> Begin() const;
  bool IsOver() const {
    return session_.find_max_seconds > 0 && SteadySeconds() - start_ > session_.find_max_seconds;
  }

  const CaseLoop& loop_;
  Case c_;
  const MaxGoal& goal_;
  const Session& session_;
  const double start_ = SteadySeconds();
  uint64_t loops_ = 0;  // no two have the same times
  v1::FindMax found_;
};

// Loops of `at` until the rate is decided, at most `loops`; the last word is "undecided" where that
// takes more.
absl::StatusOr<Tried> Search::Try(const Session& session, Case at, double rate, int looks,
                                  int loops) {
  AtRateWatcher watcher(rate, *session.watcher);
  Session named = session;
  named.watcher = &watcher;
  v1::FindMaxStep step;
  step.set_rate(rate);
  step.set_looks(looks);
  const uint64_t seed = at.arrivals_seed;
  for (int i = 1;; ++i) {
    at.arrivals_seed = seed + loops_++;
    auto run = loop_.In(named).Run(at);
    if (!run.ok()) return run.status();
    absl::Status ended = WhyEnded(*run, session);
    AddToStep(*run->open, goal_, &step);
    if (!ended.ok() || step.verdict() != "undecided" || i == loops || IsOver()) {
      return Tried{std::move(at), *std::move(run), std::move(step), std::move(ended)};
    }
    at.seconds = SecondsFor(step.more(), rate, at.seconds);
  }
}

// Tries one rate after the other until the search is over. Returns the last one if it ended it.
// These loops are not observed; those that are made to be reported are.
absl::StatusOr<std::optional<Tried>> Search::Climb(RateSearch* search) {
  const Session unobserved = Unobserved(session_);
  found_.clear_rate();
  if (search->best().has_value()) found_.set_rate(*search->best());
  while (const std::optional<double> rate = search->Next()) {
    Case at = AtRate(c_, *rate);
    at.seconds = SecondsFor(RequestsNeeded(goal_, {}), *rate, c_.seconds);
    auto tried = Try(unobserved, at, *rate, search->is_second_look() ? 2 : 1, kMostLoops);
    if (!tried.ok()) return tried.status();
    const bool ended = !tried->ended.ok();
    const bool is_decided = tried->step.verdict() != "undecided" || !IsOver();
    if (!ended) *found_.add_steps() = tried->step;
    if (!ended && is_decided) search->Judge(tried->step.verdict() == "holds");
    if (search->best().has_value()) found_.set_rate(*search->best());
    found_.set_cut((ended || IsOver()) && search->Next().has_value());
    if (ended) return *std::move(tried);
    if (found_.cut()) break;
  }
  return std::nullopt;
}

// At the rate that was found, as long as the search needed to judge it: less would say nothing of
// the quantile. Once where no rate was: nothing hangs on it.
absl::StatusOr<Tried> Search::TryAfresh() {
  const v1::FindMaxStep& step = ReportedStep(found_);
  Case at = AtRate(c_, step.rate());
  at.seconds = SecondsFor(RequestsNeeded(goal_, step), step.rate(), c_.seconds);
  return Try(session_, at, step.rate(), 2, found_.has_rate() ? kMostLoops : 1);
}

absl::StatusOr<RateSearch> Search::Begin() const {
  const auto maximum = loop_.MaximumOf(c_);
  if (!maximum.ok()) return maximum.status();
  return RateSearch({.first = *maximum * kFirstShare,
                     .lowest = *maximum * kLowestShare,
                     .highest = *maximum * kHighestShare,
                     .resolution = kResolution});
}

// The best rate that is left when the time is over: what is reported is a loop at it.
absl::StatusOr<SearchedCase> Search::ReportOnly(double rate) {
  found_.set_rate(rate);
  auto afresh = TryAfresh();
  if (!afresh.ok()) return afresh.status();
  if (afresh->step.verdict() == "fails") {
    *found_.add_steps() = afresh->step;
    found_.clear_rate();
  }
  return std::move(*afresh).With(found_);
}

// Measures the rate that was found afresh. One that does not hold then was found by luck: the
// search goes on below it, with loops twice as long. In shorter ones the backlog of a rate just
// above what the server can do does not reach the limit. A server that becomes slower all the time
// holds no rate.
absl::StatusOr<SearchedCase> Search::Run() {
  absl::StatusOr<RateSearch> search = Begin();
  if (!search.ok()) return search.status();
  for (int withdrawn = 0;; ++withdrawn) {
    auto last = Climb(&*search);
    if (!last.ok()) return last.status();
    if (last->has_value()) {
      if (!absl::IsCancelled((*last)->ended) || found_.steps().empty()) return (*last)->ended;
      return std::move(**last).With(found_);
    }
    auto afresh = TryAfresh();
    if (!afresh.ok()) return afresh.status();
    const bool held = !found_.has_rate() || afresh->step.verdict() == "holds";
    if (held || !afresh->ended.ok()) return std::move(*afresh).With(found_);
    const bool is_over = IsOver();
    if (is_over) found_.set_cut(true);
    if (is_over && afresh->step.verdict() == "undecided") return std::move(*afresh).With(found_);
    *found_.add_steps() = afresh->step;
    search->Withdraw();
    if (is_over && search->best().has_value()) return ReportOnly(*search->best());
    if (withdrawn == kMostWithdrawn || is_over) {
      found_.clear_rate();
      return std::move(*afresh).With(found_);
    }
    c_.seconds = std::max(c_.seconds, std::min(kLonger * c_.seconds, kLongestSeconds));
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
  if (session.find_max.has_value()) return Search(loop, c, session).Run();
  auto run = loop.Run(c);
  if (!run.ok()) return run.status();
  return SearchedCase{c, *std::move(run), std::nullopt};
}

}  // namespace normbench
