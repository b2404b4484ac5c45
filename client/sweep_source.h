// SPDX-License-Identifier: Apache-2.0
// The sweep that a command line names: a file, a case key, or one made of flags.
#pragma once

#include "absl/status/statusor.h"
#include "client/arguments.h"
#include "normbench/v1/sweep.pb.h"

namespace normbench {

// Returns NOT_FOUND or INVALID_ARGUMENT, with what is wrong and what would be right.
absl::StatusOr<v1::Sweep> SweepOf(const RunArguments& arguments);

}  // namespace normbench
