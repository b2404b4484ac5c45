// SPDX-License-Identifier: Apache-2.0
#include "bench/report/strict_json.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "normbench/v1/sweep.pb.h"

namespace normbench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string ErrorOf(const std::string& json) {
  v1::Sweep sweep;
  const absl::Status parsed = ParseStrictJson(json, &sweep);
  return parsed.ok() ? "parsed" : std::string(parsed.message());
}

TEST(StrictJson, SuggestsTheNearestFieldOfTheRightMessage) {
  EXPECT_EQ(ErrorOf(R"({"version": 1, "name": "s", "kernel": [{"tensr_n": [1]}]})"),
            "kernel[0].tensr_n: unknown key, did you mean tensor_n");
  EXPECT_EQ(ErrorOf(R"({"vrsion": 1})"), "vrsion: unknown key, did you mean version");
  // request_batch is a field of model entries, not of kernel entries.
  EXPECT_THAT(ErrorOf(R"({"model": [{}, {"requst_batch": [1]}]})"),
              HasSubstr("model[1].requst_batch: unknown key, did you mean request_batch"));
  EXPECT_THAT(ErrorOf(R"({"kernel": [{"zzzzzz": 1}]})"),
              AllOf(HasSubstr("kernel[0].zzzzzz: unknown key; allowed: norm, stats"),
                    HasSubstr("tensor_n")));
}

TEST(StrictJson, NamesAValueOfTheWrongType) {
  EXPECT_EQ(ErrorOf(R"({"kernel": [{"tensor_n": [1, "a"]}]})"),
            "kernel[0].tensor_n[1]: \"a\" is not a whole number");
  EXPECT_EQ(ErrorOf(R"({"version": 1.5})"), "version: 1.5 is not a whole number");
  EXPECT_EQ(ErrorOf(R"({"kernel": [{"expect": [1]}]})"), "kernel[0].expect[0]: 1 is not a string");
  EXPECT_EQ(ErrorOf(R"({"kernel": [{"eps": "x"}]})"), "kernel[0].eps: \"x\" is not a number");
}

TEST(StrictJson, RefusesTextBeyondTheLimit) {
  EXPECT_THAT(ErrorOf("{}" + std::string(kMaxJsonBytes, ' ')), HasSubstr("at most 1048576"));
  EXPECT_EQ(ErrorOf("{}" + std::string(kMaxJsonBytes - 2, ' ')), "parsed");
}

TEST(StrictJson, SurvivesDeepNesting) {
  EXPECT_NE(ErrorOf(std::string(100'000, '[')), "parsed");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += R"({"kernel":)";
  EXPECT_NE(ErrorOf(deep), "parsed");
}

TEST(StrictJson, ReadsAFileThatIsThere) {
  EXPECT_EQ(ReadJsonFile("/no/such/file").status().message(), "/no/such/file: cannot be opened");
}

TEST(StrictJson, NamesAreForFilesAndLabels) {
  EXPECT_TRUE(IsRegisteredName("a-z_9"));
  EXPECT_FALSE(IsRegisteredName(""));
  EXPECT_FALSE(IsRegisteredName("Big Name"));
  EXPECT_TRUE(IsRegisteredName(std::string(64, 'a')));
  EXPECT_FALSE(IsRegisteredName(std::string(65, 'a')));
}

}  // namespace
}  // namespace normbench
