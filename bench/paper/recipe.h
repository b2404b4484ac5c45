// SPDX-License-Identifier: Apache-2.0
// How a network is trained, as plain values: the recipe that all runs of a preset share, the runs,
// and the names under which each is served. Needs no torch.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/nets/net_spec.h"

namespace normbench {

// SGD with momentum and weight decay on every parameter, the learning rate falling to zero along
// half a cosine, step by step.
struct Recipe {
  uint32_t train_images = 5000;  // chosen at random, seen once an epoch at a fresh exposure
  uint32_t test_images = 10000;  // the first ones, at the one fixed draw of exposures
  int epochs = 6;
  int batch = 32;  // images of a step, over all workers; a ragged last step is left out
  double learning_rate = 0.1;
  double momentum = 0.9;
  double weight_decay = 1e-4;
  uint64_t seed = 1;

  bool operator==(const Recipe&) const = default;
};

// A model folder that a run becomes.
struct ServedAs {
  std::string model;
  StatsSource stats = StatsSource::kRunning;  // batch norm only
};

struct TrainingRun {
  NetSpec net;
  int train_batch = 32;          // images of one worker: the paper's axis; divides Recipe::batch
  std::vector<ServedAs> served;  // at least one; all share the weights
};

struct Preset {
  std::string name;
  std::string summary;
  Recipe recipe;
  std::vector<TrainingRun> runs;
};

std::vector<Preset> Presets();

// Returns INVALID_ARGUMENT naming the nearest and all there are.
absl::StatusOr<Preset> FindPreset(const std::string& name);

// Steps of one epoch, and of a run with its evaluations: what progress is counted in.
int64_t StepsPerEpoch(const Recipe& recipe);
int64_t WorkUnits(const Recipe& recipe, const TrainingRun& run);

// Learning rate of `step` of `steps`.
double LearningRate(const Recipe& recipe, int64_t step, int64_t steps);

// Images that are normalized together when `served` is evaluated. With batch statistics the error
// depends on it: as many as in training, since another number is one more mismatch.
int64_t TestBatch(const TrainingRun& run, const ServedAs& served);

// Images of one unit of evaluation work.
inline constexpr int64_t kTestStep = 64;

}  // namespace normbench
