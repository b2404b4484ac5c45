// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/bench_models.h"

#include <torch/script.h>

#include <fstream>
#include <string>

namespace normbench {
namespace {

namespace fs = std::filesystem;

constexpr const char* kGroupNorm =
    "backend: 'torchscript' max_batch_size: 1 "
    "input { name: 'x' data_type: TYPE_FP32 dims: [ 64, 56, 56 ] } "
    "output { name: 'y' data_type: TYPE_FP32 dims: [ 64, 56, 56 ] }\n";

constexpr const char* kNetwork =
    "backend: 'builtin' max_batch_size: 16 "
    "input { name: 'x' data_type: TYPE_FP32 dims: [ 1, 28, 28 ] } "
    "output { name: 'y' data_type: TYPE_FP32 dims: 10 } "
    "parameters { key: 'network' value { string_value: 'plain6' } } "
    "parameters { key: 'norm' value { string_value: 'group' } } "
    "parameters { key: 'channels_per_group' value { string_value: '2' } } "
    "parameters { key: 'norm_impl' value { string_value: 'native' } }\n";

void WriteConfig(const fs::path& model, const std::string& config) {
  fs::create_directories(model / "1");
  std::ofstream(model / "config.pbtxt") << config;
}

}  // namespace

void WriteBenchModels(const fs::path& weights, const fs::path& folder) {
  const fs::path bench = folder / "bench";
  WriteConfig(bench / "group_norm", kGroupNorm);
  torch::jit::Module module("group_norm");
  module.register_parameter("gamma", torch::ones({64}), false);
  module.register_parameter("beta", torch::zeros({64}), false);
  module.define(
      "def forward(self, x):\n  return torch.group_norm(x, 32, self.gamma, self.beta, 1e-05)\n");
  module.save(bench / "group_norm" / "1" / "model.pt");
  WriteConfig(bench / "network", kNetwork);
  WriteConfig(bench / "network_joined", std::string(kNetwork) + "dynamic_batching { }\n");
  for (const char* name : {"network", "network_joined"}) {
    fs::copy_file(weights, bench / name / "1" / "weights.pt", fs::copy_options::overwrite_existing);
  }
}

}  // namespace normbench
