// SPDX-License-Identifier: Apache-2.0
#include "bench/run/rounds.h"

#include <algorithm>
#include <utility>

#include "bench/report/case_key.h"
#include "bench/report/combine_visits.h"
#include "bench/report/plan.h"
#include "bench/report/summarize.h"
#include "bench/run/kernel_case.h"
#include "bench/run/model_case.h"
#include "bench/run/service_case.h"
#include "bench/run/surroundings.h"

namespace normbench {
namespace {

class Rounds {
 public:
  Rounds(const std::vector<Case>& cases, const Session& session, v1::Report* report)
      : cases_(cases),
        session_(session),
        report_(*report),
        models_(session),
        visits_(cases.size()) {
    for (size_t i = 0; i < cases.size(); ++i) report->add_cases();
  }

  std::string Run() {
    int rounds = 0;
    for (const Case& c : cases_) rounds = std::max(rounds, c.visits);
    for (int round = 0; round < rounds; ++round) RunRound(round);
    for (size_t i = 0; i < cases_.size(); ++i) {
      if (!IsFinished(i)) Finish(i);
    }
    return outcome_;
  }

 private:
  void RunRound(int round) {
    for (size_t i = 0; i < cases_.size(); ++i) {
      if (outcome_ == "complete" && session_.stop()) outcome_ = "interrupted";
      if (outcome_ != "complete") return;
      if (round < cases_[i].visits && !IsFinished(i)) VisitCase(i, round);
    }
  }

  void VisitCase(size_t i, int round) {
    const Case visit = VisitTo(cases_[i], round);
    session_.watcher->Started(visit.key, PlanOf({&cases_[i], 1}).seconds / visit.visits);
    CaseRun run = Measure(visit);
    const bool failed = run.result.status() == "failed";
    if (run.result.status() != "skipped") {
      visits_[i].push_back({std::move(run.result), std::move(run.kept)});
    }
    // What failed once would do so again, and may take minutes each time.
    if (round + 1 == cases_[i].visits || failed) Finish(i);
    if (run.lost && !IsAlive(session_.channel)) outcome_ = "server_lost";
    if (session_.stop()) outcome_ = "interrupted";
  }

  CaseRun Measure(const Case& visit) {
    switch (KindOf(visit.spec)) {
      case CaseKind::kKernel:
        return RunKernelCase(visit, session_);
      case CaseKind::kService:
        return RunServiceCase(visit, session_);
      case CaseKind::kModel:
        return models_.Run(visit);
      case CaseKind::kInvariance:
        return RunInvarianceCase(visit, session_);
    }
    return {};
  }

  bool IsFinished(size_t i) const { return !report_.cases(static_cast<int>(i)).status().empty(); }

  // No further visit will come to it: what was kept of them is not needed any more.
  void Finish(size_t i) {
    v1::CaseResult& result = *report_.mutable_cases(static_cast<int>(i));
    result = visits_[i].empty() ? SkippedCase(cases_[i]) : CombineVisits(cases_[i], visits_[i]);
    result.set_rerun(RerunCommand(result.key(), report_.server_address()));
    visits_[i] = {};
    if (result.status() == "skipped") return;
    session_.watcher->Finished(cases_[i], result);
  }

  const std::vector<Case>& cases_;
  const Session& session_;
  v1::Report& report_;
  ModelCases models_;
  std::vector<std::vector<Visit>> visits_;
  std::string outcome_ = "complete";
};

}  // namespace

std::string RunRounds(const std::vector<Case>& cases, const Session& session, v1::Report* report) {
  return Rounds(cases, session, report).Run();
}

}  // namespace normbench
