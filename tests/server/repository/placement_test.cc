// SPDX-License-Identifier: Apache-2.0
#include "server/repository/placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "google/protobuf/text_format.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

inference::ModelConfig Config(const std::string& text) {
  inference::ModelConfig config;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &config)) << text;
  return config;
}

absl::StatusOr<std::string> Place(const std::string& text, const std::string& own) {
  static const std::vector<std::string> gpus = {"cpu", "cuda:0", "cuda:1"};
  const inference::ModelConfig config = Config(text);
  EXPECT_TRUE(CheckInstanceGroups(config).ok()) << CheckInstanceGroups(config);
  return PlaceModel(config, own, gpus);
}

TEST(PlacementTest, TheServersDeviceWhereNothingIsSaid) {
  for (const char* own : {"cpu", "cuda:1"}) {
    for (const char* text :
         {"", "instance_group { count: 2 }", "instance_group { kind: KIND_MODEL }"}) {
      EXPECT_EQ(*Place(text, own), own) << text;
    }
  }
}

TEST(PlacementTest, TheDeviceThatIsNamed) {
  EXPECT_EQ(*Place("instance_group { kind: KIND_CPU }", "cuda:1"), "cpu");
  EXPECT_EQ(*Place("instance_group { kind: KIND_GPU }", "cuda:1"), "cuda:1");
  EXPECT_EQ(*Place("instance_group { kind: KIND_GPU }", "cpu"), "cuda:0");
  EXPECT_EQ(*Place("instance_group { kind: KIND_GPU gpus: [ 1, 1 ] }", "cpu"), "cuda:1");
  EXPECT_EQ(*Place("instance_group { gpus: [ 1 ] } instance_group { gpus: [ 1 ] }", "cpu"),
            "cuda:1");
}

TEST(PlacementTest, OneDeviceAModel) {
  for (const char* text :
       {"instance_group { gpus: [ 0, 1 ] }", "instance_group [ { gpus: 0 }, { gpus: 1 } ]"}) {
    EXPECT_EQ(Place(text, "cpu").status(),
              absl::InvalidArgumentError("config.pbtxt: instance_group: on cuda:0, cuda:1; "
                                         "allowed: one device a model"));
  }
  EXPECT_THAT(
      std::string(
          Place("instance_group [ { kind: KIND_CPU }, { gpus: 1 } ]", "cpu").status().message()),
      HasSubstr("on cpu, cuda:1"));
}

TEST(PlacementTest, ADeviceThatIsNotHere) {
  EXPECT_EQ(Place("instance_group { gpus: 7 }", "cpu").status(),
            absl::FailedPreconditionError("config.pbtxt: instance_group: cuda:7 is not here; the "
                                          "server has: cpu, cuda:0, cuda:1"));
  EXPECT_EQ(PlaceModel(Config("instance_group { kind: KIND_GPU }"), "cpu",
                       std::vector<std::string>{"cpu"})
                .status(),
            absl::FailedPreconditionError(
                "config.pbtxt: instance_group: cuda:0 is not here; the server has: cpu"));
  EXPECT_THAT(std::string(Place("instance_group { gpus: -1 }", "cpu").status().message()),
              HasSubstr("cuda:-1 is not here"));
}

TEST(PlacementTest, GroupsThatContradictThemselves) {
  const auto error = [](const std::string& text) {
    const absl::Status status = CheckInstanceGroups(Config(text));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    return std::string(status.message());
  };
  EXPECT_THAT(error("instance_group [ {}, { kind: KIND_CPU gpus: 0 } ]"),
              HasSubstr("instance_group[1].gpus: given with KIND_CPU"));
  EXPECT_THAT(error("instance_group { kind: KIND_MODEL gpus: 0 }"), HasSubstr("KIND_MODEL"));
  EXPECT_THAT(error("instance_group { kind: 99 }"), HasSubstr("kind: unknown 99"));
  EXPECT_THAT(error("instance_group { count: -1 }"), HasSubstr("count: -1; allowed: 0 to 64"));
  EXPECT_THAT(error("instance_group [ { count: 64 }, {} ]"), HasSubstr("65 instances"));
  EXPECT_TRUE(CheckInstanceGroups(Config("instance_group [ { count: 63 }, {} ]")).ok());
}

}  // namespace
}  // namespace normbench
