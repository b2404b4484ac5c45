// SPDX-License-Identifier: Apache-2.0
#include "server/runs/run_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/runs/runs_fixture.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

std::string Refusal(const v1::SubmitRequest& request, const RunLimits& limits = {}) {
  const absl::Status status = CheckRunRequest(request, limits).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  return std::string(status.message());
}

TEST(CheckRunRequest, SaysWhatItWouldTake) {
  v1::SubmitRequest request = RequestFor({kSmall, kLarger});
  request.mutable_sweep()->set_visits(3);
  auto checked = CheckRunRequest(request, {});
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_EQ(checked->plan.cases, 2);
  EXPECT_EQ(checked->visits, 6);
  EXPECT_GT(checked->plan.seconds, 1);
  request.set_filter("8x4");
  checked = CheckRunRequest(request, {});
  EXPECT_EQ(checked->plan.cases, 1);
}

TEST(CheckRunRequest, RefusesWhatTakesTooLong) {
  v1::SubmitRequest request = RequestFor({"service/rms?impl=torch&shape=1x4"});
  request.mutable_sweep()->mutable_cases(0)->set_seconds(3600);
  EXPECT_THAT(Refusal(request), HasSubstr("the plan takes about 1h00m; allowed: 1h00m "
                                          "(--max-run-seconds of the server)"));
  request.mutable_sweep()->mutable_cases(0)->set_seconds(10 * 365.25 * 86400);
  EXPECT_THAT(Refusal(request), HasSubstr("seconds"));
  EXPECT_TRUE(CheckRunRequest(RequestFor({kSmall}), {.max_seconds = 10}).ok());
  EXPECT_THAT(Refusal(RequestFor({kSmall}), {.max_seconds = 1}), HasSubstr("allowed: 1s"));
}

TEST(CheckRunRequest, RefusesWhatNeedsTooMuchMemory) {
  const v1::SubmitRequest request = RequestFor({"norm/rms?impl=torch&shape=64x64x512x512"});
  EXPECT_TRUE(CheckRunRequest(request, {.max_memory_bytes = 100e9}).ok());
  EXPECT_THAT(Refusal(request, {.max_memory_bytes = 4e9}),
              HasSubstr("(two thirds of --memory-budget"));
}

TEST(CheckRunRequest, RefusesTooManyCases) {
  v1::SubmitRequest request = RequestFor({});
  v1::KernelSweep* kernel = request.mutable_sweep()->add_kernel();
  kernel->add_norm("rms");
  kernel->add_impl("torch");
  kernel->add_shape("4");
  for (int n = 1; n <= 10'001; ++n) kernel->add_tensor_n(n);
  request.set_filter("shape=7x4");
  EXPECT_THAT(Refusal(request), HasSubstr("kernel[0]: the sweep expands to more than 10000 cases"))
      << "whatever the filter leaves of them";
  kernel->mutable_tensor_n()->RemoveLast();
  EXPECT_TRUE(CheckRunRequest(request, {}).ok());
}

TEST(CheckRunRequest, RefusesFilesOfTheServer) {
  EXPECT_THAT(Refusal(RequestFor({"model/m?data=/etc/secret.npy"})), HasSubstr("data from a file"));
  EXPECT_THAT(Refusal(RequestFor({"service/rms?impl=torch&shape=1x4&arrivals=trace:/etc/secret"})),
              HasSubstr("a trace from a file"));
  v1::SubmitRequest request = RequestFor({});
  v1::ModelSweep* model = request.mutable_sweep()->add_model();
  model->add_model("m");
  model->set_input_data("x.npy");
  model->set_labels("y.npy");
  EXPECT_THAT(Refusal(request), HasSubstr("data from a file"));
  EXPECT_TRUE(CheckRunRequest(RequestFor({"model/m?data=fmnist-wide"}), {}).ok());
}

// On a machine the case without a device has one, which the filter lets through.
TEST(CheckRunRequest, RefusesFilesThatTheFilterHides) {
  v1::SubmitRequest request =
      RequestFor({kSmall, "service/rms?impl=torch&shape=1x4&arrivals=trace:/etc/secret"});
  request.set_filter("v=cpu");
  EXPECT_THAT(Refusal(request), HasSubstr("a trace from a file"));
}

TEST(CheckCases, RefusesWhatARequestMayNotHave) {
  const auto refusal = [](const std::string& key) {
    const auto cases = Expand(RequestFor({kSmall, key}).sweep());
    return std::string(CheckCases(*cases, {}).status().message());
  };
  EXPECT_THAT(refusal("service/rms?impl=torch&shape=1x4&arrivals=trace:/etc/secret"),
              HasSubstr("a trace from a file"));
  EXPECT_THAT(refusal("norm/rms?impl=torch&shape=64x64x512x512"),
              HasSubstr("(two thirds of --memory-budget"));
  EXPECT_EQ(refusal(kLarger), "");
}

TEST(CheckRunRequest, RefusesASweepThatIsNone) {
  v1::SubmitRequest request = RequestFor({kSmall});
  request.mutable_sweep()->set_version(7);
  EXPECT_THAT(Refusal(request), HasSubstr("version: 7"));
  request = RequestFor({kSmall});
  request.mutable_sweep()->set_name("A b");
  EXPECT_THAT(Refusal(request), HasSubstr("name: 'A b'"));
  EXPECT_THAT(Refusal(RequestFor({"norm/rms?shape=0x4"})), HasSubstr("shape"));
  request = RequestFor({kSmall});
  request.set_filter("nothing like it");
  EXPECT_THAT(Refusal(request), HasSubstr("nothing like it"));
}

TEST(CheckRunRequest, RefusesWordsThatAreNone) {
  v1::SubmitRequest request = RequestFor({kSmall});
  request.set_idempotency_key("no spaces");
  EXPECT_THAT(Refusal(request), HasSubstr("idempotency_key: 'no spaces'; allowed: 1 to 64"));
  request.set_idempotency_key(std::string(65, 'x'));
  EXPECT_THAT(Refusal(request), HasSubstr("idempotency_key"));
  request = RequestFor({kSmall});
  request.set_other_traffic("ignore");
  EXPECT_THAT(Refusal(request), HasSubstr("other_traffic: 'ignore'; allowed: mark, refuse"));
  request.set_other_traffic("refuse");
  EXPECT_TRUE(CheckRunRequest(request, {}).ok());
  request.set_filter(std::string(2000, '*'));
  EXPECT_THAT(Refusal(request), HasSubstr("filter: 2000 bytes"));
}

TEST(CheckRunRequest, RefusesLabelsThatAreNone) {
  v1::SubmitRequest request = RequestFor({kSmall});
  (*request.mutable_labels())["Commit"] = "abc";
  EXPECT_THAT(Refusal(request), HasSubstr("labels: key 'Commit'"));
  request.clear_labels();
  (*request.mutable_labels())["commit"] = std::string(257, 'x');
  EXPECT_THAT(Refusal(request), HasSubstr("labels: commit has 257 bytes"));
  request.clear_labels();
  for (int i = 0; i < 17; ++i) (*request.mutable_labels())[std::to_string(i)] = "x";
  EXPECT_THAT(Refusal(request), HasSubstr("labels: 17; allowed: at most 16"));
}

}  // namespace
}  // namespace normbench
