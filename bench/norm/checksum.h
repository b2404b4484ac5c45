// SPDX-License-Identifier: Apache-2.0
// One number that tells whether two answers have the same bits: XXH3, 64 bits.
#pragma once

#include <cstddef>
#include <cstdint>

namespace normbench {

uint64_t Checksum(const void* data, size_t bytes, uint64_t seed = 0);

}  // namespace normbench
