// SPDX-License-Identifier: Apache-2.0
// The only file of the server that sees CLI11; its exceptions end here.
#include "server/command_line.h"

#include <CLI/CLI.hpp>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/norm/nearest.h"
#include "server/memory_size.h"

namespace normbench {
namespace {

absl::Status UnknownArgument(const CLI::App& app, const std::string& argument) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options()) {
    flags.push_back(option->get_name());
  }
  const std::string name = argument.substr(0, argument.find('='));
  const std::string nearest = Nearest(name, flags);
  return absl::InvalidArgumentError(
      absl::StrCat("unknown argument '", argument, "'",
                   nearest.empty() ? "; --help lists what there is" : "; nearest: " + nearest));
}

void AddFlags(CLI::App& app, ServerOptions& options, std::string& budget) {
  const auto add = [&app](const char* flag, auto& value, const char* help, const char* form) {
    app.add_option(flag, value, help)->type_name(form)->take_last();
  };
  add("--listen", options.listen, "gRPC address (default 127.0.0.1:8001; port 0: a free one)",
      "HOST:PORT");
  add("--http", options.http,
      "address of /metrics and /v2/health (default 127.0.0.1:8002; port 0: a free one)",
      "HOST:PORT");
  add("--models", options.models, "folder of the model repository (default: no models)", "DIR");
  add("--device", options.device, "auto, cpu, cuda or cuda:N (default auto)", "DEVICE");
  add("--workers", options.workers, "threads that compute (default: one per core)", "N");
  add("--memory-budget", budget,
      "memory for messages and tensors (default: 4GB or half of the memory, the smaller)", "SIZE");
  add("--max-queued", options.max_queued, "requests that may wait for a worker (default 1024)",
      "N");
  add("--drain-seconds", options.drain_seconds,
      "what running requests get to end after SIGTERM (default 30)", "SECONDS");
  add("--ready-gap", options.ready_gap_seconds,
      "time between saying not ready and refusing connections (default 1)", "SECONDS");
  app.add_flag("--allow-compression", options.allow_compression,
               "accept gzip and deflate messages: they can pass the memory budget");
  add("--print-ports", options.ports_file, "write the addresses in use to FILE, once ready",
      "FILE");
}

}  // namespace

absl::StatusOr<ServerCommandLine> ParseServerCommandLine(int argc, const char* const* argv,
                                                         const std::string& version) {
  ServerCommandLine result;
  std::string budget;
  CLI::App app("Normalization and inference over gRPC, with metrics.", "normbench-server");
  app.allow_extras();
  app.set_version_flag("--version", version);
  AddFlags(app, result.options, budget);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    result.text = app.help();
    return result;
  } catch (const CLI::CallForVersion&) {
    result.text = version + "\n";
    return result;
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(error.what());
  }
  if (!app.remaining().empty()) return UnknownArgument(app, app.remaining().front());
  if (!budget.empty()) {
    const absl::StatusOr<int64_t> bytes = ParseMemorySize(budget);
    if (!bytes.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--memory-budget: ", bytes.status().message()));
    }
    result.options.memory_budget = *bytes;
  }
  if (absl::Status status = Validate(result.options); !status.ok()) return status;
  return result;
}

}  // namespace normbench
