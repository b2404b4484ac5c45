// SPDX-License-Identifier: Apache-2.0
#include "server/repository/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

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
  EXPECT_EQ(config->config.name(), "plain6_gn");
  EXPECT_EQ(config->config.max_batch_size(), 64);
  EXPECT_EQ(config->config.input(0).dims_size(), 3);
  EXPECT_EQ(config->config.version_policy().specific().versions(1), 3);
  EXPECT_EQ(config->config.parameters().at("norm").string_value(), "group");
  EXPECT_TRUE(config->config.has_dynamic_batching());
  EXPECT_THAT(config->unknown, IsEmpty());
}

ConfigFile Parsed(const std::string& text) {
  const auto config = ParseModelConfig(text);
  EXPECT_TRUE(config.ok()) << config.status();
  return *config;
}

TEST(ConfigFileTest, AnUnknownFieldIsLeftAsideAndNamed) {
  const ConfigFile file = Parsed("backend: 'builtin'\nmax_batch_sise: 8\nname: 'm'");
  EXPECT_EQ(file.config.name(), "m");
  EXPECT_THAT(file.unknown, ElementsAre("unknown field 'max_batch_sise' (config.pbtxt:2:15; "
                                        "nearest: max_batch_size)"));
}

TEST(ConfigFileTest, AnUnknownFieldOfANestedMessageIsNamedOnce) {
  const ConfigFile file = Parsed(R"(input { name: "x" datatype: TYPE_FP32 dims: 3 }
    parameters { key: "a" valu: { string_value: "b" } }
    zzzzzzzzzzzz { a: [ 1, 2 ] b { c: "d" } } platform: "p")");
  EXPECT_EQ(file.config.input(0).dims(0), 3);
  EXPECT_EQ(file.config.platform(), "p");
  EXPECT_THAT(file.unknown,
              ElementsAre("unknown field 'datatype' (config.pbtxt:1:27; nearest: data_type)",
                          "unknown field 'valu' (config.pbtxt:2:31; nearest: value)",
                          "unknown field 'zzzzzzzzzzzz' (config.pbtxt:3:18)"));
}

TEST(ConfigFileTest, AnUnknownExtensionIsLeftAside) {
  const ConfigFile file = Parsed("[vendor.more]: 1 name: 'm'");
  EXPECT_EQ(file.config.name(), "m");
  EXPECT_THAT(file.unknown, ElementsAre("unknown field 'vendor.more' (config.pbtxt:1:14)"));
}

TEST(ConfigFileTest, ManyUnknownFieldsAreCounted) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "zzz: 1\n";
  const ConfigFile file = Parsed(text);
  ASSERT_EQ(file.unknown.size(), kMaxUnknownFields + 1);
  EXPECT_EQ(file.unknown.back(), "99992 more unknown fields");
}

// The parser takes a list of messages without a colon for a mistake where it does not know the
// field.
TEST(ConfigFileTest, AnErrorBehindAnUnknownFieldNamesIt) {
  const std::string error = ErrorOf("\nbatch_inputs [ { kind: 1 } ]");
  EXPECT_THAT(error, HasSubstr("config.pbtxt:2:14: Expected \"{\", found \"[\""));
  EXPECT_THAT(error, HasSubstr("unknown field 'batch_inputs' (config.pbtxt:2:14; nearest: "
                               "batch_input)"));
}

TEST(ConfigFileTest, RefusesWhatContradictsItself) {
  EXPECT_THAT(ErrorOf("max_batch_size: 1\nmax_batch_size: 2"), HasSubstr("specified multiple"));
  EXPECT_THAT(ErrorOf("dynamic_batching {} sequence_batching {}"), HasSubstr("oneof"));
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
  EXPECT_THAT(ErrorOf(deep), HasSubstr("too deep"));
  // What is not known is parsed, too.
  for (const std::string nest : {"zzz {", "zzz: [", "zzz: [ {", "zzz <"}) {
    std::string unknown = "zzz: [";
    for (int i = 0; i < 10000; ++i) unknown += nest == "zzz: [" ? "[" : nest;
    EXPECT_FALSE(ParseModelConfig(unknown).ok());
    deep.clear();
    for (int i = 0; i < 10000; ++i) deep += nest;
    EXPECT_FALSE(ParseModelConfig(deep).ok());
  }
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
