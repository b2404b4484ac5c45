// SPDX-License-Identifier: Apache-2.0
// A program of ours, started for one benchmark and stopped with it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace normbench {

class Process {
 public:
  // Starts `arguments` (program first), its output in `log_file`.
  static absl::StatusOr<Process> Start(const std::vector<std::string>& arguments,
                                       const std::string& log_file);
  Process(Process&& other) noexcept : pid_(other.pid_) { other.pid_ = 0; }
  Process& operator=(Process&&) = delete;
  ~Process();  // SIGTERM, then waits

  // Waits until the program has written its addresses to `ports_file`, has ended, or `limit` is
  // over: LibTorch alone may take ten seconds on a cold, busy machine.
  absl::Status WaitForFile(const std::string& ports_file,
                           std::chrono::milliseconds limit = std::chrono::seconds(60));

  // Waits for the end; returns the exit code.
  int Wait();

 private:
  explicit Process(pid_t pid) : pid_(pid) {}
  pid_t pid_ = 0;
};

}  // namespace normbench
