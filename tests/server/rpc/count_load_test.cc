// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/count_load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "prometheus/text_serializer.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class CountLoadTest : public ::testing::Test {
 protected:
  std::string Scraped() {
    return prometheus::TextSerializer().Serialize(metrics_.registry().Collect());
  }

  ServerMetrics metrics_{ServerMetrics::Options{}};
};

TEST_F(CountLoadTest, AVersionThatServesHasItsCountersAtZero) {
  CountLoad({.name = "m", .version = 2, .ready = true, .reason = ""}, metrics_);
  EXPECT_EQ(metrics_.model_loads("m", true).Value(), 1);
  EXPECT_THAT(Scraped(), HasSubstr("nv_inference_count{model=\"m\",version=\"2\"} 0"));
}

TEST_F(CountLoadTest, TheLastLoadIsHowLongItTook) {
  for (const double seconds : {2.5, 0.5}) {
    CountLoad({.name = "m", .version = 2, .ready = true, .reason = "", .seconds = seconds},
              metrics_);
  }
  EXPECT_THAT(Scraped(), HasSubstr("nv_model_load_duration_secs{model=\"m\",version=\"2\"} 0.5\n"));
  CountLoad({.name = "m", .version = 2, .reason = "broken", .seconds = 9}, metrics_);
  EXPECT_THAT(Scraped(), HasSubstr("nv_model_load_duration_secs{model=\"m\",version=\"2\"} 0.5\n"))
      << "what serves was loaded in that";
}

TEST_F(CountLoadTest, OneThatFailedHasNone) {
  CountLoad({.name = "m", .version = 2, .reason = "broken"}, metrics_);
  EXPECT_EQ(metrics_.model_loads("m", false).Value(), 1);
  EXPECT_THAT(Scraped(), Not(HasSubstr("nv_inference_count{")));
}

TEST_F(CountLoadTest, AFolderThatIsNoNameIsNoLabel) {
  CountLoad({.name = "a b", .reason = "no name"}, metrics_);
  EXPECT_EQ(metrics_.model_loads("(no model name)", false).Value(), 1);
}

}  // namespace
}  // namespace normbench
