// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/rpc/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace normbench {

absl::StatusOr<Process> Process::Start(const std::vector<std::string>& arguments,
                                       const std::string& log_file) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, log_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                   0644);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return absl::NotFoundError(absl::StrCat("cannot start ", arguments[0], ": errno ", error));
  }
  return Process(pid);
}

Process::~Process() {
  if (pid_ == 0) return;
  kill(pid_, SIGTERM);
  Wait();
}

absl::Status Process::WaitForFile(const std::string& ports_file, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!std::filesystem::exists(ports_file)) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = 0;
      return absl::InternalError(absl::StrCat("the process that writes ", ports_file, " ended"));
    }
    if (std::chrono::steady_clock::now() > deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat("no ", ports_file, " after ", limit.count() / 1000.0, " s"));
    }
    usleep(20000);
  }
  return absl::OkStatus();
}

int Process::Wait() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

}  // namespace normbench
