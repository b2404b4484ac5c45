// SPDX-License-Identifier: Apache-2.0
#include "bench/report/schema.h"

#include "gmock/gmock.h"
#include "normbench/v1/report.pb.h"
#include "normbench/v1/sweep.pb.h"
#include "tests/bench/report/golden.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

TEST(JsonSchema, CommittedFilesAreCurrent) {
  ExpectGolden(std::string(NORMBENCH_REPORT_SOURCE) + "/sweep.schema.json",
               JsonSchema(*v1::Sweep::descriptor(), "normbench sweep, version 1"));
  ExpectGolden(std::string(NORMBENCH_REPORT_SOURCE) + "/report.schema.json",
               JsonSchema(*v1::Report::descriptor(), "normbench report, schema_version 1"));
}

TEST(JsonSchema, FollowsTheDescriptor) {
  const std::string schema = JsonSchema(*v1::Report::descriptor(), "t");
  EXPECT_THAT(schema, HasSubstr(R"("$ref": "#/$defs/Report")"));
  EXPECT_THAT(schema,
              HasSubstr(R"("cases": {"type": "array", "items": {"$ref": "#/$defs/CaseResult"}})"));
  EXPECT_THAT(
      schema,
      HasSubstr(R"("libraries": {"type": "object", "additionalProperties": {"type": "string"}})"));
  EXPECT_THAT(schema, HasSubstr(R"("co_located": {"type": "boolean"})"));
  EXPECT_THAT(schema, HasSubstr(R"("additionalProperties": false)"));
}

}  // namespace
}  // namespace normbench
