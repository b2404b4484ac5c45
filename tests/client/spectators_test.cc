// SPDX-License-Identifier: Apache-2.0
#include "client/spectators.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>

namespace normbench {
namespace {

using ::testing::HasSubstr;

class SpectatorsTest : public ::testing::Test {
 protected:
  // Series of a family of the results.
  size_t Series(const std::string& name) {
    for (const auto& family : metrics_.results()->Collect()) {
      if (family.name == name) return family.metric.size();
    }
    return 0;
  }

  v1::CaseResult Result(const std::string& key, const std::string& status) {
    v1::CaseResult result;
    result.set_key(key);
    result.set_status(status);
    result.set_samples_per_s(5);
    return result;
  }

  std::ostringstream shown_;
  Progress progress_{shown_, {.terminal = false, .width = 80, .now = [] { return 0.0; }}};
  ClientMetrics metrics_{"spectators"};
  Spectators spectators_{progress_, metrics_};
};

TEST_F(SpectatorsTest, ShowWhatStarts) {
  spectators_.Started("norm/rms?shape=1x4", 2);
  EXPECT_THAT(shown_.str(), HasSubstr("norm/rms?shape=1x4"));
}

TEST_F(SpectatorsTest, PublishResultsUnderTheKeyOfTheCase) {
  const Case c{.key = "service/rms?shape=1x4", .spec = {}, .expect = {}};
  spectators_.Started(c.key, 2);
  spectators_.Finished(c, Result(c.key + "&arrivals=poisson:100", "ok"));
  EXPECT_EQ(Series("normbench_case_info"), 1);
  EXPECT_EQ(Series("normbench_case_throughput_samples_per_second"), 1);
}

TEST_F(SpectatorsTest, NothingIsPublishedOfWhatWasSkipped) {
  spectators_.Finished({.key = "norm/rms?shape=1x4", .spec = {}, .expect = {}},
                       Result("norm/rms?shape=1x4", "skipped"));
  EXPECT_EQ(Series("normbench_case_throughput_samples_per_second"), 0);
}

}  // namespace
}  // namespace normbench
