// SPDX-License-Identifier: Apache-2.0
// The command lines of `normbench compare` and `normbench gate` as values.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace normbench {

// Forms that pipelines read, besides what is written to the folder.
struct VerdictOutputs {
  std::string junit = {}, markdown = {}, badge = {};  // paths; empty: not wanted
  bool annotations = false;                           // GitHub workflow commands on standard output
};

struct CompareArguments {
  std::string a, b;    // command lines of servers, or host:port
  std::string policy;  // POLICY.json
  std::string out;     // folder; empty: one of its own below normbench-results
  bool dry_run = false;
  bool pin = true;            // servers and client on processors of their own
  double start_seconds = 30;  // that a server has to be ready
  bool allow_faults = false;  // what follows may be asked for
  double fault_stall_seconds =
      0;  // the client stands still for so long before every hundredth request
  VerdictOutputs outputs = {};
};

struct GateArguments {
  std::string baseline, candidate;  // report.json, or the folder that has one
  std::string policy;               // POLICY.json; empty: the default, over all common cells
  bool across_machines = false;     // times of different environments may be compared
  VerdictOutputs outputs = {};
};

// `normbench gate selftest`.
struct SelftestArguments {
  std::string server = {};  // command line; empty: normbench-server beside this program
  std::vector<std::string> faults = {};  // by name; empty: all
};

void AddCompare(CLI::App* app, CompareArguments* arguments);
void AddGate(CLI::App* app, GateArguments* arguments, SelftestArguments* selftest);

// What is wrong with a command line that the parser accepts; empty: nothing.
std::string ProblemOf(const CLI::App& gate, const GateArguments& arguments);

}  // namespace normbench
