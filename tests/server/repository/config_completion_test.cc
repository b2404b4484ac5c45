// SPDX-License-Identifier: Apache-2.0
#include "server/repository/config_completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"

namespace normbench {
namespace {

// Knows its tensors, unless told not to.
class TellingBackend : public Backend {
 public:
  std::string name() const override { return "telling"; }
  absl::StatusOr<std::unique_ptr<Model>> Load(const ModelSpec&) override {
    return absl::UnimplementedError("");
  }
  absl::Status Complete(ModelSpec& spec) const override {
    if (spec.parameters.contains("shy")) return absl::InvalidArgumentError("input: missing; shy");
    spec.inputs = {{"image", "FP32", {1, 28, -1}}};
    spec.outputs = {{"words", "BYTES", {}}};
    if (spec.max_batch_size == 0) spec.max_batch_size = 64;
    return absl::OkStatus();
  }
};

class SilentBackend : public TellingBackend {
 public:
  absl::Status Complete(ModelSpec& spec) const override { return Backend::Complete(spec); }
};

inference::ModelConfig Config(const std::string& text) {
  inference::ModelConfig config;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &config)) << text;
  return config;
}

constexpr const char* kInput = "input { name: 'image' data_type: TYPE_FP32 dims: [ 1, 28, -1 ] } ";
constexpr const char* kOutput = "output { name: 'words' data_type: TYPE_STRING } ";

void ExpectCompleted(const std::string& given, const std::string& wanted) {
  inference::ModelConfig config = Config(given);
  const absl::Status status = CompleteConfig(TellingBackend(), config);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(config.DebugString(), Config(wanted).DebugString());
}

TEST(ConfigCompletionTest, WhatIsLeftOutIsFilledIn) {
  const std::string all = absl::StrCat(kInput, kOutput, "max_batch_size: 64");
  ExpectCompleted("", all);
  ExpectCompleted(kInput, all);
  ExpectCompleted(absl::StrCat(kOutput, "max_batch_size: 3"),
                  absl::StrCat(kInput, kOutput, "max_batch_size: 3"));
}

TEST(ConfigCompletionTest, WhatIsGivenStays) {
  const std::string other = "input { name: 'x' data_type: TYPE_INT8 dims: 2 } ";
  ExpectCompleted(other, absl::StrCat(other, kOutput, "max_batch_size: 64"));
  ExpectCompleted(absl::StrCat(other, kOutput), absl::StrCat(other, kOutput));
}

TEST(ConfigCompletionTest, ABackendMayNotKnow) {
  inference::ModelConfig config = Config("parameters { key: 'shy' }");
  EXPECT_EQ(CompleteConfig(TellingBackend(), config),
            absl::InvalidArgumentError("config.pbtxt: input: missing; shy"));
  EXPECT_TRUE(CompleteConfig(SilentBackend(), config).ok());
  EXPECT_TRUE(config.input().empty());
}

}  // namespace
}  // namespace normbench
