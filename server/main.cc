// SPDX-License-Identifier: Apache-2.0
// normbench-server: parse, start, say so, wait for a signal, drain.
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "bench/host/allocator.h"
#include "bench/host/host.h"
#include "bench/host/lock_checks.h"
#include "bench/report/version.h"
#include "google/protobuf/stubs/logging.h"
#include "server/command_line.h"
#include "server/ports_file.h"
#include "server/server.h"
#include "server/termination.h"

namespace normbench {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

int Fail(const absl::Status& status, int exit_code) {
  std::fprintf(stderr, "normbench-server: %s\n", std::string(status.message()).c_str());
  return exit_code;
}

absl::StatusOr<std::unique_ptr<Server>> Start(const ServerStart& start) {
  const StopSignalsActAtOnce at_once;  // loading models may take long
  return Server::Start(start);
}

int Serve(const ServerStart& start) {
  const absl::StatusOr<std::unique_ptr<Server>> server = Start(start);
  if (!server.ok()) return Fail(server.status(), kFailed);
  for (const std::string& line : (*server)->Summary()) {
    std::printf("%s\n", line.c_str());
  }
  std::fflush(stdout);
  if (!start.options.ports_file.empty()) {
    const absl::Status written = WritePortsFile(start.options.ports_file, (*server)->addresses());
    if (!written.ok()) return Fail(written, kFailed);
  }
  const int signal = WaitForStopSignal();
  std::printf("%s: draining; a second signal ends at once\n", strsignal(signal));
  std::fflush(stdout);
  (*server)->Drain();
  return 0;
}

int Main(int argc, char** argv) {
  const absl::StatusOr<ServerCommandLine> line = ParseServerCommandLine(
      argc, argv,
      absl::StrCat("normbench-server ", std::string(Version()), " (", std::string(GitSha()), ")"));
  if (!line.ok()) return Fail(line.status(), kUsage);
  if (!line->text.empty()) {
    std::printf("%s", line->text.c_str());
    return 0;
  }
  BlockStopSignals();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file at its limit is an error of what is written
  StopLockChecks();
  // Or every malformed message of a client would be a line on standard error.
  google::protobuf::SetLogHandler(nullptr);
  const HostFacts host = ReadHostFacts();
  const ServerOptions options = WithMachineDefaults(line->options, host.cpus, host.memory_bytes);
  return Serve({options, host, KeepLargeBlocks(Divide(options.memory_budget).kept_mebibytes)});
}

}  // namespace
}  // namespace normbench

int main(int argc, char** argv) {
  return normbench::Main(argc, argv);
}
