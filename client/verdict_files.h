// SPDX-License-Identifier: Apache-2.0
// A verdict in the forms that were asked for.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "client/arguments_gate.h"
#include "client/files.h"
#include "normbench/v1/comparison.pb.h"

namespace normbench {

// What `normbench compare` leaves in its folder.
std::vector<FileContent> ComparisonFiles(const v1::Comparison& comparison);

// Writes the files of `outputs`, prints annotations. The first error.
absl::Status WriteOutputs(const v1::Comparison& comparison, const VerdictOutputs& outputs);

// Whether all of them could be written now.
absl::Status CheckOutputs(const VerdictOutputs& outputs);

}  // namespace normbench
