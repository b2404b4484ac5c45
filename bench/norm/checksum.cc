// SPDX-License-Identifier: Apache-2.0
#include "bench/norm/checksum.h"

#include <xxhash.h>

namespace normbench {

uint64_t Checksum(const void* data, size_t bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(data, bytes, seed);
}

}  // namespace normbench
