// SPDX-License-Identifier: Apache-2.0
#include "bench/host/allocator.h"

#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace normbench {
namespace {

constexpr int kMebibyte = 1 << 20;

struct Setting {
  int parameter;         // of mallopt
  const char* name;      // in reports and, behind "glibc.malloc.", in GLIBC_TUNABLES
  const char* variable;  // the older way to set it
  int mebibytes;
  int mebibytes_if_refused;
};

// Blocks over the threshold go back to the system when they are freed: where little may be kept, no
// single block may be most of it.
Setting MapThreshold(int kept_mebibytes) {
  const int mebibytes = std::clamp(kept_mebibytes / 4, 1, 64);
  return {M_MMAP_THRESHOLD, "mmap_threshold", "MALLOC_MMAP_THRESHOLD_", mebibytes,
          std::min(mebibytes, 32)};
}

Setting TrimThreshold(int mebibytes) {
  return {M_TRIM_THRESHOLD, "trim_threshold", "MALLOC_TRIM_THRESHOLD_", mebibytes, mebibytes};
}

// Returns the name of an allocator that has taken the place of glibc's, or "". Each is known by a
// function that only it has.
std::string OtherAllocator() {
  struct Known {
    const char* function;
    const char* name;
  };
  for (const Known& known :
       {Known{"__asan_init", "AddressSanitizer"}, Known{"__tsan_init", "ThreadSanitizer"},
        Known{"mallctl", "jemalloc"}, Known{"MallocExtension_ReleaseFreeMemory", "tcmalloc"},
        Known{"mi_version", "mimalloc"}}) {
    if (dlsym(RTLD_DEFAULT, known.function) != nullptr) return known.name;
  }
  return "";
}

// Returns what the user has set, or "".
std::string FromEnvironment(const Setting& setting) {
  if (const char* value = std::getenv(setting.variable); value != nullptr) return value;
  const char* tunables = std::getenv("GLIBC_TUNABLES");
  if (tunables == nullptr) return "";
  const std::string prefix = absl::StrCat("glibc.malloc.", setting.name, "=");
  for (absl::string_view tunable : absl::StrSplit(tunables, ':')) {
    if (absl::ConsumePrefix(&tunable, prefix)) return std::string(tunable);
  }
  return "";
}

// Returns "name=value" as it is now in force.
std::string Apply(const Setting& setting) {
  const std::string set = FromEnvironment(setting);
  if (!set.empty()) return absl::StrCat(setting.name, "=", set, "(environment)");
  for (int mebibytes : {setting.mebibytes, setting.mebibytes_if_refused}) {
    if (mallopt(setting.parameter, mebibytes * kMebibyte) == 1) {
      return absl::StrCat(setting.name, "=", mebibytes, "MiB");
    }
  }
  return absl::StrCat(setting.name, "=default");
}

}  // namespace

std::string KeepLargeBlocks(int kept_mebibytes) {
  std::string other = OtherAllocator();
  if (!other.empty()) return other;
  return absl::StrCat("glibc ", gnu_get_libc_version(), " ", Apply(MapThreshold(kept_mebibytes)),
                      " ", Apply(TrimThreshold(kept_mebibytes)));
}

}  // namespace normbench
