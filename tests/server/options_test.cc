// SPDX-License-Identifier: Apache-2.0
#include "server/options.h"

#include <cmath>
#include <functional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

ServerOptions With(const std::function<void(ServerOptions&)>& change) {
  ServerOptions options;
  change(options);
  return options;
}

TEST(Validate, DefaultsHold) {
  EXPECT_TRUE(Validate({}).ok());
}

TEST(Validate, NamesTheFlagTheValueAndTheRange) {
  const struct {
    ServerOptions options;
    const char* message;
  } cases[] = {
      {With([](auto& o) { o.listen = "localhost"; }), "--listen: 'localhost' is not HOST:PORT"},
      {With([](auto& o) { o.listen = ":8001"; }), "--listen: ':8001' is not HOST:PORT"},
      {With([](auto& o) { o.http = "127.0.0.1:65536"; }), "--http: '127.0.0.1:65536' is not"},
      {With([](auto& o) { o.http = "127.0.0.1:"; }), "--http: '127.0.0.1:' is not HOST:PORT"},
      {With([](auto& o) { o.http = "127.0.0.1:-1"; }), "--http: '127.0.0.1:-1' is not HOST:PORT"},
      {With([](auto& o) { o.http = "127.0.0.1:0,127.0.0.1:80"; }),
       "--http: '127.0.0.1:0,127.0.0.1:80' is not HOST:PORT with a host of A-Z a-z 0-9 . - _ : [ ] "
       "% and a port from 0 to 65535"},
      {With([](auto& o) { o.http = "127.0.0.1 :80"; }), "--http: '127.0.0.1 :80' is not HOST:PORT"},
      {With([](auto& o) { o.http = "+:80"; }), "--http: '+:80' is not HOST:PORT"},
      {With([](auto& o) { o.listen = "a/b:80"; }), "--listen: 'a/b:80' is not HOST:PORT"},
      {With([](auto& o) { o.device = "gpu"; }),
       "--device: 'gpu'; allowed: auto, cpu, cuda, cuda:0 .. cuda:63"},
      {With([](auto& o) { o.device = "cuda:x"; }), "--device: 'cuda:x'; allowed: auto"},
      {With([](auto& o) { o.device = "cuda:64"; }), "--device: 'cuda:64'; allowed: auto"},
      {With([](auto& o) { o.workers = -1; }), "--workers: -1 is out of range; allowed: 0 to 1024"},
      {With([](auto& o) { o.workers = 1025; }), "--workers: 1025 is out of range"},
      {With([](auto& o) { o.memory_budget = 255'000'000; }), "--memory-budget: 255 MB is out of"},
      {With([](auto& o) { o.memory_budget = -1; }), "allowed: 256 MB to 1000000 GB"},
      {With([](auto& o) { o.memory_budget = 1'000'000'000'000'001; }), "256 MB to 1000000 GB"},
      {With([](auto& o) { o.max_queued = 0; }),
       "--max-queued: 0 is out of range; allowed: 1 to 1000000"},
      {With([](auto& o) { o.max_queued = 1'000'001; }),
       "--max-queued: 1000001 is out of range; allowed: 1 to 1000000"},
      {With([](auto& o) { o.ready_gap_seconds = -0.5; }), "--ready-gap: -0.5 is out of range"},
      {With([](auto& o) { o.audit_batching = 1.5; }),
       "--audit-batching: 1.5 is out of range; allowed: 0 to 1"},
      {With([](auto& o) { o.drain_seconds = -1; }), "--drain-seconds: -1 is out of range"},
      {With([](auto& o) { o.drain_seconds = std::nan(""); }), "--drain-seconds: nan is out of"},
      {With([](auto& o) { o.model_control = "pol"; }),
       "--model-control: 'pol'; allowed: none, explicit, poll"},
      {With([](auto& o) { o.poll_seconds = 0.09; }),
       "--poll-seconds: 0.09 is out of range; allowed: 0.1 to 3600"},
      {With([](auto& o) { o.poll_seconds = 3601; }), "--poll-seconds: 3601 is out of range"},
      {With([](auto& o) { o.load_models = {"m"}; }),
       "--load-model: 'm'; goes with --model-control=explicit only"},
      {With([](auto& o) { o.shared_memory = "yes"; }),
       "--shared-memory: 'yes'; allowed: auto, on, off"},
      {With([](auto& o) { o.trace_rate = -1; }),
       "--trace-rate: -1 is out of range; allowed: 0 to 1000000000"},
      {With([](auto& o) { o.trace_rate = 1'000'000'001; }), "--trace-rate: 1000000001 is out of"},
      {With([](auto& o) { o.ready_gap_seconds = 601; }), "--ready-gap: 601 is out of range"},
  };
  for (const auto& [options, message] : cases) {
    const absl::Status status = Validate(options);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << message;
    EXPECT_THAT(std::string(status.message()), HasSubstr(message));
  }
}

TEST(Validate, AcceptsTheEdges) {
  const ServerOptions cases[] = {
      With([](auto& o) { o.listen = "[::1]:0"; }),
      With([](auto& o) { o.http = "0.0.0.0:65535"; }),
      With([](auto& o) { o.http = "my-host_1.example:0"; }),
      With([](auto& o) { o.device = "cuda:63"; }),
      With([](auto& o) { o.memory_budget = 256'000'000; }),
      With([](auto& o) { o.drain_seconds = 0; }),
      With([](auto& o) { o.ready_gap_seconds = 0; }),
      With([](auto& o) {
        o.model_control = "poll";
        o.poll_seconds = 0.1;
      }),
      With([](auto& o) { o.poll_seconds = 3600; }),
      With([](auto& o) { o.trace_rate = 0; }),
      With([](auto& o) { o.trace_rate = 1'000'000'000; }),
  };
  for (const ServerOptions& options : cases) {
    EXPECT_TRUE(Validate(options).ok()) << Validate(options);
  }
}

TEST(SharesMemory, ByDefaultWithThisMachineOnly) {
  for (const char* listen : {"127.0.0.1:8001", "127.1.2.3:0", "localhost:1", "[::1]:8001"}) {
    EXPECT_TRUE(SharesMemory(With([&](auto& o) { o.listen = listen; }))) << listen;
  }
  for (const char* listen : {"0.0.0.0:8001", "[::]:8001", "10.0.0.1:1", "127.example:1"}) {
    EXPECT_FALSE(SharesMemory(With([&](auto& o) { o.listen = listen; }))) << listen;
  }
  EXPECT_FALSE(SharesMemory(With([](auto& o) { o.shared_memory = "off"; })));
  EXPECT_TRUE(SharesMemory(With([](auto& o) {
    o.listen = "0.0.0.0:1";
    o.shared_memory = "on";
  })));
}

TEST(Validate, FaultsMustBeAllowed) {
  const auto message = [](bool allowed, double length, double after) {
    const ServerOptions options = With([&](auto& o) {
      o.allow_faults = allowed;
      o.fault_stall_seconds = length;
      o.fault_stall_after_seconds = after;
    });
    return std::string(Validate(options).message());
  };
  EXPECT_EQ(message(true, 1, 1), "");
  EXPECT_EQ(message(true, 0, 1), "");
  EXPECT_THAT(message(false, 1, 1), ::testing::HasSubstr("give --allow-faults"));
  EXPECT_THAT(message(true, 61, 1), ::testing::HasSubstr("--fault-stall: 61 is out of range"));
  EXPECT_THAT(message(true, -1, 1), ::testing::HasSubstr("allowed: 0 to 60"));
  EXPECT_THAT(message(true, 1, -1), ::testing::HasSubstr("allowed: 0 to 3600"));
}

TEST(Validate, WhatIsSaidOfAHistoryNeedsOne) {
  const auto message = [](const std::function<void(ServerOptions&)>& change) {
    return std::string(Validate(With(change)).message());
  };
  EXPECT_THAT(message([](auto& o) { o.history_keep = 5; }), HasSubstr("go with --history FILE"));
  EXPECT_THAT(message([](auto& o) { o.max_run_seconds = 5; }), HasSubstr("go with --history FILE"));
  EXPECT_EQ(message([](auto& o) {
              o.history = "h.db";
              o.history_keep = 5;
              o.history_days = 0.5;
              o.max_run_seconds = 1e6;
            }),
            "");
  EXPECT_THAT(message([](auto& o) { o.history_keep = 0; }), HasSubstr("--history-keep: 0 is out"));
  EXPECT_THAT(message([](auto& o) { o.history_days = 0; }), HasSubstr("--history-days: 0 is out"));
  EXPECT_THAT(message([](auto& o) { o.max_run_seconds = 0; }),
              HasSubstr("--max-run-seconds: 0 is out of range; allowed: 1 to 10000000"));
}

TEST(WithMachineDefaults, FillsInOnlyWhatIsZero) {
  const ServerOptions small = WithMachineDefaults({}, 3, 2e9);
  EXPECT_EQ(small.workers, 3);
  EXPECT_EQ(small.memory_budget, 1'000'000'000);
  EXPECT_EQ(WithMachineDefaults({}, 3, 64e9).memory_budget, 4'000'000'000);
  EXPECT_TRUE(Validate(WithMachineDefaults({}, 0, 0)).ok());  // nothing known of the machine
  const ServerOptions given = With([](auto& o) {
    o.workers = 7;
    o.memory_budget = 768'000'000;
  });
  EXPECT_EQ(WithMachineDefaults(given, 3, 2e9).workers, 7);
  EXPECT_EQ(WithMachineDefaults(given, 3, 2e9).memory_budget, 768'000'000);
}

TEST(Divide, LargestMessageAndItsAnswerAreAdmitted) {
  for (const int64_t budget : {256'000'000l, 768'000'000l, 4'000'000'000l}) {
    const MemoryShares shares = Divide(budget);
    EXPECT_GT(shares.max_message, 0);
    EXPECT_LE(2 * shares.max_message, shares.admitted);
    EXPECT_LE(shares.max_message, shares.grpc_quota);
    EXPECT_LE(shares.grpc_quota + shares.admitted + shares.pooled, budget);
  }
  EXPECT_EQ(Divide(768'000'000).grpc_quota, 256'000'000);
  EXPECT_EQ(Divide(768'000'000).kept_mebibytes, 61);
  EXPECT_EQ(Divide(4'000'000'000).kept_mebibytes, 256);
}

}  // namespace
}  // namespace normbench
