// SPDX-License-Identifier: Apache-2.0
#include "server/backends/torch_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace normbench {
namespace {

using ::testing::HasSubstr;

TEST(TorchSpec, TypesAndDeviceAreChecked) {
  ModelSpec spec;
  EXPECT_EQ(DeviceOf(spec), "cpu");
  spec.inputs = {{"x", "FP32", {1}}};
  spec.outputs = {{"y", "BYTES", {1}}};
  EXPECT_THAT(std::string(CheckTorchSpec(spec).message()), HasSubstr("output y: BYTES; LibTorch"));
  spec.outputs[0].datatype = "INT8";
  EXPECT_TRUE(CheckTorchSpec(spec).ok());
  spec.device = "cuda:63";
  EXPECT_EQ(CheckTorchSpec(spec).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(CheckTorchSpec(spec).message()), HasSubstr("allowed: cpu"));
}

TEST(TorchSpec, TheFileIsTheConfigurationsOrTheUsualOne) {
  ModelSpec spec;
  spec.version_folder = ::testing::TempDir();
  std::ofstream(spec.version_folder + "/usual.pt") << "x";
  EXPECT_EQ(*ModelPath(spec, "usual.pt"), spec.version_folder + "/usual.pt");
  EXPECT_EQ(ModelPath(spec, "other.pt").status().code(), absl::StatusCode::kNotFound);
  spec.model_file = "usual.pt";
  EXPECT_TRUE(ModelPath(spec, "other.pt").ok());
  std::filesystem::create_directories(spec.version_folder + "/folder");
  spec.model_file = "folder";
  EXPECT_THAT(std::string(ModelPath(spec, "usual.pt").status().message()),
              HasSubstr("folder: no such file"));
}

TEST(TorchSpec, AnErrorNamesItsModel) {
  ModelSpec spec;
  spec.name = "m";
  EXPECT_EQ(Named(spec, absl::NotFoundError("gone")).status(),
            absl::NotFoundError("model m: gone"));
  EXPECT_TRUE(Named(spec, std::unique_ptr<Model>()).ok());
}

}  // namespace
}  // namespace normbench
