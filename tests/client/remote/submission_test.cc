// SPDX-License-Identifier: Apache-2.0
#include "client/remote/submission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(LabelsOf, SplitsAtTheFirstSign) {
  const auto labels = LabelsOf({"commit=4f2a9c1", "note=a=b", "empty="});
  ASSERT_TRUE(labels.ok()) << labels.status();
  EXPECT_THAT(*labels,
              ElementsAre(Pair("commit", "4f2a9c1"), Pair("empty", ""), Pair("note", "a=b")));
  for (const char* word : {"commit", "=x", ""}) {
    const auto wrong = LabelsOf({word});
    EXPECT_EQ(wrong.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(wrong.status().message()), HasSubstr("KEY=VALUE"));
  }
}

TEST(SubmissionOf, HasWhatWasSaidAndAlwaysAKey) {
  v1::Sweep sweep;
  sweep.set_name("smoke");
  const auto said =
      SubmissionOf(sweep, "norm/", {.key = "k", .other_traffic = "refuse", .labels = {"a=1"}});
  ASSERT_TRUE(said.ok()) << said.status();
  EXPECT_EQ(said->sweep().name(), "smoke");
  EXPECT_EQ(said->filter(), "norm/");
  EXPECT_EQ(said->idempotency_key(), "k");
  EXPECT_EQ(said->other_traffic(), "refuse");
  EXPECT_EQ(said->labels().at("a"), "1");
  const SubmitOptions none;
  EXPECT_NE(SubmissionOf(sweep, "", none)->idempotency_key(), "");
  EXPECT_NE(SubmissionOf(sweep, "", none)->idempotency_key(),
            SubmissionOf(sweep, "", none)->idempotency_key());
}

}  // namespace
}  // namespace normbench
