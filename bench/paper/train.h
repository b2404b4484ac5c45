// SPDX-License-Identifier: Apache-2.0
// One training run on one thread: the data it sees, the loop, the evaluation, the weights on disk.
// Workers with a batch of their own are ghost batches of one batch (server/nets/network.h).
// This header needs no torch.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/data/fashion_mnist.h"
#include "bench/paper/recipe.h"

namespace normbench {

// What all runs of a preset share, read only.
struct TrainingData {
  ImageSet train;
  std::vector<float> test_images;  // exposed
  std::vector<uint8_t> test_labels;
};

// Reads Fashion-MNIST from `folder` and exposes the first `test_images` test images.
absl::StatusOr<TrainingData> LoadTrainingData(const std::string& folder, uint32_t test_images);

// How a run and whoever watches it talk. Thread-safe.
struct TrainControl {
  std::atomic<int64_t> done = 0;  // of WorkUnits()
  std::atomic<bool> stop = false;
};

struct TrainJob {
  Recipe recipe;
  TrainingRun run;
  std::string weights_path;
};

struct TrainOutcome {
  std::vector<double> test_errors;  // fraction of the test images, one for each of run.served
};

// Trains, writes the weights, then evaluates. A pure function of job and data on one machine. Fixes
// the calling thread's ATen threads to one. Returns CANCELLED once control.stop is set, INTERNAL
// where the weights cannot be written.
absl::StatusOr<TrainOutcome> Train(const TrainJob& job, const TrainingData& data,
                                   TrainControl& control);

}  // namespace normbench
