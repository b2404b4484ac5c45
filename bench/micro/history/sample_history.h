// SPDX-License-Identifier: Apache-2.0
// A history as a server leaves it after a long time, without the time.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace normbench {

struct SampleHistory {
  std::string file;
  int runs = 10'000;
  int cases = 24;  // of each run, as smoke.json has
};

// Writes the file, which is not there yet. Returns the ids of the runs, oldest first; they have
// ended a second apart, the last one now, and every tenth has the label "tenth".
absl::StatusOr<std::vector<std::string>> WriteSampleHistory(const SampleHistory& sample);

}  // namespace normbench
