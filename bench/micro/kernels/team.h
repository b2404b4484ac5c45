// SPDX-License-Identifier: Apache-2.0
// Threads that do equal parts of one thing at once, for the copy. Not the pool of the native
// kernel: a yardstick must not get longer with what it measures.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"

namespace normbench {

class Team {
 public:
  // Starts members - 1 threads, the caller of Run is one too. REQUIRES: members >= 1.
  explicit Team(int members);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int members() const { return static_cast<int>(threads_.size()) + 1; }

  // Calls work(member) once for each member, all at once, and returns when all have. One caller at
  // a time.
  void Run(absl::FunctionRef<void(int member)> work);

 private:
  void Help(int member);

  const absl::FunctionRef<void(int)>* work_ = nullptr;
  std::atomic<uint64_t> round_{0};  // grows when there is work; odd: the end
  std::atomic<int> busy_{0};
  std::vector<std::thread> threads_;
};

}  // namespace normbench
