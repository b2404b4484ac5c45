// SPDX-License-Identifier: Apache-2.0
// make_test_models FOLDER: what a conformance test needs, without training. FOLDER/models becomes a
// model repository as normbench-train writes it, with weights from a seed; FOLDER/images.f32 holds
// 8 images, FOLDER/MODEL.1.f32 their logits one by one and FOLDER/MODEL.8.f32 those of one batch,
// all as float32. The logits come from LibTorch's stock modules with the same weights, not from
// server/nets. FOLDER/torchscript is a second repository, FOLDER/adders are modules: see
// script_models.h; FOLDER/bench is a third: see bench_models.h.
#include <torch/torch.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "bench/paper/model_folder.h"
#include "bench/paper/publish.h"
#include "bench/paper/recipe.h"
#include "server/nets/network.h"
#include "tests/e2e/bench_models.h"
#include "tests/e2e/script_models.h"

namespace normbench {
namespace {

namespace fs = std::filesystem;
using torch::Tensor;

void Write(const fs::path& path, const Tensor& values) {
  const Tensor flat = values.contiguous();
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(flat.const_data_ptr<float>()),
             static_cast<std::streamsize>(flat.numel() * sizeof(float)));
}

// Fresh networks have gamma 1, beta 0 and no statistics: here every weight is to matter.
Network Unsettled(const NetSpec& spec, uint64_t seed) {
  Network network(spec, seed);
  torch::manual_seed(seed);
  {
    const torch::NoGradGuard guard;
    for (Tensor& parameter : network.Parameters()) {
      parameter.add_(torch::randn_like(parameter), 0.1);
    }
  }
  network.Train(torch::randn({32, spec.image_channels, spec.image_side, spec.image_side}), 1);
  return network;
}

void Copy(const Tensor& from, const Tensor& to) {
  const torch::NoGradGuard guard;
  to.copy_(from.reshape(to.sizes()));
}

Tensor NormalizeStock(const Network& network, size_t layer, const Tensor& x) {
  const NetSpec& spec = network.spec();
  const std::vector<Tensor> weights = network.Parameters();
  const int64_t channels = x.size(1);
  if (spec.norm != Method::kBatch) {
    torch::nn::GroupNorm norm(
        torch::nn::GroupNormOptions(GroupsOf(spec, channels), channels).eps(spec.eps));
    Copy(weights[3 * layer + 1], norm->weight);
    Copy(weights[3 * layer + 2], norm->bias);
    return norm(x);
  }
  const bool running = spec.stats == StatsSource::kRunning;
  torch::nn::BatchNorm2d norm(
      torch::nn::BatchNorm2dOptions(channels).eps(spec.eps).track_running_stats(running));
  Copy(weights[3 * layer + 1], norm->weight);
  Copy(weights[3 * layer + 2], norm->bias);
  if (running) {
    Copy(network.running_mean(layer), norm->running_mean);
    Copy(network.running_variance(layer), norm->running_var);
  }
  norm->train(!running);
  return norm(x);
}

Tensor InferStock(const Network& network, Tensor x) {
  const torch::NoGradGuard guard;
  const NetSpec& spec = network.spec();
  const std::vector<Tensor> weights = network.Parameters();
  for (size_t layer = 0; layer < spec.channels.size(); ++layer) {
    torch::nn::Conv2d convolution(torch::nn::Conv2dOptions(x.size(1), spec.channels[layer], 3)
                                      .stride(spec.strides[layer])
                                      .padding(1)
                                      .bias(false));
    Copy(weights[3 * layer], convolution->weight);
    x = torch::relu(NormalizeStock(network, layer, convolution(x)));
  }
  torch::nn::Linear linear(x.size(1), spec.classes);
  Copy(weights[weights.size() - 2], linear->weight);
  Copy(weights[weights.size() - 1], linear->bias);
  return linear(torch::adaptive_avg_pool2d(x, {1, 1}).flatten(1));
}

// Logits of every model that this network is served as.
void WriteLogits(Network& network, const TrainingRun& run, const Tensor& images,
                 const fs::path& folder) {
  for (const ServedAs& served : run.served) {
    network.set_stats(served.stats);
    std::vector<Tensor> alone;
    for (const Tensor& image : images.split(1)) alone.push_back(InferStock(network, image));
    Write(folder / (served.model + ".1.f32"), torch::cat(alone));
    Write(folder / (served.model + ".8.f32"), InferStock(network, images));
  }
}

absl::Status MakeModels(const fs::path& folder) {
  const auto preset = FindPreset("quick");
  if (!preset.ok()) return preset.status();
  fs::create_directories(folder);
  auto staging = ModelStaging::Open((folder / "models").string());
  if (!staging.ok()) return staging.status();
  torch::manual_seed(8);
  const Tensor images = torch::randn({8, 1, 28, 28});
  Write(folder / "images.f32", images);
  WriteScriptModels(images, folder);
  WriteAdders(folder);
  std::vector<TrainJob> jobs;
  std::vector<RunOutcome> outcomes;
  for (const TrainingRun& run : preset->runs) {
    const std::string weights = staging->Scratch("weights" + std::to_string(jobs.size()));
    Network network = Unsettled(run.net, 1 + jobs.size());
    if (absl::Status status = network.Save(weights); !status.ok()) return status;
    WriteLogits(network, run, images, folder);
    jobs.push_back({.recipe = preset->recipe, .run = run, .weights_path = weights});
    outcomes.push_back({.outcome = {std::vector<double>(run.served.size(), 0.9)}, .seconds = 0});
  }
  if (absl::Status status = PublishModels(jobs, outcomes, *staging); !status.ok()) return status;
  WriteBenchModels(folder / "models" / "plain6_gn" / "1" / "weights.pt", folder);
  return absl::OkStatus();
}

}  // namespace
}  // namespace normbench

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_test_models FOLDER\n";
    return 2;
  }
  torch::set_num_threads(1);
  const absl::Status status = normbench::MakeModels(argv[1]);
  if (!status.ok()) std::cerr << status << "\n";
  return status.ok() ? 0 : 1;
}
