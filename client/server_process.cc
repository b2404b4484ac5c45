// SPDX-License-Identifier: Apache-2.0
#include "client/server_process.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "bench/report/strict_json.h"
#include "nlohmann/json.hpp"

namespace normbench {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPoll(10);
constexpr std::chrono::seconds kGrace(5);
constexpr std::streamoff kShownBytes = 2000;

// Free when it was asked for: whoever is told has to be quick.
int FreePort() {
  const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound =
      bind(socket_fd, generic, size) == 0 && getsockname(socket_fd, generic, &size) == 0;
  close(socket_fd);
  return bound ? ntohs(address.sin_port) : 0;
}

// What the child does before it is another program: only calls that are safe after fork.
[[noreturn]] void BecomeServer(const char* command, int output, const cpu_set_t* cpus,
                               pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // if the client is killed
  if (getppid() != parent) _exit(127);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);  // ours are blocked, and a server would inherit that
  const int input = open("/dev/null", O_RDONLY);  // not the terminal's, which is the client's
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  if (cpus != nullptr && sched_setaffinity(0, sizeof(*cpus), cpus) != 0) {
    constexpr std::string_view kWhy = "sched_setaffinity: no processor that it may use is there\n";
    if (write(STDERR_FILENO, kWhy.data(), kWhy.size()) < 0) _exit(126);
    _exit(127);
  }
  execl("/bin/sh", "sh", "-c", command, nullptr);
  _exit(127);
}

std::string HowItEnded(int wait_status) {
  if (WIFSIGNALED(wait_status)) return absl::StrCat("killed by signal ", WTERMSIG(wait_status));
  return absl::StrCat("exit ", WEXITSTATUS(wait_status));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::Start(
    const ServerCommand& command, const std::function<bool()>& stop) {
  std::unique_ptr<ServerProcess> process(new ServerProcess());
  std::error_code error;
  const auto temporary = std::filesystem::temp_directory_path(error);
  std::string folder = (temporary / "normbench-XXXXXX").string();
  if (error || mkdtemp(folder.data()) == nullptr) {
    return absl::InternalError(
        absl::StrCat(folder, ": ", error ? error.message() : std::strerror(errno)));
  }
  process->folder_ = folder;
  if (absl::Status status = process->Spawn(command); !status.ok()) return status;
  if (absl::Status status = process->AwaitPorts(command, stop); !status.ok()) return status;
  return process;
}

absl::Status ServerProcess::Spawn(const ServerCommand& command) {
  // exec env: the shell becomes the server, also behind VARIABLE=value.
  std::string line = absl::StrCat("exec env ", command.command);
  if (absl::StrContains(line, "{port}")) {
    const int port = FreePort();
    address_ = absl::StrCat("127.0.0.1:", port);
    line = absl::StrReplaceAll(
        line, {{"{port}", absl::StrCat(port)}, {"{http_port}", absl::StrCat(FreePort())}});
  } else {
    absl::StrAppend(&line, " --listen 127.0.0.1:0 --http 127.0.0.1:0 --print-ports '", folder_,
                    "/ports'");
  }
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  for (const int cpu : command.cpus) CPU_SET(static_cast<size_t>(cpu), &cpus);
  const int output =
      open((folder_ + "/output").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (output < 0) return absl::InternalError(absl::StrCat(folder_, ": ", std::strerror(errno)));
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) BecomeServer(line.c_str(), output, command.cpus.empty() ? nullptr : &cpus, parent);
  close(output);
  if (pid_ < 0) return absl::InternalError(absl::StrCat("fork: ", std::strerror(errno)));
  setpgid(pid_, pid_);
  return absl::OkStatus();
}

absl::Status ServerProcess::AwaitPorts(const ServerCommand& command,
                                       const std::function<bool()>& stop) {
  if (!address_.empty()) return absl::OkStatus();  // told which; health says when
  const auto end = steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(
                                             std::chrono::duration<double>(command.start_seconds));
  while (steady_clock::now() < end) {
    if (stop()) return absl::CancelledError("interrupted");
    if (absl::Status ended = Running(); !ended.ok()) return ended;
    if (const auto text = ReadJsonFile(folder_ + "/ports"); text.ok()) {
      const auto ports = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
      if (ports.is_object() && ports.contains("grpc") && ports["grpc"].is_string()) {
        address_ = ports["grpc"].get<std::string>();
        return absl::OkStatus();
      }
    }
    std::this_thread::sleep_for(kPoll);
  }
  return absl::UnavailableError(absl::StrCat(command.command, ": did not listen within ",
                                             command.start_seconds, " s", Output()));
}

std::string ServerProcess::Output() const {
  std::ifstream file(folder_ + "/output", std::ios::binary | std::ios::ate);
  const std::streamoff size = file.tellg();
  file.seekg(std::max<std::streamoff>(0, size - kShownBytes));
  std::ostringstream text;
  text << file.rdbuf();
  const std::string output = text.str();
  if (output.empty()) return "; it said nothing";
  return absl::StrCat("; it said:\n", size > kShownBytes ? "... " : "", output);
}

bool ServerProcess::Wait(int options) {
  if (!ended_ && pid_ > 0 && waitpid(pid_, &wait_status_, options) == pid_) ended_ = true;
  return ended_;
}

absl::Status ServerProcess::Running() {
  if (!Wait(WNOHANG)) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("the server ended: ", HowItEnded(wait_status_), Output()));
}

double ServerProcess::CpuSeconds() const {
  clockid_t clock;
  timespec time{};
  if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

ServerProcess::~ServerProcess() {
  const auto end = steady_clock::now() + kGrace;
  for (int sent = 0; pid_ > 0 && !Wait(WNOHANG) && steady_clock::now() < end; ++sent) {
    if (sent < 3) kill(-pid_, SIGTERM);  // two may be taken for one
    std::this_thread::sleep_for(kPoll);
  }
  if (pid_ > 0 && !ended_) {
    kill(-pid_, SIGKILL);
    Wait(0);
  }
  if (pid_ > 0) kill(-pid_, SIGKILL);  // what it has left behind in its group
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

}  // namespace normbench
