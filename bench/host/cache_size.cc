// SPDX-License-Identifier: Apache-2.0
#include "bench/host/cache_size.h"

#include <unistd.h>

#include <initializer_list>

namespace normbench {

int64_t LastLevelCacheBytes() {
  for (const int level : {_SC_LEVEL4_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE, _SC_LEVEL2_CACHE_SIZE}) {
    if (const long bytes = sysconf(level); bytes > 0) return bytes;
  }
  return int64_t{32} << 20;
}

}  // namespace normbench
