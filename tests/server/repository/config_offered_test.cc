// SPDX-License-Identifier: Apache-2.0
#include "server/repository/config_offered.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "google/protobuf/text_format.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

inference::ModelConfig Config(const std::string& text) {
  inference::ModelConfig config;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &config)) << text;
  return config;
}

// Written as their owners write them: a list of messages needs no colon.
TEST(ConfigOfferedTest, WhatWouldChangeAnswersIsRefused) {
  const std::vector<std::pair<const char*, const char*>> refused = {
      {"platform: 'ensemble'", "ensemble_scheduling: not offered"},
      {"ensemble_scheduling { step [ { input_map { key: 'a' value: 'b' } } ] }",
       "ensemble_scheduling: not offered"},
      {"sequence_batching { control_input [ { control [ { } ] } ] state [ { initial_state [ {} ] "
       "} ] }",
       "sequence_batching: not offered"},
      {"model_transaction_policy { decoupled: true }", "decoupled: true is not offered"},
      {"batch_input [ {}, {} ]", "batch_input: not offered"},
      {"batch_output [ {} ]", "batch_output: not offered"},
      {"model_repository_agents { agents [ { parameters { key: 'a' } } ] }",
       "model_repository_agents: not offered"},
      {"input { name: 'x' reshape { shape: [] } }", "input 'x'.reshape: not offered"},
      {"output { name: 'y' reshape { shape: [ 1, 3 ] } }", "output 'y'.reshape: not offered"},
      {"input { name: 'x' optional: true }", "input 'x'.optional: not offered"},
      {"input { name: 'x' allow_ragged_batch: true }", "input 'x'.allow_ragged_batch"},
      {"input { name: 'x' is_shape_tensor: true }", "input 'x'.is_shape_tensor"},
      {"output { name: 'y' is_shape_tensor: true }", "output 'y'.is_shape_tensor"},
      {"input { name: 'x' is_non_linear_format_io: true }", "input 'x'.is_non_linear_format_io"},
      {"output { name: 'y' is_non_linear_format_io: true }", "output 'y'.is_non_linear_format"}};
  for (const auto& [text, why] : refused) {
    const absl::Status status = CheckOffered(Config(text));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(why));
  }
}

TEST(ConfigOfferedTest, WhatIsSetToNothingIsFine) {
  const inference::ModelConfig config = Config(R"(
    model_transaction_policy { decoupled: false } response_cache { enable: false }
    input { optional: false allow_ragged_batch: false is_shape_tensor: false }
    instance_group [ { passive: false } ])");
  EXPECT_TRUE(CheckOffered(config).ok());
  EXPECT_THAT(IgnoredSettings(config), IsEmpty());
}

TEST(ConfigOfferedTest, WhatHasNoEffectIsNamed) {
  const inference::ModelConfig config = Config(R"(
    instance_group [ {}, { passive: true host_policy: "p" profile: [ "1" ]
      rate_limiter { resources [ { name: "r" count: 2 global: true } ] priority: 2 }
      secondary_devices [ { kind: KIND_NVDLA device_id: 1 } ] } ]
    cc_model_filenames { key: "7.5" value: "a.pt" }
    metric_tags { key: "team" value: "vision" }
    optimization { priority: PRIORITY_MAX graph { level: 1 }
      cuda { graphs: true graph_spec [ { batch_size: 4 input { key: "x" value { dim: [ 1 ] } } } ] }
      execution_accelerators { gpu_execution_accelerator [ { name: "tensorrt" } ] }
      input_pinned_memory { enable: true } }
    model_operations { op_library_filename: [ "ops.so" ] }
    response_cache { enable: true }
    runtime: "r"
    model_metrics { metric_control [ { metric_identifier { family: "f" }
      histogram_options { buckets: [ 1, 2.5 ] } } ] })");
  EXPECT_TRUE(CheckOffered(config).ok());
  EXPECT_THAT(
      IgnoredSettings(config),
      ElementsAre("instance_group.profile", "instance_group.rate_limiter", "instance_group.passive",
                  "instance_group.secondary_devices", "instance_group.host_policy",
                  "cc_model_filenames", "metric_tags", "optimization", "model_operations",
                  "response_cache", "runtime", "model_metrics"));
}

}  // namespace
}  // namespace normbench
