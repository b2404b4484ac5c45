// SPDX-License-Identifier: Apache-2.0
// The product of one entry's axes, before defaults and checks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/report/case.h"
#include "normbench/v1/sweep.pb.h"

namespace normbench {

struct EntryOptions {
  int32_t seed = 0;  // of the sweep
  size_t limit = 0;  // the result may be cut once it has more cases
};

// Return INVALID_ARGUMENT naming the field for a missing axis, an explicit number below 1, or a
// text that is no shape or key.
absl::StatusOr<std::vector<CaseSpec>> ExpandEntry(const v1::KernelSweep& entry,
                                                  const EntryOptions& options);
absl::StatusOr<std::vector<CaseSpec>> ExpandEntry(const v1::ServiceSweep& entry,
                                                  const EntryOptions& options);
absl::StatusOr<std::vector<CaseSpec>> ExpandEntry(const v1::ModelSweep& entry,
                                                  const EntryOptions& options);
absl::StatusOr<std::vector<CaseSpec>> ExpandEntry(const v1::InvarianceSweep& entry,
                                                  const EntryOptions& options);
absl::StatusOr<std::vector<CaseSpec>> ExpandEntry(const v1::KeyedSweep& entry,
                                                  const EntryOptions& options);

}  // namespace normbench
