// SPDX-License-Identifier: Apache-2.0
#include "client/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "bench/host/host.h"
#include "bench/report/json.h"
#include "client/folder_lock.h"
#include "tests/bench/run/fake_server.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

class RunTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(out_);
    arguments_.server = server_.address;
    arguments_.out = out_;
    v1::KernelSweep norm;
    norm.add_norm("group");
    norm.add_shape("32x4x4");
    norm.add_tensor_n(1);
    norm.add_tensor_n(8);
    arguments_.norm = norm;
  }

  int Go() {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int code = normbench::Run(arguments_, {.allocator = "test allocator",
                                                 .stop = [this] { return server_.stop.load(); }});
    stdout_ = ::testing::internal::GetCapturedStdout();
    stderr_ = ::testing::internal::GetCapturedStderr();
    return code;
  }

  v1::Report Kept() {
    std::stringstream text;
    text << std::ifstream(out_ + "/report.json").rdbuf();
    const auto report = ReportFromJson(text.str());
    EXPECT_TRUE(report.ok()) << report.status();
    return report.ok() ? *report : v1::Report();
  }

  const std::string out_ = ::testing::TempDir() + "run_test_out";
  FakeServer server_;
  RunArguments arguments_;
  std::string stdout_, stderr_;
};

TEST_F(RunTest, MeasuresEveryCaseAndKeepsAReport) {
  EXPECT_EQ(Go(), 0) << stderr_;
  const v1::Report report = Kept();
  EXPECT_EQ(report.outcome(), "complete");
  EXPECT_EQ(report.exit_code(), 0);
  ASSERT_EQ(report.cases_size(), 2);
  EXPECT_THAT(report.cases(1).key(), HasSubstr("shape=8x32x4x4"));
  EXPECT_THAT(report.cases(1).key(), HasSubstr("dev=cpu")) << "the server's only device";
  EXPECT_THAT(report.cases(1).rerun(), HasSubstr(report.cases(1).key()));
  EXPECT_EQ(report.server().host(), "another-host");
  EXPECT_EQ(report.client().allocator(), "test allocator");
  EXPECT_TRUE(report.conditions().co_located()) << "the peer is loopback";
  EXPECT_EQ(report.conditions().floor().n(), 200);
  EXPECT_THAT(report.run_id(), ::testing::SizeIs(36));
  for (const char* name : {"report.csv", "report.md", "junit.xml", "google-benchmark.json",
                           "report.schema.json", "sweep.schema.json"}) {
    EXPECT_TRUE(std::filesystem::exists(out_ + "/" + name)) << name;
  }
  EXPECT_THAT(stdout_, HasSubstr("plan   2 cases"));
  EXPECT_THAT(stdout_, HasSubstr("exit 0"));
}

TEST_F(RunTest, VisitsAreThoseOfTheCommandLine) {
  arguments_.visits = 3;
  EXPECT_EQ(Go(), 0) << stderr_;
  const v1::Report report = Kept();
  ASSERT_EQ(report.cases_size(), 2);
  EXPECT_EQ(report.sweep().visits(), 3);
  EXPECT_EQ(report.cases(0).visits(), 3);
  EXPECT_THAT(stdout_, HasSubstr("3 visits to a case"));
}

TEST_F(RunTest, DryRunNeedsNoServerAndWritesNothing) {
  server_.Stop();
  arguments_.dry_run = true;
  EXPECT_EQ(Go(), 0);
  EXPECT_THAT(stdout_, HasSubstr("shape=1x32x4x4"));
  EXPECT_THAT(stdout_, HasSubstr("shape=8x32x4x4"));
  EXPECT_FALSE(std::filesystem::exists(out_));
}

TEST_F(RunTest, AKeyOfTheDryRunIsAFilter) {
  arguments_.dry_run = true;
  Go();
  const size_t begin = stdout_.find("norm/group");
  arguments_.filter = stdout_.substr(begin, stdout_.find('\n', begin) - begin);
  arguments_.dry_run = false;
  EXPECT_EQ(Go(), 0) << stderr_;
  EXPECT_EQ(Kept().cases_size(), 1);
}

TEST_F(RunTest, AKeyOfAReportIsAFilter) {
  EXPECT_EQ(Go(), 0) << stderr_;
  arguments_.filter = Kept().cases(1).key();
  EXPECT_THAT(arguments_.filter, HasSubstr("dev=cpu"));
  EXPECT_EQ(Go(), 0) << stderr_;
  EXPECT_EQ(Kept().cases_size(), 1);
}

TEST_F(RunTest, KeysNameTheDeviceThatTheServerListsFirst) {
  server_.normalization.devices = {"cuda:0", "cpu"};
  EXPECT_EQ(Go(), 0) << stderr_;
  EXPECT_THAT(Kept().cases(0).key(), HasSubstr("dev=cuda:0"));
}

TEST_F(RunTest, KeysNameADeviceThatTheImplementationHas) {
  server_.normalization.devices = {"cuda:0", "cpu"};
  arguments_.norm->add_impl("reference");
  EXPECT_EQ(Go(), 0) << stderr_;
  EXPECT_THAT(Kept().cases(0).key(), HasSubstr("dev=cpu"));
}

TEST_F(RunTest, ContainersOfOneMachineAreCoLocated) {
  server_.normalization.host =
      "a-container-" + ReadHostFacts().host.substr(ReadHostFacts().host.rfind('-') + 1);
  Go();
  EXPECT_TRUE(Kept().conditions().co_located());
}

TEST_F(RunTest, AReportThatCannotBeWrittenCountsWithTheRest) {
  // A folder stands where the file should be.
  const auto go = [&] {
    std::filesystem::create_directories(out_ + "/report.json/x");
    return Go();
  };
  EXPECT_EQ(go(), 1);
  EXPECT_THAT(stdout_, AllOf(HasSubstr("wrote  nothing"), HasSubstr("exit 1\n")));
  server_.benchmark.on_call = [this] { server_.stop = true; };
  EXPECT_EQ(go(), 130) << "which says more";
  EXPECT_THAT(stdout_, HasSubstr("exit 130\n"));
}

TEST_F(RunTest, CtrlCWhileTheFloorIsMeasuredIs130) {
  server_.stop = false;
  server_.inference.on_live = [this] { server_.stop = true; };
  EXPECT_EQ(Go(), 130);
  EXPECT_THAT(stderr_, HasSubstr("interrupted"));
}

TEST_F(RunTest, AMissedExpectationIs3AndAWrongAnswer4) {
  arguments_.norm->add_expect("p50<1us");
  EXPECT_EQ(Go(), 3);
  EXPECT_EQ(Kept().exit_code(), 3);
  server_.benchmark.err_scaled = 5;
  EXPECT_EQ(Go(), 4);
}

TEST_F(RunTest, AServerThatDiesLeavesAReport) {
  // The second case meets a server that cuts its calls and refuses new ones.
  int calls = 0;
  std::thread killer;
  server_.benchmark.on_call = [&] {
    if (++calls != 2) return;
    server_.benchmark.hang = true;
    killer = std::thread([this] { server_.Stop(); });
  };
  EXPECT_EQ(Go(), 1);
  killer.join();
  const v1::Report report = Kept();
  EXPECT_EQ(report.outcome(), "server_lost");
  ASSERT_EQ(report.cases_size(), 2);
  EXPECT_EQ(report.cases(0).status(), "ok");
  EXPECT_EQ(report.cases(1).status(), "failed");
}

TEST_F(RunTest, InterruptedItReportsWhatWasMeasured) {
  int calls = 0;
  server_.benchmark.on_call = [&] {
    if (++calls == 2) server_.benchmark.hang = true, server_.stop = true;
  };
  EXPECT_EQ(Go(), 130);
  const v1::Report report = Kept();
  EXPECT_EQ(report.outcome(), "interrupted");
  EXPECT_EQ(report.cases(0).status(), "ok");
  EXPECT_EQ(report.cases(1).status(), "skipped");
}

TEST_F(RunTest, SaysWhatIsWrongBeforeItConnects) {
  server_.Stop();
  arguments_.norm->set_norm(0, "gruop");
  EXPECT_EQ(Go(), 2);
  EXPECT_THAT(stderr_, HasSubstr("gruop"));
  EXPECT_THAT(stderr_, HasSubstr("group"));
}

TEST_F(RunTest, APlanBeyondTheTimeIsRefusedBeforeItConnects) {
  server_.Stop();
  arguments_.max_time_seconds = 1;
  EXPECT_EQ(Go(), 2);
  EXPECT_THAT(stderr_, HasSubstr("--max-time: the plan takes about"));
  EXPECT_FALSE(std::filesystem::exists(out_));
}

TEST_F(RunTest, AnUnreachableServerIs1) {
  server_.Stop();
  arguments_.connect_timeout_seconds = 0.2;
  EXPECT_EQ(Go(), 1);
  EXPECT_THAT(stderr_, HasSubstr("no server at " + server_.address + " after 0.2 s"));
  EXPECT_FALSE(std::filesystem::exists(out_));
}

TEST_F(RunTest, AFolderThatCannotBeIs2) {
  std::ofstream(::testing::TempDir() + "run_test_file") << "x";
  arguments_.out = ::testing::TempDir() + "run_test_file/below";
  EXPECT_EQ(Go(), 2);
}

TEST_F(RunTest, AFolderThatCannotBeWrittenIsSaidBeforeMeasuring) {
  arguments_.out = "/sys";  // even root makes no file there
  bool measured = false;
  server_.benchmark.on_call = [&] { measured = true; };
  EXPECT_EQ(Go(), 2);
  EXPECT_THAT(stderr_, HasSubstr("--out: '/sys' cannot be written"));
  EXPECT_FALSE(measured);
}

TEST_F(RunTest, TwoRunsIntoOneFolderAreRefusedTheSecond) {
  std::filesystem::create_directories(out_);
  bool measured = false;
  server_.benchmark.on_call = [&] { measured = true; };
  {
    const auto other = FolderLock::Take(out_);
    EXPECT_EQ(Go(), 2);
    EXPECT_THAT(stderr_, HasSubstr("another run is writing to '" + out_));
    EXPECT_FALSE(measured);
  }
  EXPECT_EQ(Go(), 0) << stderr_;
}

TEST_F(RunTest, ALaterRunReplacesTheReportWhole) {
  Go();
  const std::string first = Kept().run_id();
  arguments_.norm->mutable_tensor_n()->RemoveLast();
  EXPECT_EQ(Go(), 0) << stderr_;
  EXPECT_NE(Kept().run_id(), first);
  for (const auto& file : std::filesystem::directory_iterator(out_)) {
    std::stringstream text;
    text << std::ifstream(file.path()).rdbuf();
    EXPECT_THAT(text.str(), ::testing::Not(HasSubstr(first))) << file.path();
    EXPECT_THAT(text.str(), ::testing::Not(HasSubstr("shape=8x32"))) << file.path();
  }
}

TEST(RunForeignTest, DrivesAnyV2Server) {
  FakeServer server(/*foreign=*/true);
  server.inference.has_config = false;
  RunArguments arguments;
  arguments.server = server.address;
  arguments.out = ::testing::TempDir() + "run_test_foreign";
  v1::ModelSweep model;
  model.add_model("toy");
  model.set_input_data(
      WriteNpy("run_x.npy", "<f4", "(4, 1, 2)", BytesOf<float>({0, 1, 1, 0, 0, 1, 1, 0})));
  model.set_labels(WriteNpy("run_y.npy", "|u1", "(4,)", BytesOf<uint8_t>({1, 0, 1, 0})));
  model.add_request_batch(1);
  model.add_request_batch(2);
  model.set_warmup_seconds(0.01);
  model.set_seconds(0.05);
  model.add_expect("top1==1");
  arguments.model = model;
  ::testing::internal::CaptureStdout();
  const int code = normbench::Run(arguments, {.allocator = "", .stop = [] { return false; }});
  const std::string text = ::testing::internal::GetCapturedStdout();
  EXPECT_EQ(code, 0) << text;
  EXPECT_THAT(text, HasSubstr("toy"));
}

}  // namespace
}  // namespace normbench
