// SPDX-License-Identifier: Apache-2.0
#include "bench/host/cache_size.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <initializer_list>

#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

constexpr int kMostCaches = 8;  // instructions and data apart

// Bytes of a file that says "32768K"; 0: it is not there.
int64_t SizeIn(const std::string& path) {
  std::ifstream file(path);
  int64_t size = 0;
  char unit = ' ';
  file >> size >> unit;
  return unit == 'K' ? size << 10 : unit == 'M' ? size << 20 : size;
}

}  // namespace

int64_t LastLevelCacheBytes(const std::string& folder) {
  int64_t largest = 0;
  for (int i = 0; i < kMostCaches; ++i) {
    largest = std::max(largest, SizeIn(absl::StrCat(folder, "/index", i, "/size")));
  }
  if (largest > 0) return largest;
  for (const int level : {_SC_LEVEL4_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE, _SC_LEVEL2_CACHE_SIZE}) {
    if (const long bytes = sysconf(level); bytes > 0) return bytes;
  }
  return int64_t{32} << 20;
}

}  // namespace normbench
