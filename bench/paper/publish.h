// SPDX-License-Identifier: Apache-2.0
// What becomes of trained runs: models in a repository, and the table of their test errors.
#pragma once

#include <ostream>
#include <vector>

#include "absl/status/status.h"
#include "bench/paper/model_folder.h"
#include "bench/paper/train_all.h"

namespace normbench {

// Puts a model for every name of every job into the repository, and one called identity.
// REQUIRES: outcomes of these jobs, in the same order.
absl::Status PublishModels(const std::vector<TrainJob>& jobs,
                           const std::vector<RunOutcome>& outcomes, ModelStaging& staging);

// A line for every model.
void WriteErrorTable(const std::vector<TrainJob>& jobs, const std::vector<RunOutcome>& outcomes,
                     std::ostream& out);

}  // namespace normbench
