// SPDX-License-Identifier: Apache-2.0
// The command line of `normbench` as values. What a run measures lives in the sweep; flags say
// where, how much of it, and where the results go. Only arguments*.cc know CLI11.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/arguments_gate.h"
#include "client/arguments_remote.h"
#include "normbench/v1/sweep.pb.h"

namespace normbench {

// Where metrics go, besides the report.
struct MetricsArguments {
  std::optional<int> port = std::nullopt;  // on loopback, while the run lasts; 0: a free one
  std::string textfile = "";               // PATH.prom, for node_exporter
  std::string pushgateway = "";            // [http[s]://]HOST[:PORT]
};

// `normbench run`: exactly one of source, norm and model says what to measure.
struct RunArguments {
  std::string source;                   // SWEEP.json or a case key
  std::optional<v1::KernelSweep> norm;  // normbench run norm METHOD ...
  std::optional<v1::ModelSweep> model;  // normbench run --model M ...
  std::string server = "127.0.0.1:8001";
  std::string out;  // folder; empty: one of its own below normbench-results
  std::string filter;
  bool dry_run = false;
  double connect_timeout_seconds = 10;
  int visits = 0;               // to each case, as Sweep.visits; 0: as the sweep says
  std::string find_max = {};    // p99<20ms: search the highest rate; empty: as the case says
  double max_time_seconds = 0;  // a longer plan is refused; 0: any
  MetricsArguments metrics;
  std::optional<SubmitOptions> remote = std::nullopt;  // the server executes it by itself
};

struct SchemaArguments {
  std::string name;  // report | sweep | policy | comparison
};

struct ReportArguments {
  std::string path;  // report.json, or the folder that has one
  std::string format = "table";
};

struct ExplainArguments {
  std::string code;  // or name; empty: all
};

struct DoctorArguments {
  double seconds = 30;
  std::string format = "table";  // or json
};

// What the command line asks for. Where `exit_code` is set there is nothing to do but to print:
// help and version go to standard output (0), usage errors to standard error (2).
struct Arguments {
  std::optional<RunArguments> run;
  std::optional<SchemaArguments> schema;
  std::optional<ReportArguments> report = std::nullopt;
  std::optional<ExplainArguments> explain = std::nullopt;
  std::optional<CompareArguments> compare = std::nullopt;
  std::optional<GateArguments> gate = std::nullopt;
  std::optional<SelftestArguments> selftest = std::nullopt;
  std::optional<DoctorArguments> doctor = std::nullopt;
  std::optional<RemoteArguments> remote = std::nullopt;
  std::optional<int> exit_code;
  std::string text;
};

Arguments ParseArguments(const std::vector<std::string>& words);

}  // namespace normbench
