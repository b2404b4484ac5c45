// SPDX-License-Identifier: Apache-2.0
#include "bench/report/json_schema.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "normbench/v1/sweep.pb.h"

namespace normbench {
namespace {

using nlohmann::json;

json SchemaOf(const SchemaOptions& options) {
  return json::parse(JsonSchema(*v1::Sweep::descriptor(), options), nullptr, false);
}

TEST(JsonSchema, HasADefinitionForEachMessage) {
  const json schema = SchemaOf({.title = "t"});
  EXPECT_EQ(schema["title"], "t");
  EXPECT_EQ(schema["$ref"], "#/$defs/Sweep");
  const json& sweep = schema["$defs"]["Sweep"];
  EXPECT_EQ(sweep["additionalProperties"], false);
  EXPECT_EQ(sweep["properties"]["name"]["type"], "string");
  EXPECT_EQ(sweep["properties"]["version"]["type"], "integer");
  EXPECT_EQ(sweep["properties"]["cases"]["items"]["$ref"], "#/$defs/KeyedSweep");
  EXPECT_TRUE(schema["$defs"].contains("KeyedSweep"));
  EXPECT_FALSE(sweep.contains("required"));
}

TEST(JsonSchema, RequiresAndFixesWhatItIsTold) {
  const json schema = SchemaOf({.title = "t",
                                .required = {{"Sweep", {"version", "name"}}},
                                .versions = {{"Sweep.version", 3}}});
  EXPECT_EQ(schema["$defs"]["Sweep"]["required"], (json{"version", "name"}));
  EXPECT_EQ(schema["$defs"]["Sweep"]["properties"]["version"], (json{{"const", 3}}));
  EXPECT_FALSE(schema["$defs"]["KeyedSweep"].contains("required"));
}

}  // namespace
}  // namespace normbench
