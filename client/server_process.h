// SPDX-License-Identifier: Apache-2.0
// A server that was started for a comparison, and ends with it.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace normbench {

struct ServerCommand {
  // For the shell. {port} and {http_port} in it become free ports of loopback; without {port} the
  // flags of normbench-server that take ports of its own choice are added.
  std::string command;
  std::vector<int> cpus = {};  // it may use; empty: all
  double start_seconds = 30;   // until it listens
};

// In a process group of its own; its output goes to a file. Not thread-safe.
class ServerProcess {
 public:
  // Returns UNAVAILABLE with the end of its output where it ends or does not listen in time,
  // CANCELLED where stop() said so, INTERNAL where no process can be made.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> Start(const ServerCommand& command,
                                                              const std::function<bool()>& stop);
  // SIGTERM and again (the second one ends normbench-server at once), SIGKILL after five seconds.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  const std::string& address() const { return address_; }  // host:port

  // UNAVAILABLE with how it ended and the end of its output; OK while it runs.
  absl::Status Running();

  // That all its threads used so far, in seconds; 0 where it has ended.
  double CpuSeconds() const;

 private:
  ServerProcess() = default;

  absl::Status Spawn(const ServerCommand& command);
  absl::Status AwaitPorts(const ServerCommand& command, const std::function<bool()>& stop);
  std::string Output() const;
  bool Wait(int options);

  pid_t pid_ = -1;
  bool ended_ = false;
  int wait_status_ = 0;
  std::string folder_, address_;
};

}  // namespace normbench
