// SPDX-License-Identifier: Apache-2.0
#include "server/repository/config_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace normbench {
namespace {

using ::testing::HasSubstr;
using Change = std::function<void(inference::ModelConfig&)>;

const std::vector<std::string>& Backends() {
  static const auto* const kBackends = new std::vector<std::string>{"builtin", "identity"};
  return *kBackends;
}

inference::ModelConfig Good() {
  inference::ModelConfig config;
  config.set_name("m");
  config.set_backend("identity");
  config.set_max_batch_size(8);
  auto& input = *config.add_input();
  input.set_name("x");
  input.set_data_type(inference::TYPE_FP32);
  input.add_dims(3);
  auto& output = *config.add_output();
  output.set_name("y");
  output.set_data_type(inference::TYPE_FP32);
  output.add_dims(-1);
  return config;
}

std::string ErrorOf(const Change& change) {
  inference::ModelConfig config = Good();
  change(config);
  const absl::Status status = CheckModelConfig(config, "m", Backends());
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(ConfigCheckTest, AcceptsAGoodOneWithAndWithoutItsName) {
  inference::ModelConfig config = Good();
  EXPECT_TRUE(CheckModelConfig(config, "m", Backends()).ok());
  config.clear_name();
  config.mutable_output(0)->set_data_type(inference::TYPE_STRING);
  EXPECT_TRUE(CheckModelConfig(config, "m", Backends()).ok());
}

TEST(ConfigCheckTest, NameIsThatOfTheFolder) {
  EXPECT_THAT(ErrorOf([](auto& c) { c.set_name("../m"); }), HasSubstr("'../m'"));
}

TEST(ConfigCheckTest, BackendNamesTheNearest) {
  EXPECT_THAT(ErrorOf([](auto& c) { c.set_backend("buildin"); }), HasSubstr("nearest: builtin"));
  EXPECT_THAT(ErrorOf([](auto& c) { c.clear_backend(); }),
              HasSubstr("unknown ''; allowed: builtin, identity"));
}

TEST(ConfigCheckTest, BackendMayBeNamedByAnotherServersWord) {
  inference::ModelConfig config = Good();
  config.clear_backend();
  config.set_platform("pytorch_libtorch");
  EXPECT_TRUE(CheckModelConfig(config, "m", std::vector<std::string>{"torchscript"}).ok());
}

TEST(ConfigCheckTest, TheModelsFileStaysInItsFolder) {
  inference::ModelConfig config = Good();
  config.set_default_model_filename("resnet.pt");
  EXPECT_TRUE(CheckModelConfig(config, "m", Backends()).ok());
  for (const char* file : {"../2/model.pt", "/etc/passwd", ".."}) {
    EXPECT_THAT(ErrorOf([&](auto& c) { c.set_default_model_filename(file); }),
                HasSubstr("; allowed: the name of a file in the version's folder"));
    EXPECT_THAT(ErrorOf([&](auto& c) { c.mutable_output(0)->set_label_filename(file); }),
                HasSubstr("output 'y'.label_filename: '"));
  }
}

TEST(ConfigCheckTest, BatchRange) {
  EXPECT_THAT(ErrorOf([](auto& c) { c.set_max_batch_size(-1); }),
              HasSubstr("max_batch_size: -1; allowed: 0 to 65536"));
  EXPECT_THAT(ErrorOf([](auto& c) { c.set_max_batch_size(65537); }), HasSubstr("65537"));
}

TEST(ConfigCheckTest, TensorsAreNamedTypedAndUnique) {
  EXPECT_THAT(ErrorOf([](auto& c) { c.clear_input(); }), HasSubstr("input: 0 tensors"));
  EXPECT_THAT(ErrorOf([](auto& c) { c.clear_output(); }), HasSubstr("output: 0 tensors"));
  EXPECT_THAT(ErrorOf([](auto& c) { *c.add_input() = c.input(0); }),
              HasSubstr("'x'.name: used twice"));
  EXPECT_THAT(ErrorOf([](auto& c) { c.mutable_input(0)->clear_name(); }), HasSubstr(".name"));
  EXPECT_THAT(ErrorOf([](auto& c) { c.mutable_input(0)->set_name("a\nb"); }), HasSubstr("a\\nb"));
  EXPECT_THAT(ErrorOf([](auto& c) { c.mutable_input(0)->clear_data_type(); }),
              HasSubstr(".data_type"));
}

TEST(ConfigCheckTest, Dims) {
  EXPECT_THAT(ErrorOf([](auto& c) { c.mutable_input(0)->set_dims(0, 0); }),
              HasSubstr("input 'x'.dims: 0; allowed: -1 or 1 to 2147483647"));
  EXPECT_THAT(ErrorOf([](auto& c) { c.mutable_input(0)->set_dims(0, -2); }), HasSubstr("-2"));
  EXPECT_THAT(ErrorOf([](auto& c) {
                c.mutable_input(0)->set_dims(0, 65536);
                c.mutable_input(0)->add_dims(65536);
              }),
              HasSubstr("65536x65536"));
  EXPECT_THAT(ErrorOf([](auto& c) {
                for (int i = 0; i < 8; ++i) c.mutable_input(0)->add_dims(1);
              }),
              HasSubstr("9 entries"));
  // Without a batch dimension a tensor needs one of its own.
  EXPECT_THAT(ErrorOf([](auto& c) {
                c.set_max_batch_size(0);
                c.mutable_input(0)->clear_dims();
              }),
              HasSubstr("0 entries"));
}

TEST(ConfigCheckTest, WhatIsNotOfferedIsRefusedBeforeAnythingElse) {
  EXPECT_THAT(ErrorOf([](auto& c) {
                c.clear_backend();
                c.set_platform("ensemble");
              }),
              HasSubstr("ensemble_scheduling: not offered"));
}

TEST(ConfigCheckTest, InstanceGroupsAndWarmupsAreChecked) {
  EXPECT_THAT(ErrorOf([](auto& c) { c.add_instance_group()->set_count(-1); }),
              HasSubstr("instance_group[0].count: -1"));
  EXPECT_THAT(ErrorOf([](auto& c) { c.add_model_warmup()->set_name("w"); }),
              HasSubstr("model_warmup 'w' input 'x': missing"));
}

TEST(ConfigCheckTest, VersionPolicy) {
  EXPECT_THAT(ErrorOf([](auto& c) { c.mutable_version_policy()->mutable_specific(); }),
              HasSubstr("versions: empty"));
  EXPECT_THAT(
      ErrorOf([](auto& c) { c.mutable_version_policy()->mutable_specific()->add_versions(0); }),
      HasSubstr("0; allowed: 1 and above"));
}

TEST(ConfigCheckTest, SettingsWithoutEffectAreTold) {
  inference::ModelConfig config = Good();
  EXPECT_EQ(UnusedSettings(config), "");
  config.mutable_dynamic_batching();
  config.add_instance_group();
  EXPECT_TRUE(CheckModelConfig(config, "m", Backends()).ok());
  EXPECT_EQ(UnusedSettings(config), "");
  config = Good();
  config.set_runtime("x");
  EXPECT_EQ(UnusedSettings(config, std::vector<std::string>{"unknown field 'y'"}),
            "no effect: runtime, unknown field 'y'");
}

}  // namespace
}  // namespace normbench
