// SPDX-License-Identifier: Apache-2.0
// What a run needs around it: a history of its own, and a server to measure that does what a test
// says (tests/bench/run/fake_server.h), over a port instead of within the process.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "bench/report/expand.h"
#include "server/history/history.h"
#include "server/metrics/metrics.h"
#include "server/runs/board.h"
#include "server/runs/execution.h"
#include "server/runs/run_report.h"
#include "tests/bench/run/fake_server.h"

namespace normbench {

// A sweep with these cases, by key.
inline v1::SubmitRequest RequestFor(const std::vector<std::string>& keys) {
  v1::SubmitRequest request;
  request.mutable_sweep()->set_version(1);
  request.mutable_sweep()->set_name("test");
  for (const std::string& key : keys) request.mutable_sweep()->add_cases()->add_key(key);
  return request;
}

inline v1::Run RunIn(const std::string& state, const std::string& id) {
  v1::Run run;
  run.set_run_id(id);
  run.set_state(state);
  run.set_name("test");
  run.set_submitted("2026-01-31T12:00:00.000Z");
  return run;
}

inline constexpr char kSmall[] = "norm/rms?impl=torch&shape=1x4&dev=cpu";
inline constexpr char kLarger[] = "norm/rms?impl=torch&shape=8x4&dev=cpu";

class RunsFixture : public ::testing::Test {
 protected:
  RunsFixture() {
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + end);
  }

  RunHost Host() {
    return {.connect = [this] { return server_.session().channel; },
            .take_device = [this](bool refuse) { taken_.push_back(refuse); },
            .return_device =
                [this] {
                  ++returned_;
                  return others_;
                },
            .allocator = "a test's"};
  }

  // From now on a kernel case waits in the server until Release() or its end.
  void HoldCases() {
    server_.benchmark.on_call = [this] {
      if (!entered_.HasBeenNotified()) entered_.Notify();
      released_.WaitForNotification();
    };
  }
  void Release() {
    if (!released_.HasBeenNotified()) released_.Notify();
  }

  const std::string path_ = ::testing::TempDir() +
                            ::testing::UnitTest::GetInstance()->current_test_info()->name() +
                            std::string(".db");
  FakeServer server_;
  absl::Notification entered_, released_;
  std::vector<bool> taken_;  // whether others were refused
  int returned_ = 0;
  double others_ = 0;
  ServerMetrics metrics_{
      {.rpcs = {}, .impls = {}, .devices = {}, .version = "", .sha = "", .torch = ""}};
};

}  // namespace normbench
