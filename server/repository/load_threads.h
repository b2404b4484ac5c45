// SPDX-License-Identifier: Apache-2.0
// A few threads for loading many models.
#pragma once

#include <cstddef>
#include <functional>

#include "absl/functional/function_ref.h"

namespace normbench {

struct LoadThreads {
  int count = 1;                         // at least 1
  std::function<void()> init = nullptr;  // called once on each before its first load; null: nothing
};

// Calls `work` once with each index below `size`, in any order, on at most threads.count threads of
// its own; returns when all calls have ended. `work` is called by many at once.
void ForEachIndex(size_t size, const LoadThreads& threads, absl::FunctionRef<void(size_t)> work);

}  // namespace normbench
