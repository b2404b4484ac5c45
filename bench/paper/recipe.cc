// SPDX-License-Identifier: Apache-2.0
#include "bench/paper/recipe.h"

#include <cmath>
#include <numbers>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "bench/norm/nearest.h"

namespace normbench {
namespace {

std::vector<TrainingRun> BatchAndGroupRuns() {
  NetSpec batch;
  batch.norm = Method::kBatch;
  NetSpec group;
  group.norm = Method::kGroup;
  return {
      {.net = batch, .train_batch = 32, .served = {{.model = "plain6_bn32"}}},
      {.net = batch,
       .train_batch = 2,
       .served = {{.model = "plain6_bn2"},
                  {.model = "plain6_bn2_batchstats", .stats = StatsSource::kBatch}}},
      {.net = group, .train_batch = 32, .served = {{.model = "plain6_gn"}}},
  };
}

// One network with each norm, all trained in batches of 32: what the norm costs when it is served.
std::vector<TrainingRun> DeployedRuns() {
  NetSpec batch;
  batch.norm = Method::kBatch;
  std::vector<TrainingRun> runs = {
      {.net = batch,
       .train_batch = 32,
       .served = {{.model = "plain6_bn32"},
                  {.model = "plain6_bn32_folded", .stats = StatsSource::kFolded}}}};
  for (const auto& [method, model] : {std::pair{std::optional(Method::kGroup), "plain6_gn"},
                                      std::pair{std::optional(Method::kLayer), "plain6_ln"},
                                      std::pair{std::optional(Method::kInstance), "plain6_in"},
                                      std::pair{std::optional<Method>(), "plain6_none"}}) {
    NetSpec net;
    net.norm = method;
    runs.push_back({.net = net, .train_batch = 32, .served = {{.model = model}}});
  }
  return runs;
}

}  // namespace

std::vector<Preset> Presets() {
  Recipe smoke;
  smoke.train_images = 3000;
  smoke.test_images = 2000;
  smoke.epochs = 2;
  return {
      {.name = "quick",
       .summary = "Plain6 with batch norm at train_batch 32 and 2 and with group norm, on 5000 "
                  "images, 6 epochs",
       .recipe = {},
       .runs = BatchAndGroupRuns()},
      {.name = "deployed",
       .summary = "Plain6 with batch norm (also folded into the convolutions), group, layer and "
                  "instance norm and with none, on 5000 images, 6 epochs",
       .recipe = {},
       .runs = DeployedRuns()},
      {.name = "smoke",
       .summary = "the same models after 2 epochs of 3000 images: for tests, not for results",
       .recipe = smoke,
       .runs = BatchAndGroupRuns()}};
}

absl::StatusOr<Preset> FindPreset(const std::string& name) {
  std::vector<std::string> names;
  for (const Preset& preset : Presets()) {
    if (preset.name == name) return preset;
    names.push_back(preset.name);
  }
  return absl::InvalidArgumentError(UnknownWord("--preset", name, names));
}

int64_t StepsPerEpoch(const Recipe& recipe) {
  return recipe.train_images / recipe.batch;
}

int64_t WorkUnits(const Recipe& recipe, const TrainingRun& run) {
  const int64_t test_steps = (recipe.test_images + kTestStep - 1) / kTestStep;
  return recipe.epochs * StepsPerEpoch(recipe) +
         static_cast<int64_t>(run.served.size()) * test_steps;
}

int64_t TestBatch(const TrainingRun& run, const ServedAs& served) {
  const bool depends = run.net.norm == Method::kBatch && served.stats == StatsSource::kBatch;
  return depends ? run.train_batch : kTestStep;
}

double LearningRate(const Recipe& recipe, int64_t step, int64_t steps) {
  const double progress = static_cast<double>(step) / static_cast<double>(steps);
  return recipe.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * progress));
}

}  // namespace normbench
