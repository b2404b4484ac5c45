// SPDX-License-Identifier: Apache-2.0
#include "server/repository/batching.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/repository/config_file.h"

namespace normbench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

inference::ModelConfig Config(const std::string& text, int max_batch_size = 8) {
  inference::ModelConfig config = ParseModelConfig(text)->config;
  config.set_max_batch_size(max_batch_size);
  return config;
}

BatchRules Rules(const std::string& text, int max_batch_size = 8) {
  const auto rules = ReadBatchRules(Config(text, max_batch_size));
  EXPECT_TRUE(rules.ok()) << rules.status();
  return rules.ok() && *rules != nullptr ? **rules : BatchRules();
}

std::string ErrorOf(const std::string& text) {
  const auto rules = ReadBatchRules(Config(text));
  EXPECT_EQ(rules.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(rules.status().message());
}

TEST(ReadBatchRules, NoneWithoutEither) {
  const auto rules = ReadBatchRules(Config(""));
  ASSERT_TRUE(rules.ok());
  EXPECT_EQ(*rules, nullptr);
}

TEST(ReadBatchRules, TakesEverything) {
  const BatchRules rules = Rules(R"(dynamic_batching {
      preferred_batch_size: [ 4, 8 ]
      max_queue_delay_microseconds: 100
      priority_levels: 2
      default_priority_level: 2
      default_queue_policy { timeout_action: DELAY default_timeout_microseconds: 5 max_queue_size: 9 }
      priority_queue_policy { key: 1 value { allow_timeout_override: true } }
    }
    instance_group [ { count: 2 }, { kind: KIND_CPU } ])");
  EXPECT_TRUE(rules.joins);
  EXPECT_EQ(rules.max_samples, 8);
  EXPECT_THAT(rules.preferred, ElementsAre(4, 8));
  EXPECT_EQ(rules.max_delay.count(), 100);
  EXPECT_EQ(rules.levels, 2U);
  EXPECT_EQ(rules.default_level, 2U);
  EXPECT_TRUE(rules.default_policy.delays);
  EXPECT_EQ(rules.default_policy.timeout.count(), 5);
  EXPECT_EQ(rules.default_policy.max_waiting, 9U);
  EXPECT_TRUE(rules.PolicyOf(1).allows_shorter);
  EXPECT_FALSE(rules.PolicyOf(1).delays);
  EXPECT_EQ(rules.max_running, 3);
}

TEST(ReadBatchRules, InstancesAloneJoinNothing) {
  const BatchRules rules = Rules("instance_group { count: 1 }");
  EXPECT_FALSE(rules.joins);
  EXPECT_EQ(rules.max_running, 1);
}

TEST(ReadBatchRules, WithoutABatchDimensionNothingIsJoined) {
  EXPECT_FALSE(Rules("dynamic_batching {}", 0).joins);
  EXPECT_FALSE(Rules("dynamic_batching {}", 1).joins);
  EXPECT_TRUE(Rules("dynamic_batching {}", 2).joins);
}

TEST(ReadBatchRules, TextsHaveNoRowsOfOneSize) {
  EXPECT_FALSE(Rules("dynamic_batching {} output { name: 'y' data_type: TYPE_STRING }").joins);
}

TEST(ReadBatchRules, NamesWhatIsOutOfRange) {
  EXPECT_THAT(ErrorOf("dynamic_batching { preferred_batch_size: 9 }"),
              HasSubstr("dynamic_batching.preferred_batch_size: 9; allowed: 1 to 8"));
  EXPECT_THAT(ErrorOf("dynamic_batching { max_queue_delay_microseconds: 86400000001 }"),
              HasSubstr("max_queue_delay_microseconds: 86400000001; allowed: 0 to 86400000000"));
  EXPECT_THAT(ErrorOf("dynamic_batching { priority_levels: 2 }"),
              HasSubstr("default_priority_level: 0; allowed: 1 to 2"));
  EXPECT_THAT(ErrorOf("dynamic_batching { default_priority_level: 1 }"),
              HasSubstr("default_priority_level: 1; allowed: 0 to 0"));
  EXPECT_THAT(ErrorOf("dynamic_batching { priority_levels: 1000001 }"),
              HasSubstr("priority_levels: 1000001"));
  EXPECT_THAT(ErrorOf("dynamic_batching { default_queue_policy { "
                      "default_timeout_microseconds: 86400000001 } }"),
              HasSubstr("default_queue_policy.default_timeout_microseconds"));
  EXPECT_THAT(ErrorOf("dynamic_batching { priority_levels: 1 default_priority_level: 1 "
                      "priority_queue_policy { key: 2 value {} } }"),
              HasSubstr("priority_queue_policy key: 2; allowed: 1 to 1"));
}

TEST(ReadBatchRules, AnOrderAndPrioritiesContradict) {
  EXPECT_THAT(ErrorOf("dynamic_batching { preserve_ordering: true priority_levels: 2 "
                      "default_priority_level: 1 }"),
              HasSubstr("preserve_ordering: true beside priority_levels 2"));
  EXPECT_THAT(ErrorOf("dynamic_batching { preserve_ordering: true default_queue_policy { "
                      "timeout_action: DELAY } }"),
              HasSubstr("preserve_ordering: true beside timeout_action DELAY"));
}

}  // namespace
}  // namespace normbench
