// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/script_models.h"

#include <torch/script.h>

#include <fstream>
#include <string>

namespace normbench {
namespace {

namespace fs = std::filesystem;
using torch::Tensor;

constexpr int64_t kChannels = 8;
constexpr int64_t kGroups = 4;

constexpr const char* kForward = R"(
def forward(self, x):
  y = torch.conv2d(x, self.kernel, None, [2, 2], [1, 1])
  y = torch.relu(torch.group_norm(y, 4, self.gamma, self.beta, 1e-05))
  return y.mean([2, 3]), x.mean([1, 2, 3])
)";

constexpr const char* kScripted = R"(
backend: "torchscript"
max_batch_size: 16
input { name: "image" data_type: TYPE_FP32 dims: [ 1, -1, -1 ] }
output { name: "features" data_type: TYPE_FP32 dims: 8 label_filename: "features.txt" }
output { name: "mean" data_type: TYPE_FP32 }
)";

constexpr const char* kResnetLike = R"(
name: "resnet_like"
platform: "pytorch_libtorch"
max_batch_size: 16
default_model_filename: "traced.pt"
input [ { name: "INPUT__0" data_type: TYPE_FP32 format: FORMAT_NCHW dims: [ 1, 28, 28 ] } ]
output [
  { name: "OUTPUT__0" data_type: TYPE_FP32 dims: [ 8 ] },
  { name: "OUTPUT__1" data_type: TYPE_FP32 dims: [ ] }
]
instance_group [ { count: 1 kind: KIND_CPU } ]
dynamic_batching { max_queue_delay_microseconds: 100 }
parameters: { key: "INFERENCE_MODE" value: { string_value: "true" } }
)";

struct Weights {
  Tensor kernel = torch::randn({kChannels, 1, 3, 3});
  Tensor gamma = torch::randn({kChannels});
  Tensor beta = torch::randn({kChannels});
};

void Write(const fs::path& path, const Tensor& values) {
  const Tensor flat = values.contiguous();
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(flat.const_data_ptr<float>()),
             static_cast<std::streamsize>(flat.nbytes()));
}

void AddModel(const fs::path& model, const std::string& config, const std::string& file,
              const torch::jit::Module& module) {
  fs::create_directories(model / "1");
  std::ofstream(model / "config.pbtxt") << config;
  module.save(model / "1" / file);
}

}  // namespace

void WriteScriptModels(const Tensor& images, const fs::path& folder) {
  torch::manual_seed(9);
  const Weights weights;
  torch::jit::Module module("scripted");
  module.register_parameter("kernel", weights.kernel, false);
  module.register_parameter("gamma", weights.gamma, false);
  module.register_parameter("beta", weights.beta, false);
  module.define(kForward);
  AddModel(folder / "torchscript" / "scripted", kScripted, "model.pt", module);
  // Fewer labels than there are classes.
  std::ofstream(folder / "torchscript" / "scripted" / "features.txt") << "a\nb\nc\nd\ne\nf\ng\n";
  AddModel(folder / "torchscript" / "resnet_like", kResnetLike, "traced.pt", module);

  Tensor y =
      at::conv2d(images, weights.kernel, {}, at::IntArrayRef({2, 2}), at::IntArrayRef({1, 1}));
  y = at::relu(at::group_norm(y, kGroups, weights.gamma, weights.beta, 1e-5));
  Write(folder / "scripted.features.f32", y.mean({2, 3}));
  Write(folder / "scripted.mean.f32", images.mean({1, 2, 3}));
}

void WriteAdders(const fs::path& folder) {
  fs::create_directories(folder / "adders");
  for (int number = 0; number < 10; ++number) {
    torch::jit::Module module("adder");
    module.register_parameter("number", torch::tensor(static_cast<float>(number)), false);
    module.define("def forward(self, x):\n  return x + self.number\n");
    module.save(folder / "adders" / (std::to_string(number) + ".pt"));
  }
}

}  // namespace normbench
