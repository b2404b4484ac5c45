// SPDX-License-Identifier: Apache-2.0
#include "server/repository/model_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace normbench {
namespace {

using ::testing::ElementsAre;

TEST(ModelSpecTest, KeepsEveryFactABackendNeeds) {
  inference::ModelConfig config;
  config.set_name("m");
  config.set_backend("builtin");
  config.set_max_batch_size(64);
  auto& input = *config.add_input();
  input.set_name("x");
  input.set_data_type(inference::TYPE_FP32);
  for (const int64_t dim : {1, 28, 28}) input.add_dims(dim);
  auto& output = *config.add_output();
  output.set_name("class");
  output.set_data_type(inference::TYPE_INT64);
  output.add_dims(-1);
  (*config.mutable_parameters())["norm"].set_string_value("group");

  const ModelSpec spec = ToModelSpec(config);
  EXPECT_EQ(spec.name, "m");
  EXPECT_EQ(spec.backend, "builtin");
  EXPECT_EQ(spec.max_batch_size, 64);
  ASSERT_EQ(spec.inputs.size(), 1u);
  EXPECT_EQ(spec.inputs[0].name, "x");
  EXPECT_EQ(spec.inputs[0].datatype, "FP32");
  EXPECT_THAT(spec.inputs[0].dims, ElementsAre(1, 28, 28));
  ASSERT_EQ(spec.outputs.size(), 1u);
  EXPECT_EQ(spec.outputs[0].datatype, "INT64");
  EXPECT_THAT(spec.outputs[0].dims, ElementsAre(-1));
  EXPECT_EQ(spec.parameters.at("norm"), "group");
  EXPECT_EQ(spec.model_file, "");
}

TEST(ModelSpecTest, KeepsTheBackendThatIsMeantAndItsFile) {
  inference::ModelConfig config;
  config.set_backend("pytorch");
  config.set_default_model_filename("net.pt");
  EXPECT_EQ(ToModelSpec(config).backend, "torchscript");
  EXPECT_EQ(ToModelSpec(config).model_file, "net.pt");
}

}  // namespace
}  // namespace normbench
