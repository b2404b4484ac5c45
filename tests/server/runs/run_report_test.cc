// SPDX-License-Identifier: Apache-2.0
#include "server/runs/run_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/runs/runs_fixture.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

class RunReportTest : public RunsFixture {
 protected:
  v1::Run Running(const std::string& id) {
    v1::Run run = RunIn("running", id);
    run.set_started("2026-01-31T12:00:00.000Z");
    EXPECT_TRUE(history_->Insert(request_, run).ok());
    return run;
  }

  const v1::SubmitRequest request_ = RequestFor({kSmall, kLarger});
  const std::vector<Case> cases_ = *Expand(request_.sweep());
  std::unique_ptr<History> history_ = *History::Open(path_);
};

TEST_F(RunReportTest, SaysThatItIsInProcess) {
  const v1::Report report = NewRunReport(Running("a"), request_.sweep());
  EXPECT_EQ(report.run_id(), "a");
  EXPECT_EQ(report.started(), "2026-01-31T12:00:00.000Z");
  EXPECT_EQ(report.server_address(), "in-process");
  EXPECT_EQ(report.conditions().transport(), "in-process");
  EXPECT_EQ(report.sweep().name(), "test");
  const v1::Report planned = WithPlannedCases(report, cases_);
  ASSERT_EQ(planned.cases_size(), 2);
  EXPECT_EQ(planned.cases(1).status(), "skipped");
  EXPECT_THAT(planned.cases(1).rerun(), HasSubstr("--remote"));
}

TEST_F(RunReportTest, EndsWithTheCodeOfItsReport) {
  v1::Report report;
  report.set_outcome("complete");
  report.mutable_conditions()->set_other_requests(2);
  v1::Run run;
  EndWithReport("complete", &report, &run);
  EXPECT_EQ(run.state(), "complete");
  EXPECT_EQ(run.exit_code(), 0);
  EXPECT_TRUE(ParseRunTime("ended", run.ended()).ok());
  ASSERT_EQ(report.warnings_size(), 1);
  EXPECT_EQ(report.warnings(0).code(), "NB150");
}

TEST_F(RunReportTest, AServerThatLetsARunDownIsLostToIt) {
  for (const char* state : {"interrupted", "failed"}) {
    v1::Report report;
    report.set_outcome("interrupted");
    v1::Run run;
    EndWithReport(state, &report, &run);
    EXPECT_EQ(report.outcome(), "server_lost");
    EXPECT_EQ(run.exit_code(), 1);
  }
  v1::Report report;
  report.set_outcome("interrupted");
  v1::Run run;
  EndWithReport("cancelled", &report, &run);
  EXPECT_EQ(report.outcome(), "interrupted");
  EXPECT_EQ(run.exit_code(), 130);
}

TEST_F(RunReportTest, WithoutAReportItHasACodeAndAReason) {
  v1::Run run;
  EndWithout("failed", absl::InvalidArgumentError("why"), &run);
  EXPECT_EQ(run.error(), "why");
  EXPECT_EQ(run.exit_code(), 2);
  EndWithout("failed", absl::InternalError("why"), &run);
  EXPECT_EQ(run.exit_code(), 1);
  run.clear_error();
  EndWithout("cancelled", absl::CancelledError("interrupted"), &run);
  EXPECT_EQ(run.exit_code(), 130);
  EXPECT_EQ(run.error(), "");
}

TEST_F(RunReportTest, DropsResultsButNotWhatWasSkipped) {
  v1::Report report = WithPlannedCases({}, cases_);
  report.mutable_cases(0)->set_status("ok");
  DropResults(&report);
  EXPECT_EQ(report.cases(0).key(), "");
  EXPECT_EQ(report.cases(1).status(), "skipped");
}

TEST_F(RunReportTest, EndsWithWhatTheHistoryHas) {
  v1::Run run = Running("a");
  const auto early = EndAsKept(*history_, "a", "failed", absl::InternalError("why"));
  ASSERT_TRUE(early.ok()) << early.status();
  EXPECT_FALSE(early->report.has_value());
  EXPECT_EQ(early->run.error(), "why");
  EXPECT_EQ(early->run.exit_code(), 1);
  const v1::Report planned = WithPlannedCases(NewRunReport(run, request_.sweep()), cases_);
  ASSERT_TRUE(history_->KeepReport("a", planned).ok());
  const auto late = EndAsKept(*history_, "a", "failed", absl::InternalError("why"));
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_EQ(late->run.state(), "failed");
  EXPECT_EQ(late->run.error(), "why");
  EXPECT_FALSE(late->run.has_report());
  ASSERT_TRUE(late->report.has_value());
  EXPECT_EQ(late->report->outcome(), "server_lost");
  EXPECT_EQ(EndAsKept(*history_, "b", "failed", absl::OkStatus()).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(RunReportTest, RecoversRunsThatWereUnderWay) {
  ASSERT_TRUE(history_->Insert(request_, RunIn("queued", "queued")).ok());
  Running("early");
  v1::Run run = Running("late");
  const v1::Report planned = WithPlannedCases(NewRunReport(run, request_.sweep()), cases_);
  ASSERT_TRUE(history_->KeepReport("late", planned).ok());
  run.set_cases_done(1);
  v1::RunEvent event;
  event.mutable_case_result()->set_key(cases_[0].key);
  event.mutable_case_result()->set_status("ok");
  event.mutable_case_result()->add_warnings("NB110");
  ASSERT_TRUE(history_->Append(run, 0, &event).ok());

  ASSERT_TRUE(RecoverRuns(*history_).ok());
  EXPECT_EQ(history_->Get("queued", false)->state(), "queued");
  const v1::Run early = *history_->Get("early", true);
  EXPECT_EQ(early.state(), "interrupted");
  EXPECT_EQ(early.exit_code(), 1);
  EXPECT_FALSE(early.has_report());
  const v1::Run late = *history_->Get("late", true);
  EXPECT_EQ(late.state(), "interrupted");
  EXPECT_EQ(late.cases_done(), 1);
  EXPECT_EQ(late.exit_code(), 1);
  EXPECT_EQ(late.report().outcome(), "server_lost");
  ASSERT_EQ(late.report().cases_size(), 2);
  EXPECT_EQ(late.report().cases(0).status(), "ok");
  EXPECT_EQ(late.report().cases(1).status(), "skipped");
  ASSERT_EQ(late.report().warnings_size(), 1);
  EXPECT_EQ(late.report().warnings(0).code(), "NB110");
  EXPECT_EQ(history_->Events("late", 1, 9)->events.at(0).finished().state(), "interrupted");
}

}  // namespace
}  // namespace normbench
