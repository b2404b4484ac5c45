// SPDX-License-Identifier: Apache-2.0
#include "server/command_line.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<ServerCommandLine> Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "normbench-server");
  return ParseServerCommandLine(static_cast<int>(arguments.size()), arguments.data(),
                                "normbench-server 1.2.3");
}

TEST(CommandLine, NothingGivenIsTheDefault) {
  const auto line = Parse({});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->text, "");
  EXPECT_EQ(line->options.listen, "127.0.0.1:8001");
  EXPECT_EQ(line->options.http, "127.0.0.1:8002");
  EXPECT_EQ(line->options.device, "auto");
  EXPECT_FALSE(line->options.allow_compression);
}

TEST(CommandLine, EveryFlagArrives) {
  const auto line = Parse({"--listen",
                           "0.0.0.0:1",
                           "--http=127.0.0.1:2",
                           "--models",
                           "m",
                           "--device",
                           "cpu",
                           "--workers",
                           "3",
                           "--memory-budget",
                           "768MB",
                           "--max-queued",
                           "4",
                           "--drain-seconds",
                           "1.5",
                           "--ready-gap",
                           "0",
                           "--poll-seconds",
                           "0.25",
                           "--model-control",
                           "explicit",
                           "--load-model",
                           "a",
                           "--load-model=*",
                           "--shared-memory",
                           "off",
                           "--allow-compression",
                           "--allow-faults",
                           "--fault-stall",
                           "500ms@3s",
                           "--trace-file",
                           "t.jsonl",
                           "--trace-rate",
                           "5",
                           "--print-ports",
                           "p.json"});
  ASSERT_TRUE(line.ok()) << line.status();
  const ServerOptions& options = line->options;
  EXPECT_EQ(options.listen, "0.0.0.0:1");
  EXPECT_EQ(options.http, "127.0.0.1:2");
  EXPECT_EQ(options.models, "m");
  EXPECT_EQ(options.device, "cpu");
  EXPECT_EQ(options.workers, 3);
  EXPECT_EQ(options.memory_budget, 768'000'000);
  EXPECT_EQ(options.max_queued, 4);
  EXPECT_EQ(options.drain_seconds, 1.5);
  EXPECT_EQ(options.ready_gap_seconds, 0);
  EXPECT_EQ(options.model_control, "explicit");
  EXPECT_EQ(options.poll_seconds, 0.25);
  EXPECT_THAT(options.load_models, ::testing::ElementsAre("a", "*"));
  EXPECT_EQ(options.shared_memory, "off");
  EXPECT_TRUE(options.allow_compression);
  EXPECT_TRUE(options.allow_faults);
  EXPECT_EQ(options.fault_stall_seconds, 0.5);
  EXPECT_EQ(options.fault_stall_after_seconds, 3);
  EXPECT_EQ(options.trace_file, "t.jsonl");
  EXPECT_EQ(options.trace_rate, 5);
  EXPECT_EQ(options.ports_file, "p.json");
}

// As V2 servers have it.
TEST(CommandLine, ReadinessIsStrictWhereThatIsAskedFor) {
  EXPECT_FALSE(Parse({})->options.strict_readiness);
  EXPECT_TRUE(Parse({"--strict-readiness"})->options.strict_readiness);
  EXPECT_TRUE(Parse({"--strict-readiness=true"})->options.strict_readiness);
  EXPECT_FALSE(Parse({"--strict-readiness=false"})->options.strict_readiness);
}

TEST(CommandLine, TheLastOneCounts) {
  EXPECT_EQ(Parse({"--device", "cuda", "--device", "cpu"})->options.device, "cpu");
}

TEST(CommandLine, HelpAndVersionAreTexts) {
  EXPECT_THAT(Parse({"--help"})->text, HasSubstr("--memory-budget SIZE"));
  EXPECT_EQ(Parse({"--version"})->text, "normbench-server 1.2.3\n");
}

TEST(CommandLine, EveryFaultArrives) {
  const auto line = Parse({"--allow-faults", "--fault-delay", "20%", "--fault-tail=500%",
                           "--fault-cpu", "50%", "--fault-numeric", "1e-3"});
  ASSERT_TRUE(line.ok()) << line.status();
  const ServerOptions& options = line->options;
  EXPECT_DOUBLE_EQ(options.faults.delay, 0.2);
  EXPECT_DOUBLE_EQ(options.faults.tail, 5);
  EXPECT_DOUBLE_EQ(options.faults.cpu, 0.5);
  EXPECT_DOUBLE_EQ(options.faults.numeric, 1e-3);
}

TEST(CommandLine, FaultsMustBeAllowedAndBeShares) {
  EXPECT_FALSE(Parse({"--allow-faults"})->options.faults.any());
  const struct {
    std::vector<const char*> arguments;
    const char* message;
  } cases[] = {
      {{"--fault-delay", "20%"},
       "--fault-delay: 20% makes the server worse on purpose; allowed: 0%"},
      {{"--fault-tail", "500%"}, "--fault-tail: 500% makes the server worse on purpose"},
      {{"--fault-cpu", "50%"}, "--fault-cpu: 50% makes the server worse on purpose"},
      {{"--fault-numeric", "1e-3"}, "--fault-numeric: 0.001 makes the server worse on purpose"},
      {{"--allow-faults", "--fault-delay", "abc"}, "--fault-delay: 'abc'; allowed: a share with"},
      {{"--allow-faults", "--fault-delay", "20"},
       "--fault-delay: '20'; allowed: a share with its %"},
      {{"--allow-faults", "--fault-tail", "-1%"}, "--fault-tail: -1% is out of range; allowed: 0%"},
      {{"--allow-faults", "--fault-cpu=2000%"}, "--fault-cpu: 2000% is out of range; allowed: 0%"},
      {{"--allow-faults", "--fault-numeric", "abc"}, "--fault-numeric: 'abc'; allowed: a share"},
      {{"--allow-faults", "--fault-numeric", "2"},
       "--fault-numeric: 2 is out of range; allowed: 0"},
  };
  for (const auto& [arguments, message] : cases) {
    const auto line = Parse(arguments);
    ASSERT_FALSE(line.ok()) << message;
    EXPECT_EQ(line.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(line.status().message()), HasSubstr(message));
  }
}

TEST(CommandLine, UsageErrors) {
  const struct {
    std::vector<const char*> arguments;
    const char* message;
  } cases[] = {
      {{"--modles", "x"}, "unknown argument '--modles'; nearest: --models"},
      {{"--memory-buget=1GB"}, "unknown argument '--memory-buget=1GB'; nearest: --memory-budget"},
      {{"serve"}, "unknown argument 'serve'"},
      {{"--models"}, "--models"},
      {{"--workers", "many"}, "many"},
      {{"--workers", "-1"}, "--workers: -1 is out of range"},
      {{"--memory-budget", "lots"}, "--memory-budget: 'lots' is not an amount of memory"},
      {{"--memory-budget", "1MB"}, "--memory-budget: 1 MB is out of range; allowed: 256 MB to"},
      {{"--device", "gpu"}, "--device: 'gpu'; allowed: auto"},
  };
  for (const auto& [arguments, message] : cases) {
    const auto line = Parse(arguments);
    ASSERT_FALSE(line.ok()) << message;
    EXPECT_EQ(line.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(line.status().message()), HasSubstr(message));
  }
}

TEST(ParseServerCommandLine, FlagsOfRunsOnRequest) {
  const auto line = Parse({"--history", "h.db", "--history-keep", "7", "--history-days", "1.5",
                           "--max-run-seconds", "60"});
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->options.history, "h.db");
  EXPECT_EQ(line->options.history_keep, 7);
  EXPECT_EQ(line->options.history_days, 1.5);
  EXPECT_EQ(line->options.max_run_seconds, 60);
  EXPECT_FALSE(Parse({"--history-keep", "7"}).ok());
}

}  // namespace
}  // namespace normbench
