// SPDX-License-Identifier: Apache-2.0
#include "client/arguments_gate.h"

#include <CLI/CLI.hpp>

namespace normbench {
namespace {

constexpr char kCompareExamples[] = R"(Examples:
  normbench compare --a './old/normbench-server' --b './new/normbench-server' --policy gate.json
  normbench compare --a 10.0.0.1:8001 --b 10.0.0.2:8001 --policy gate.json

Each round visits A, A again (A') and B in random order, a fresh server each time where a command is given;
{port} in a command becomes a free port, without it --listen, --http and --print-ports are added.

Exit codes: 0 not slower, 1 a server could not be measured, 2 usage, or a policy that the noise cannot support,
3 regressed, 4 wrong answers, 5 inconclusive or unstable host, 6 the client limited the schedule, 130 interrupted.
)";

constexpr char kGateExamples[] = R"(Examples:
  normbench gate --baseline main/report.json --candidate results
  normbench gate --baseline main/report.json --candidate results --policy gate.json --junit gate.xml

Answers are compared always: exit 4. Times are where machine, compiler, libraries and settings of the servers, the way
to them and, of requests, the clients' machines are the same: p50, p90 and p99, by their intervals over visits (`normbench
run --visits 10`). Of samples_per_s a report has none: without a policy it is left out, of a policy it stays open.

Exit codes as of compare, without 3 and 6: a report is of one server process, which cannot convict.
)";

void AddOutputs(CLI::App* verb, VerdictOutputs* outputs) {
  verb->add_option("--junit", outputs->junit, "The verdict as JUnit XML, to this file");
  verb->add_option("--markdown", outputs->markdown,
                   "A summary to this file, fit for a comment that is updated in place");
  verb->add_option("--badge", outputs->badge, "Badge JSON (shields.io endpoint), to this file");
  verb->add_flag("--annotations", outputs->annotations,
                 "GitHub workflow commands on standard output");
}

}  // namespace

void AddCompare(CLI::App* app, CompareArguments* arguments) {
  CLI::App* compare = app->add_subcommand("compare", "Is B slower than A? Two servers, in rounds");
  compare->footer(kCompareExamples);
  compare->add_option("--a", arguments->a, "Baseline: a server's command line, or host:port")
      ->required();
  compare->add_option("--b", arguments->b, "Candidate: likewise")->required();
  compare->add_option("--policy", arguments->policy, "POLICY.json: cells, metrics, margins, budget")
      ->required();
  compare->add_option(
      "--out", arguments->out,
      "Folder for comparison.json and its other forms (default normbench-results/...)");
  compare->add_flag("--dry-run", arguments->dry_run, "Print plan and cells, start nothing");
  compare->add_flag(
      "!--no-pin", arguments->pin,
      "Let servers and client share all processors (default: the last one is the client's)");
  compare
      ->add_option("--start-timeout", arguments->start_seconds,
                   "Seconds that a server has to be ready (default 30)")
      ->check(CLI::Range(0.1, 3600.0));
  compare->add_flag("--allow-faults", arguments->allow_faults, "Let --fault-stall be asked for");
  compare
      ->add_option("--fault-stall", arguments->fault_stall_seconds,
                   "Seconds that the client stands still before every hundredth request, to see "
                   "that an open "
                   "loop says so")
      ->check(CLI::Range(0.0, 1.0));
  AddOutputs(compare, &arguments->outputs);
}

void AddGate(CLI::App* app, GateArguments* arguments, SelftestArguments* selftest) {
  CLI::App* gate = app->add_subcommand("gate", "Is a kept report worse than another one?");
  gate->footer(kGateExamples);
  gate->add_option("--baseline", arguments->baseline, "report.json, or the folder of a run");
  gate->add_option("--candidate", arguments->candidate, "likewise");
  gate->add_option("--policy", arguments->policy,
                   "POLICY.json (default: all common cells, p50 by 5 %, p99 of requests by 10 %)");
  gate->add_flag("--across-machines", arguments->across_machines,
                 "Compare times although the environments differ");
  AddOutputs(gate, &arguments->outputs);
  CLI::App* test = gate->add_subcommand("selftest",
                                        "Inject faults into a server of ours: does the gate notice "
                                        "each of them? About four minutes");
  test->add_option("--server", selftest->server,
                   "Its command line (default: normbench-server beside this program)");
  test->add_option("--fault", selftest->faults,
                   "Only this one, as its line names it; may be given several times")
      ->allow_extra_args(false);
}

std::string ProblemOf(const CLI::App& gate, const GateArguments& arguments) {
  if (gate.got_subcommand("selftest")) return "";
  if (arguments.baseline.empty()) return "--baseline is required";
  if (arguments.candidate.empty()) return "--candidate is required";
  return "";
}

}  // namespace normbench
