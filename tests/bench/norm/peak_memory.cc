// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/norm/peak_memory.h"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace normbench {
namespace {

thread_local int64_t live = 0;
thread_local int64_t peak = 0;

}  // namespace

int64_t PeakBytes(absl::FunctionRef<void()> work) {
  const int64_t before = live;
  peak = live;
  work();
  return peak - before;
}

}  // namespace normbench

void* operator new(std::size_t bytes) {
  void* const memory = std::malloc(std::max<std::size_t>(bytes, 1));
  if (memory == nullptr) throw std::bad_alloc();
  normbench::live += static_cast<int64_t>(malloc_usable_size(memory));
  normbench::peak = std::max(normbench::peak, normbench::live);
  return memory;
}

void operator delete(void* memory) noexcept {
  normbench::live -= static_cast<int64_t>(malloc_usable_size(memory));
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  operator delete(memory);
}
