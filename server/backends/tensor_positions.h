// SPDX-License-Identifier: Apache-2.0
// Where among a module's arguments or results the tensors of a configuration are. Published
// configurations say it in the names; the order of the file counts only where they do not. Needs no
// torch header.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/backends/model.h"

namespace normbench {

// For each of `tensors` its position: the number of a name NAME__NUMBER where all names end so, the
// place in `arguments` where all names are there, else its place in the configuration. Returns
// INVALID_ARGUMENT, calling them `what`, where the positions are not each of 0 .. n - 1 once.
absl::StatusOr<std::vector<size_t>> PositionsOf(const std::string& what,
                                                std::span<const TensorSpec> tensors,
                                                std::span<const std::string> arguments = {});

}  // namespace normbench
