// SPDX-License-Identifier: Apache-2.0
#include "client/selftest.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "bench/gate/policy.h"
#include "bench/report/exit_code.h"
#include "client/compare_servers.h"
#include "client/failure.h"
#include "client/fault_outcome.h"

namespace normbench {
namespace {

struct Fault {
  std::string_view name;
  std::string_view flags;  // of B; empty: none
  std::string_view cell;   // that shows it
  std::string_view metric;
  double margin = 0.05;
  double cell_seconds = 0.4;
  double client_stall_seconds = 0;
  ExitCode expected = ExitCode::kExpectation;
};

// Sizes for which the fault is a good part of what is measured, and which a small machine does in a
// millisecond.
constexpr std::array kFaults = {
    Fault{.name = "none",
          .flags = "",
          .cell = "norm/group?impl=native&shape=8x64x56x56",
          .metric = "p50",
          .margin = 0.25,
          .cell_seconds = 0.1,
          .expected = ExitCode::kOk},
    Fault{.name = "mean",
          .flags = "--fault-delay 60%",
          .cell = "norm/group?impl=native&shape=8x64x56x56",
          .metric = "p50",
          .margin = 0.25,
          .cell_seconds = 0.1},
    // One piece of work in a hundred is slow, and with it the four requests that wait behind it: by
    // ten milliseconds, more than the few that others on the same processor cost once in a hundred
    // times.
    Fault{.name = "tail",
          .flags = "--fault-tail 1000%",
          .cell = "service/group?impl=reference&shape=1x64x56x56&in_flight=4",
          .metric = "p99",
          .margin = 0.10,
          .cell_seconds = 0.8},
    Fault{.name = "cpu",
          .flags = "--fault-cpu 200%",
          .cell = "service/group?impl=reference&shape=1x32x28x28",
          .metric = "cpu_s_per_request",
          .margin = 0.02},  // what a core has left between requests is a tenth of their CPU time
    Fault{.name = "numeric",
          .flags = "--fault-numeric 0.001",
          .cell = "norm/group?impl=native&shape=1x64x56x56",
          .metric = "p50",
          .cell_seconds = 0.1,
          .expected = ExitCode::kAccuracy},
    Fault{.name = "client stall",
          .flags = "",
          .cell = "service/group?impl=native&shape=1x32x28x28&arrivals=poisson:300",
          .metric = "p50",
          .client_stall_seconds = 0.05,
          .expected = ExitCode::kClientLimited}};

// All of them where none is named.
absl::StatusOr<std::vector<Fault>> FaultsOf(const std::vector<std::string>& names) {
  if (names.empty()) return std::vector<Fault>(kFaults.begin(), kFaults.end());
  std::vector<Fault> faults;
  for (const std::string& name : names) {
    const auto* const found = std::find_if(kFaults.begin(), kFaults.end(),
                                           [&](const Fault& fault) { return fault.name == name; });
    if (found == kFaults.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--fault: '", name,
          "'; allowed: ", absl::StrJoin(kFaults, ", ", [](std::string* out, const Fault& fault) {
            absl::StrAppend(out, std::string(fault.name));
          })));
    }
    faults.push_back(*found);
  }
  return faults;
}

absl::StatusOr<v1::Policy> PolicyOf(const Fault& fault) {
  v1::Policy policy;
  policy.set_version(kPolicyVersion);
  policy.set_name("selftest");
  v1::KeyedSweep& cell = *policy.add_cells();
  cell.add_key(std::string(fault.cell));
  cell.set_seconds(fault.cell_seconds);
  cell.set_warmup_seconds(0.1);
  v1::GatedMetric& metric = *policy.add_metrics();
  metric.set_metric(std::string(fault.metric));
  metric.set_margin(fault.margin);
  policy.set_rounds(8);
  policy.set_extension_rounds(8);
  policy.set_confirmation_rounds(6);
  policy.set_max_detectable(100);  // what the noise hides is INCONCLUSIVE here, not a wrong policy
  return CompletePolicy(policy);
}

// normbench-server beside this program.
std::string OwnServer() {
  std::error_code error;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return "normbench-server";
  return absl::StrCat("'", (own.parent_path() / "normbench-server").string(), "'");
}

v1::Comparison Run(const Fault& fault, const v1::Policy& policy, const std::string& server,
                   const CpuSplit& cpus, const RunContext& context) {
  std::string faulty = server;
  if (!fault.flags.empty()) absl::StrAppend(&faulty, " --allow-faults ", std::string(fault.flags));
  return CompareServers({.policy = policy, .allocator = context.allocator},
                        {.a = server,
                         .b = faulty,
                         .cpus = cpus,
                         .fault_stall_seconds = fault.client_stall_seconds,
                         .stop = context.stop});
}

}  // namespace

int Selftest(const SelftestArguments& arguments, const RunContext& context) {
  const auto faults = FaultsOf(arguments.faults);
  if (!faults.ok()) return Fail(faults.status());
  const std::string server = arguments.server.empty() ? OwnServer() : arguments.server;
  const CpuSplit cpus = SplitCpus();
  if (absl::Status pinned = UseCpus(cpus.client); !pinned.ok()) return Fail(pinned);
  std::vector<ExitCode> codes;
  for (const Fault& fault : *faults) {
    const auto policy = PolicyOf(fault);
    if (!policy.ok()) return Fail(policy.status());
    const v1::Comparison comparison = Run(fault, *policy, server, cpus, context);
    const FaultOutcome outcome = OutcomeOf(fault.expected, comparison);
    codes.push_back(outcome.code);
    std::cout << absl::StrFormat("%-13s expected exit %d   %s   (%.0f s)\n",
                                 std::string(fault.name), static_cast<int>(fault.expected),
                                 outcome.text, comparison.duration_seconds())
              << std::flush;
    // What cannot be measured once will not be the next time, and may take minutes each time.
    if (outcome.code == ExitCode::kInterrupted || outcome.code == ExitCode::kTransport) break;
  }
  const ExitCode worst = WorstOutcome(codes);
  std::cout << "selftest "
            << (worst == ExitCode::kOk ? "every fault was noticed" : std::string(Describe(worst)))
            << "   exit " << static_cast<int>(worst) << "\n";
  return static_cast<int>(worst);
}

}  // namespace normbench
