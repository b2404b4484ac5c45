// SPDX-License-Identifier: Apache-2.0
#include "server/repository/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace normbench {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(const std::string& text) {
  const auto config = ParseModelConfig(text);
  EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(config.status().message());
}

TEST(ConfigFileTest, ReadsWhatV2ServersRead) {
  const auto config = ParseModelConfig(R"(
    name: "plain6_gn"
    backend: "builtin"   # a comment
    max_batch_size: 64
    input [ { name: "INPUT__0" data_type: TYPE_FP32 dims: [ 1, 28, 28 ] } ]
    output [ { name: "OUTPUT__0", data_type: TYPE_FP32, dims: [ 10 ] } ]
    version_policy: { specific: { versions: [ 1, 3 ] } }
    parameters { key: "norm" value: { string_value: "group" } }
    instance_group [ { kind: KIND_CPU count: 2 } ]
    dynamic_batching { }
  )");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->name(), "plain6_gn");
  EXPECT_EQ(config->max_batch_size(), 64);
  EXPECT_EQ(config->input(0).dims_size(), 3);
  EXPECT_EQ(config->version_policy().specific().versions(1), 3);
  EXPECT_EQ(config->parameters().at("norm").string_value(), "group");
  EXPECT_TRUE(config->has_dynamic_batching());
}

TEST(ConfigFileTest, NamesTheLineAndTheNearestField) {
  const std::string error = ErrorOf("backend: \"builtin\"\nmax_batch_sise: 8\n");
  EXPECT_THAT(error, HasSubstr("config.pbtxt:2:"));
  EXPECT_THAT(error, HasSubstr("max_batch_sise"));
  EXPECT_THAT(error, HasSubstr("Nearest: max_batch_size."));
}

TEST(ConfigFileTest, NamesTheNearestFieldOfANestedMessage) {
  EXPECT_THAT(ErrorOf("input { name: \"x\" datatype: TYPE_FP32 }"),
              HasSubstr("Nearest: data_type."));
}

TEST(ConfigFileTest, ListsTheFieldsWhereNothingIsNear) {
  EXPECT_THAT(ErrorOf("zzzzzzzzzzzz: 1"), HasSubstr("Known: name, platform, version_policy"));
}

TEST(ConfigFileTest, RefusesAWrongTypeAndAnUnknownWord) {
  EXPECT_THAT(ErrorOf("max_batch_size: \"eight\""), HasSubstr("config.pbtxt:1:"));
  EXPECT_THAT(ErrorOf("max_batch_size: 99999999999"), HasSubstr("out of range"));
  EXPECT_THAT(ErrorOf("input { data_type: TYPE_FP31 }"), HasSubstr("TYPE_FP31"));
}

TEST(ConfigFileTest, RefusesAnUnclosedMessageAndDeepNesting) {
  EXPECT_THAT(ErrorOf("input {"), HasSubstr("config.pbtxt:1:"));
  std::string deep;
  for (int i = 0; i < 10000; ++i) deep += "input {";
  ErrorOf(deep);
}

TEST(ConfigFileTest, RefusesWhatIsNotUtf8) {
  EXPECT_THAT(ErrorOf("parameters { key: 'a' value { string_value: '\\377' } }"),
              HasSubstr("UTF-8"));
}

TEST(ConfigFileTest, RefusesALongFile) {
  EXPECT_THAT(ErrorOf(std::string(kMaxConfigBytes + 1, ' ')), HasSubstr("1048576"));
}

TEST(ConfigFileTest, AFileThatIsNotThereIsNotFound) {
  EXPECT_EQ(ReadModelConfig(::testing::TempDir() + "/no_such_model/config.pbtxt").status().code(),
            absl::StatusCode::kNotFound);
  // A folder opens but does not read.
  EXPECT_FALSE(ReadModelConfig(::testing::TempDir()).ok());
}

}  // namespace
}  // namespace normbench
