// SPDX-License-Identifier: Apache-2.0
#include "client/remote/remote_run.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "bench/report/json.h"
#include "tests/server/rpc/runs_service_fixture.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

class RemoteRunTest : public RunsServiceFixture {
 protected:
  RemoteRunTest() {
    std::filesystem::remove_all(out_);
    arguments_.source = "norm/rms?impl=torch&shape=1x4&dev=cpu";
    arguments_.server = address_;
    arguments_.out = out_;
    arguments_.remote = SubmitOptions{};
  }

  int Go() {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int code = RunRemotely(arguments_, [this] { return stop_.load(); });
    stdout_ = ::testing::internal::GetCapturedStdout();
    stderr_ = ::testing::internal::GetCapturedStderr();
    return code;
  }

  const std::string out_ = ::testing::TempDir() + "remote_run_test_out";
  RunArguments arguments_;
  std::atomic<bool> stop_ = false;
  std::string stdout_, stderr_;
};

TEST_F(RemoteRunTest, KeepsAndShowsWhatTheServerFound) {
  StartRuns();
  arguments_.remote->labels = {"commit=abc"};
  EXPECT_EQ(Go(), 0) << stderr_;
  EXPECT_THAT(stdout_, HasSubstr("queued, 0 before it"));
  EXPECT_THAT(stdout_, HasSubstr("in-process"));
  EXPECT_THAT(stdout_, HasSubstr("wrote  " + out_ + "/report.json"));
  std::stringstream text;
  text << std::ifstream(out_ + "/report.json").rdbuf();
  const auto report = ReportFromJson(text.str());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->cases(0).status(), "ok");
  const auto kept = runs_->List({});
  EXPECT_EQ(kept->runs(0).run_id(), report->run_id());
  EXPECT_EQ(kept->runs(0).labels().at("commit"), "abc");
}

TEST_F(RemoteRunTest, HasTheExitCodeOfTheRun) {
  measured_.benchmark.err_scaled = 1e9;
  StartRuns();
  EXPECT_EQ(Go(), 4);
}

TEST_F(RemoteRunTest, CtrlCEndsTheWatchingNotTheRun) {
  HoldCases();
  StartRuns();
  std::thread interrupt([this] {
    entered_.WaitForNotification();
    stop_ = true;
  });
  EXPECT_EQ(Go(), 130);
  interrupt.join();
  EXPECT_THAT(stderr_, HasSubstr("the run goes on: `normbench watch"));
  EXPECT_THAT(stderr_, HasSubstr("--server " + address_ + "` ends it"));
  EXPECT_EQ(runs_->List({})->runs(0).state(), "running");
}

TEST_F(RemoteRunTest, WhatIsWrongIsKnownWithoutAServer) {
  arguments_.server = "127.0.0.1:1";
  arguments_.source = "norm/rms?shape=0x4";
  EXPECT_EQ(Go(), 2);
  arguments_.source = "norm/rms?shape=1x4";
  arguments_.remote->labels = {"commit"};
  EXPECT_EQ(Go(), 2);
  EXPECT_THAT(stderr_, HasSubstr("--label: 'commit'"));
  arguments_.remote->labels = {};
  arguments_.max_time_seconds = 1;
  EXPECT_EQ(Go(), 2);
  EXPECT_THAT(stderr_, HasSubstr("--max-time"));
}

TEST_F(RemoteRunTest, AFolderThatCannotBeWrittenIsKnownBeforeThereIsARun) {
  std::ofstream(out_) << "a file";
  EXPECT_EQ(Go(), 2);
  EXPECT_EQ(runs_->List({})->runs_size(), 0);
  std::filesystem::remove(out_);
}

TEST_F(RemoteRunTest, TheServersRefusalIsPrinted) {
  arguments_.source = "model/m?data=/etc/x.npy";
  EXPECT_EQ(Go(), 2);
  EXPECT_THAT(stderr_, HasSubstr("data from a file"));
}

}  // namespace
}  // namespace normbench
