// SPDX-License-Identifier: Apache-2.0
#include "server/repository/backend_name.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

std::string NameOf(const std::string& backend, const std::string& platform) {
  inference::ModelConfig config;
  config.set_backend(backend);
  config.set_platform(platform);
  return BackendName(config);
}

TEST(BackendNameTest, TorchScriptHasThreeNames) {
  EXPECT_EQ(NameOf("torchscript", ""), "torchscript");
  EXPECT_EQ(NameOf("pytorch", ""), "torchscript");
  EXPECT_EQ(NameOf("", "pytorch_libtorch"), "torchscript");
}

TEST(BackendNameTest, AotiHasThreeNames) {
  EXPECT_EQ(NameOf("aoti", ""), "aoti");
  EXPECT_EQ(NameOf("", "torch_aoti"), "aoti");
  EXPECT_EQ(NameOf("pytorch", "torch_aoti"), "aoti");
}

TEST(BackendNameTest, TheBackendWinsOverThePlatform) {
  EXPECT_EQ(NameOf("identity", "pytorch_libtorch"), "identity");
  EXPECT_EQ(NameOf("torchscript", "torch_aoti"), "torchscript");
  EXPECT_EQ(NameOf("", "onnxruntime_onnx"), "");
  EXPECT_EQ(NameOf("python", ""), "python");
}

}  // namespace
}  // namespace normbench
