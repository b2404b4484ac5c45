// SPDX-License-Identifier: Apache-2.0
#include "server/metrics/v2_metrics.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

class V2MetricsTest : public ::testing::Test {
 protected:
  std::string Scrape() { return prometheus::TextSerializer().Serialize(registry_.Collect()); }

  prometheus::Registry registry_;
  V2Families families_{registry_};
};

TEST_F(V2MetricsTest, ARequestIsItsSamplesAndItsTimesInMicroseconds) {
  const V2Counters model = families_.Add({{"model", "m"}, {"version", "3"}});
  model.Executed();
  for (int i = 0; i < 2; ++i)
    model.Succeeded(8,
                    {.request = 0.5, .queue = 0.25, .input = 1e-3, .infer = 0.125, .output = 2e-3});
  const std::string scrape = Scrape();
  for (const char* line :
       {"nv_inference_request_success{model=\"m\",version=\"3\"} 2\n",
        "nv_inference_count{model=\"m\",version=\"3\"} 16\n",
        "nv_inference_exec_count{model=\"m\",version=\"3\"} 1\n",
        "nv_inference_request_duration_us{model=\"m\",version=\"3\"} 1000000\n",
        "nv_inference_queue_duration_us{model=\"m\",version=\"3\"} 500000\n",
        "nv_inference_compute_input_duration_us{model=\"m\",version=\"3\"} 2000\n",
        "nv_inference_compute_infer_duration_us{model=\"m\",version=\"3\"} 250000\n",
        "nv_inference_compute_output_duration_us{model=\"m\",version=\"3\"} 4000\n"}) {
    EXPECT_THAT(scrape, HasSubstr(line));
  }
}

TEST_F(V2MetricsTest, FailuresAreCountedByReason) {
  const V2Counters model = families_.Add({{"model", "m"}, {"version", "1"}});
  model.Failed(V2Failure::kRejected);
  for (int i = 0; i < 2; ++i) model.Failed(V2Failure::kCanceled);
  for (int i = 0; i < 3; ++i) model.Failed(V2Failure::kBackend);
  for (int i = 0; i < 4; ++i) model.Failed(V2Failure::kOther);
  const std::string scrape = Scrape();
  for (const char* end :
       {"reason=\"REJECTED\",version=\"1\"} 1\n", "\"CANCELED\",version=\"1\"} 2\n",
        "\"BACKEND\",version=\"1\"} 3\n", "\"OTHER\",version=\"1\"} 4\n"}) {
    EXPECT_THAT(scrape, HasSubstr(end));
  }
  EXPECT_THAT(scrape, HasSubstr("nv_inference_request_success{model=\"m\",version=\"1\"} 0\n"));
}

TEST_F(V2MetricsTest, ALoadIsItsSeconds) {
  families_.Add({{"model", "m"}, {"version", "1"}}).load()->Set(1.5);
  EXPECT_THAT(Scrape(), HasSubstr("nv_model_load_duration_secs{model=\"m\",version=\"1\"} 1.5\n"));
}

}  // namespace
}  // namespace normbench
