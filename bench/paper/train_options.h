// SPDX-License-Identifier: Apache-2.0
// The command line of normbench-train.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "bench/paper/recipe.h"

namespace normbench {

struct TrainOptions {
  Preset preset;            // with the seed of the command line
  std::string out;          // the model repository
  std::string data_folder;  // of Fashion-MNIST
  int threads = 2;          // runs side by side, one thread each
  std::string help;         // not empty: print it and end
};

// Returns INVALID_ARGUMENT with a sentence for the user: unknown flags and presets name the
// nearest.
absl::StatusOr<TrainOptions> ParseTrainOptions(int argc, const char* const* argv);

}  // namespace normbench
