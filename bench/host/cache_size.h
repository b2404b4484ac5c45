// SPDX-License-Identifier: Apache-2.0
// How large this machine's caches are, for measurements that are to find nothing in them.
#pragma once

#include <cstdint>

namespace normbench {

// Bytes of the last-level cache; 32 MiB where the system does not say.
int64_t LastLevelCacheBytes();

}  // namespace normbench
