// SPDX-License-Identifier: Apache-2.0
#include "bench/report/schema.h"

#include "gmock/gmock.h"
#include "tests/bench/report/golden.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

TEST(ReportAndSweepSchema, CommittedFilesAreCurrent) {
  ExpectGolden(std::string(NORMBENCH_REPORT_SOURCE) + "/sweep.schema.json", SweepSchema());
  ExpectGolden(std::string(NORMBENCH_REPORT_SOURCE) + "/report.schema.json", ReportSchema());
}

TEST(ReportSchema, FollowsTheDescriptor) {
  const std::string schema = ReportSchema();
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
