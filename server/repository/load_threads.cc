// SPDX-License-Identifier: Apache-2.0
#include "server/repository/load_threads.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace normbench {

void ForEachIndex(size_t size, const LoadThreads& threads, absl::FunctionRef<void(size_t)> work) {
  std::atomic<size_t> next{0};
  const auto run = [&] {
    if (threads.init) threads.init();
    for (size_t index = next++; index < size; index = next++) work(index);
  };
  std::vector<std::jthread> running(std::min(size, static_cast<size_t>(threads.count)));
  for (std::jthread& thread : running) thread = std::jthread(run);
}

}  // namespace normbench
