// SPDX-License-Identifier: Apache-2.0
// How large this machine's caches are, for measurements that are to find nothing in them.
#pragma once

#include <cstdint>
#include <string>

namespace normbench {

// Bytes of the last-level cache that the first CPU looks into, as `folder` (of the kernel's) says;
// what the C library says where it does not, and 32 MiB where neither does. The library knows only
// the sum over a socket, which may have many such caches.
int64_t LastLevelCacheBytes(const std::string& folder = "/sys/devices/system/cpu/cpu0/cache");

}  // namespace normbench
