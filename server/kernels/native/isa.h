// SPDX-License-Identifier: Apache-2.0
// The instruction sets that the loops of this folder are compiled for, and which of them this CPU
// has.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace normbench {

enum class Isa { kSse4, kAvx2, kAvx512 };

inline constexpr std::array kIsas = {Isa::kSse4, Isa::kAvx2, Isa::kAvx512};

std::string_view Name(Isa isa);  // SSE4 | AVX2 | AVX512

// Returns INVALID_ARGUMENT with the allowed names and the nearest.
absl::StatusOr<Isa> ParseIsa(std::string_view name);

// Those this CPU has, the best last; never empty on a machine that runs this program. Thread-safe.
std::vector<Isa> SupportedIsas();

// `wanted`, or the best where none is. Returns FAILED_PRECONDITION for one that this CPU does not
// have. Thread-safe.
absl::StatusOr<Isa> ChooseIsa(std::optional<Isa> wanted);

}  // namespace normbench
