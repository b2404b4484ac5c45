// SPDX-License-Identifier: Apache-2.0
// The model's part of inference: gather the inputs once into aligned memory, run the model, and
// leave to each request what is its own.
#pragma once

#include <span>

#include "absl/status/status.h"
#include "server/rpc/infer_job.h"

namespace normbench {

// Runs `jobs`, one or more of the same model and of equal shapes but for the batch dimension, as
// one batch, and leaves the outputs and times of each in it. Of one alone nothing is copied but its
// inputs. Returns what the model returns, also where it was refused memory for an output that is
// too large; INTERNAL where it answers a batch of several with other than a row for each sample;
// what is wrong with an input that shows only as it is read. Throws std::bad_alloc where there is
// no memory. Where it fails nothing is left in any of `jobs`.
absl::Status RunModel(const InferShared& shared, std::span<InferJob* const> jobs);

}  // namespace normbench
