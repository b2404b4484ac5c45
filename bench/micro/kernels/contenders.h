// SPDX-License-Identifier: Apache-2.0
// Which contenders there are.
#pragma once

#include "absl/status/statusor.h"
#include "bench/micro/kernels/options.h"
#include "bench/micro/kernels/run_case.h"

namespace normbench {

// Those asked for; without a wish all but torch-copy. A copy for each kind of stores that native
// may use.
absl::StatusOr<Contenders> MakeContenders(const BenchOptions& options);

}  // namespace normbench
