// SPDX-License-Identifier: Apache-2.0
#include "client/selftest.h"

#include <array>
#include <filesystem>
#include <iostream>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/gate/policy.h"
#include "bench/report/exit_code.h"
#include "client/compare_servers.h"
#include "client/failure.h"

namespace normbench {
namespace {

struct Fault {
  std::string_view name;
  std::string_view flags;  // of B; empty: none
  std::string_view cell;   // that shows it
  std::string_view metric;
  double margin = 0.05;
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
          .expected = ExitCode::kOk},
    Fault{.name = "mean",
          .flags = "--fault-delay 60%",
          .cell = "norm/group?impl=native&shape=8x64x56x56",
          .metric = "p50"},
    // One piece of work in a hundred is slow, and with it the four requests that wait behind it.
    Fault{.name = "tail",
          .flags = "--fault-tail 1000%",
          .cell = "service/group?impl=reference&shape=1x32x28x28&in_flight=4",
          .metric = "p99",
          .margin = 0.10},
    Fault{.name = "cpu",
          .flags = "--fault-cpu 200%",
          .cell = "service/group?impl=reference&shape=1x32x28x28",
          .metric = "cpu_s_per_request",
          .margin = 0.02},  // what a core has left between requests is a tenth of their CPU time
    Fault{.name = "numeric",
          .flags = "--fault-numeric 0.001",
          .cell = "norm/group?impl=native&shape=1x64x56x56",
          .metric = "p50",
          .expected = ExitCode::kAccuracy},
    Fault{.name = "client stall",
          .flags = "",
          .cell = "service/group?impl=native&shape=1x32x28x28&arrivals=poisson:300",
          .metric = "p50",
          .client_stall_seconds = 0.05,
          .expected = ExitCode::kClientLimited}};

absl::StatusOr<v1::Policy> PolicyOf(const Fault& fault) {
  v1::Policy policy;
  policy.set_version(kPolicyVersion);
  policy.set_name("selftest");
  v1::KeyedSweep& cell = *policy.add_cells();
  cell.add_key(std::string(fault.cell));
  cell.set_seconds(fault.cell.starts_with("norm/") ? 0.1 : 0.4);
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

struct Outcome {
  ExitCode code = ExitCode::kOk;  // of the self-test, because of this fault
  std::string text;
};

Outcome OutcomeOf(const Fault& fault, const v1::Comparison& comparison) {
  const auto got = static_cast<ExitCode>(comparison.exit_code());
  const std::string said = absl::StrCat(comparison.verdict(), ", exit ", comparison.exit_code());
  if (got == fault.expected) return {ExitCode::kOk, said};
  if (got == ExitCode::kInconclusive)
    return {ExitCode::kInconclusive, absl::StrCat(said, "  ", comparison.why())};
  if (got == ExitCode::kInterrupted || got == ExitCode::kTransport) {
    return {got, absl::StrCat(said, "  ", comparison.why())};
  }
  return {ExitCode::kExpectation, absl::StrCat(said, "  WRONG: ", comparison.why())};
}

absl::StatusOr<v1::Comparison> Run(const Fault& fault, const v1::Policy& policy,
                                   const std::string& server, const CpuSplit& cpus,
                                   const RunContext& context) {
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
  const std::string server = arguments.server.empty() ? OwnServer() : arguments.server;
  const CpuSplit cpus = SplitCpus();
  if (absl::Status pinned = UseCpus(cpus.client); !pinned.ok()) return Fail(pinned);
  std::vector<ExitCode> codes;
  for (const Fault& fault : kFaults) {
    const auto policy = PolicyOf(fault);
    if (!policy.ok()) return Fail(policy.status());
    const auto comparison = Run(fault, *policy, server, cpus, context);
    // A machine that is too slow for what the fault takes to be seen.
    const bool is_slow = absl::IsInvalidArgument(comparison.status());
    if (!comparison.ok() && !is_slow) return Fail(comparison.status());
    const Outcome outcome =
        is_slow ? Outcome{ExitCode::kInconclusive, std::string(comparison.status().message())}
                : OutcomeOf(fault, *comparison);
    codes.push_back(outcome.code);
    std::cout << absl::StrFormat("%-13s expected exit %d   %s   (%.0f s)\n",
                                 std::string(fault.name), static_cast<int>(fault.expected),
                                 outcome.text, is_slow ? 0 : comparison->duration_seconds())
              << std::flush;
    if (outcome.code == ExitCode::kInterrupted) break;
  }
  const ExitCode worst = Worst(codes);
  std::cout << "selftest "
            << (worst == ExitCode::kOk ? "every fault was noticed" : std::string(Describe(worst)))
            << "   exit " << static_cast<int>(worst) << "\n";
  return static_cast<int>(worst);
}

}  // namespace normbench
