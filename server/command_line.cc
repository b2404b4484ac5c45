// SPDX-License-Identifier: Apache-2.0
// The only file of the server that sees CLI11; its exceptions end here.
#include "server/command_line.h"

#include <CLI/CLI.hpp>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
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

// What the flags say in words that are read after the parsing.
struct Words {
  std::string budget;
  std::string stall;
  FaultWords faults;
};

// Of a flag that is given again the last one counts.
template <typename Value>
void Add(CLI::App& app, const char* flag, Value& value, const char* help, const char* form) {
  app.add_option(flag, value, help)->type_name(form)->take_last();
}

void AddFaultFlags(CLI::App& app, ServerOptions& options, Words& words) {
  app.add_flag("--allow-faults", options.allow_faults, "accept flags that make the server worse");
  Add(app, "--fault-stall", words.stall,
      "all workers stand still once for so long, for example 1s, or 1s@3s: 3 s after the first "
      "request (default 1 s)",
      "TIME[@AFTER]");
  Add(app, "--fault-delay", words.faults.delay,
      "busy work of this share of its time after each piece of work: a normalization, a batch of a "
      "model; 20%, up to 1000%",
      "PERCENT");
  Add(app, "--fault-tail", words.faults.tail,
      "the same after one in a hundred pieces of work; 500%, up to 1000%", "PERCENT");
  Add(app, "--fault-cpu", words.faults.cpu,
      "CPU time of this share of the computing time, burned at idle priority: no latency, as far "
      "as the system can help it; 50%, up to 1000%",
      "PERCENT");
  Add(app, "--fault-numeric", words.faults.numeric,
      "one value of each answer is wrong by this share of the largest; of a model, also another "
      "class wins for one sample in ten; 1e-3, up to 1",
      "SHARE");
}

void AddFlags(CLI::App& app, ServerOptions& options, Words& words) {
  const auto add = [&app](const char* flag, auto& value, const char* help, const char* form) {
    Add(app, flag, value, help, form);
  };
  add("--listen", options.listen, "gRPC address (default 127.0.0.1:8001; port 0: a free one)",
      "HOST:PORT");
  add("--http", options.http,
      "address of /metrics and /v2/health (default 127.0.0.1:8002; port 0: a free one)",
      "HOST:PORT");
  add("--models", options.models, "folder of the model repository (default: no models)", "DIR");
  add("--model-control", options.model_control,
      "none: all models, once, at start; explicit: clients load and unload them; poll: all models, "
      "as their folders change (default none)",
      "WORD");
  add("--poll-seconds", options.poll_seconds,
      "poll: time between two looks at the folders (default 15)", "SECONDS");
  app.add_option("--load-model", options.load_models,
                 "explicit: a model to load at start, * for all; may be given again")
      ->type_name("NAME")
      ->allow_extra_args(false);
  add("--device", options.device, "auto, cpu, cuda or cuda:N (default auto)", "DEVICE");
  add("--workers", options.workers, "threads that compute (default: one per core)", "N");
  add("--memory-budget", words.budget,
      "memory for messages and tensors (default: 4GB or half of the memory, the smaller)", "SIZE");
  add("--max-queued", options.max_queued, "requests that may wait for a worker (default 1024)",
      "N");
  add("--drain-seconds", options.drain_seconds,
      "what running requests get to end after SIGTERM (default 30)", "SECONDS");
  add("--ready-gap", options.ready_gap_seconds,
      "time between saying not ready and refusing connections (default 1)", "SECONDS");
  app.add_flag("--strict-readiness", options.strict_readiness,
               "say ready only while no model has failed to load");
  add("--shared-memory", options.shared_memory,
      "clients may register system shared memory: on, off, or auto: on where --listen is a "
      "loopback address (default auto)",
      "WORD");
  add("--audit-batching", options.audit_batching,
      "share of the batches of several requests that run again in idle time, each request alone, "
      "to count answers that differ (default 0)",
      "SHARE");
  app.add_flag("--allow-compression", options.allow_compression,
               "accept gzip and deflate messages: they can pass the memory budget");
  AddFaultFlags(app, options, words);
  add("--trace-file", options.trace_file,
      "append a line of JSON for each traced inference request to FILE (default: none is traced)",
      "FILE");
  add("--trace-rate", options.trace_rate,
      "trace every N-th inference request, and those whose traceparent is sampled; 0: only these "
      "(default 1000)",
      "N");
  add("--print-ports", options.ports_file, "write the addresses in use to FILE, once ready",
      "FILE");
}

void AddRunFlags(CLI::App& app, ServerOptions& options) {
  const auto add = [&app](const char* flag, auto& value, const char* help, const char* form) {
    app.add_option(flag, value, help)->type_name(form)->take_last();
  };
  add("--history", options.history,
      "execute whole sweeps on request and keep the results in FILE (default: none)", "FILE");
  add("--history-keep", options.history_keep, "results kept, the newest (default 10000)", "N");
  add("--history-days", options.history_days, "days that results are kept (default 90)", "DAYS");
  add("--max-run-seconds", options.max_run_seconds,
      "what the plan of a run on request may take (default 3600)", "SECONDS");
}

absl::Status ReadBudget(const std::string& text, ServerOptions* options) {
  if (text.empty()) return absl::OkStatus();
  const absl::StatusOr<int64_t> bytes = ParseMemorySize(text);
  if (!bytes.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("--memory-budget: ", bytes.status().message()));
  }
  options->memory_budget = *bytes;
  return absl::OkStatus();
}

bool ReadTime(const std::string& text, double* seconds) {
  absl::Duration time;
  if (!absl::ParseDuration(text, &time)) return false;
  *seconds = absl::ToDoubleSeconds(time);
  return true;
}

absl::Status ReadStall(const std::string& text, ServerOptions* options) {
  if (text.empty()) return absl::OkStatus();
  const size_t at = text.find('@');
  const bool good = ReadTime(text.substr(0, at), &options->fault_stall_seconds) &&
                    (at == std::string::npos ||
                     ReadTime(text.substr(at + 1), &options->fault_stall_after_seconds));
  if (good) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--fault-stall: '", text, "'; allowed: times with a unit, 500ms, 1s or 1s@3s"));
}

}  // namespace

absl::StatusOr<ServerCommandLine> ParseServerCommandLine(int argc, const char* const* argv,
                                                         const std::string& version) {
  ServerCommandLine result;
  Words words;
  CLI::App app("Normalization and inference over gRPC, with metrics.", "normbench-server");
  app.allow_extras();
  app.set_version_flag("--version", version);
  AddFlags(app, result.options, words);
  AddRunFlags(app, result.options);
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
  if (absl::Status status = ReadBudget(words.budget, &result.options); !status.ok()) return status;
  if (absl::Status status = ReadStall(words.stall, &result.options); !status.ok()) return status;
  if (absl::Status status = ReadFaults(words.faults, result.options.faults); !status.ok()) {
    return status;
  }
  if (absl::Status status = Validate(result.options); !status.ok()) return status;
  return result;
}

}  // namespace normbench
