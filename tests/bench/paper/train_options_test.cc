// SPDX-License-Identifier: Apache-2.0
#include "bench/paper/train_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace normbench {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<TrainOptions> Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "normbench-train");
  return ParseTrainOptions(static_cast<int>(arguments.size()), arguments.data());
}

void ExpectRefused(const std::vector<const char*>& arguments, const std::string& text) {
  const absl::Status status = Parse(arguments).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
  EXPECT_THAT(std::string(status.message()), HasSubstr(text));
}

TEST(TrainOptionsTest, ReadsEveryFlag) {
  const auto options = Parse(
      {"--preset", "smoke", "--out", "models", "--seed=7", "--threads", "3", "--data", "/data"});
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->preset.name, "smoke");
  EXPECT_EQ(options->preset.recipe.seed, 7U);
  EXPECT_EQ(options->out, "models");
  EXPECT_EQ(options->threads, 3);
  EXPECT_EQ(options->data_folder, "/data");
  EXPECT_EQ(options->help, "");
}

TEST(TrainOptionsTest, Defaults) {
  const auto options = Parse({"--preset", "quick", "--out", "models"});
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->preset.recipe.seed, 1U);
  EXPECT_GE(options->threads, 1);
}

TEST(TrainOptionsTest, HelpListsThePresets) {
  const auto options = Parse({"--help"});
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_THAT(options->help, HasSubstr("quick: Plain6"));
  EXPECT_THAT(options->help, HasSubstr("Fashion-MNIST with photometric variation WIDE"));
}

TEST(TrainOptionsTest, Refusals) {
  ExpectRefused({"--prest", "quick", "--out", "m"}, "nearest: --preset");
  ExpectRefused({"--preset", "quick", "--out", "m", "--thread=2"}, "nearest: --threads");
  ExpectRefused({"--preset", "quik", "--out", "m"}, "unknown 'quik'");
  ExpectRefused({"--preset", "quick"}, "--out is missing");
  ExpectRefused({"--out", "m"}, "--preset is missing");
  ExpectRefused({"--preset", "quick", "--out", "m", "--threads", "0"}, "range 1 to 64");
  ExpectRefused({"--preset", "quick", "--out", "m", "--seed", "one"}, "--seed");
  ExpectRefused({"--preset", "quick", "--out", "m", "extra"}, "unknown 'extra'");
}

}  // namespace
}  // namespace normbench
