// SPDX-License-Identifier: Apache-2.0
// A TorchScript model on a CUDA device answers as it does on the CPU; skipped, with the reason,
// where there is none.
#include <gtest/gtest.h>
#include <torch/script.h>

#include <filesystem>

#include "server/backends/torchscript.h"
#include "server/kernels/torch_runtime.h"

namespace normbench {
namespace {

class TorchScriptCuda : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists("/dev/nvidia0")) GTEST_SKIP() << "there is no /dev/nvidia0";
    const absl::StatusOr<std::string> device = OpenTorchDevice("cuda");
    ASSERT_TRUE(device.ok()) << device.status();
    device_ = *device;
    torch::jit::Module module("m");
    module.register_parameter("scale", torch::randn({64}), false);
    module.define("def forward(self, x):\n  return torch.relu(x * self.scale).sum(1, True)\n");
    module.save(folder_ + "/model.pt");
  }

  std::vector<float> Answers(const std::string& device, const std::vector<float>& x) const {
    ModelSpec spec;
    spec.name = "m";
    spec.max_batch_size = 8;
    spec.inputs = {{"x", "FP32", {64}}};
    spec.outputs = {{"y", "FP32", {1}}};
    spec.version_folder = folder_;
    spec.device = device;
    const auto model = MakeTorchScriptBackend(1 << 28)->Load(spec);
    EXPECT_TRUE(model.ok()) << model.status();
    const TensorIn input = {.datatype = "FP32",
                            .shape = {8, 64},
                            .data = reinterpret_cast<const std::byte*>(x.data()),
                            .bytes = x.size() * sizeof(float)};
    std::vector<float> y(8);
    const absl::Status status =
        (*model)->Infer(std::span(&input, 1), [&](int, const std::vector<int64_t>&, size_t) {
          return reinterpret_cast<std::byte*>(y.data());
        });
    EXPECT_TRUE(status.ok()) << status;
    const std::vector<MemoryPoint> memory = (*model)->MeasuredMemory();
    EXPECT_TRUE(!memory.empty() && memory.back().bytes > 0) << "memory of the device counts";
    return y;
  }

  const std::string folder_ = ::testing::TempDir();
  std::string device_;
};

TEST_F(TorchScriptCuda, AnswersAsOnTheCpu) {
  std::vector<float> x(8 * 64);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 17) - 8;
  const std::vector<float> expected = Answers("cpu", x);
  const std::vector<float> got = Answers(device_, x);
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-3) << i;
}

}  // namespace
}  // namespace normbench
