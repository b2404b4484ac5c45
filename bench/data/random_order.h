// SPDX-License-Identifier: Apache-2.0
// Shuffles that are a pure function of seed and stream: the order in which a training run sees its
// images is the same on every machine.
#pragma once

#include <cstdint>
#include <vector>

namespace normbench {

// Returns 0 .. count - 1 in random order (Fisher-Yates on the counter-based generator). Orders of
// different streams of one seed are independent.
std::vector<uint32_t> RandomOrder(uint64_t seed, uint64_t stream, uint32_t count);

}  // namespace normbench
