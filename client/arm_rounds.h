// SPDX-License-Identifier: Apache-2.0
// Rounds of a comparison against real servers: each visit to an arm starts a server of its own, or
// uses the one at an address, measures all cells and ends it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/gate/gate_plan.h"
#include "bench/gate/gate_run.h"
#include "bench/report/expand.h"
#include "bench/run/session.h"
#include "client/cpu_split.h"
#include "client/progress.h"
#include "client/server_process.h"

namespace normbench {

// True for host:port, else it is a command line.
bool IsAddress(const std::string& source);

struct ArmOptions {
  std::string a, b;  // command lines or addresses
  CpuSplit cpus = {};
  double start_seconds = 30;
  int seed = 1;  // of the order of visits
  double fault_stall_seconds = 0;
  // A server that says nothing for what was left of the budget when its visit began is given up, at
  // the earliest after patience_seconds, at the latest after kPatienceSeconds.
  double budget_seconds = kPatienceSeconds, patience_seconds = 30;
  std::function<bool()> stop = [] { return false; };
  Progress* progress = nullptr;  // outlives this
};

// What a server says of itself.
struct ArmFacts {
  v1::ArmInfo info;
  ImplDevices devices;
};

// Not thread-safe.
class ArmRounds final : public RoundSource {
 public:
  explicit ArmRounds(ArmOptions options);

  // Starts the arm ("A" or "B") once to see that it can be.
  absl::StatusOr<ArmFacts> Describe(const std::string& arm);

  // Visits the arm ("A" or "B") once to `cells`, which keeps nothing but what it took: what the
  // disk has to read is read, and what cannot be measured is known.
  absl::StatusOr<Rehearsal> Rehearse(const std::string& arm, const std::vector<GatedCell>& cells);

  // What is measured; outlives this. Call before Measure.
  void SetCells(const std::vector<GatedCell>* cells) { cells_ = cells; }

  absl::StatusOr<v1::Round> Measure(const RoundRequest& request) override;
  double Seconds() override;

 private:
  struct Server;

  double Patience();
  void ShowHowMuch(const RoundRequest& request, int visits);

  const std::string& SourceOf(std::string_view arm) const {
    return arm == "B" ? options_.b : options_.a;
  }
  absl::StatusOr<std::unique_ptr<Server>> Open(std::string_view arm);
  // `cells`: those of a visit. `label`: of the visit, for people.
  absl::StatusOr<v1::ArmVisit> Visit(const std::string& arm, const std::string& label, int number,
                                     const std::vector<GatedCell>& cells);
  absl::Status MeasureCells(Server& server, const std::string& label, int number,
                            const std::vector<GatedCell>& cells, v1::ArmVisit* visit);

  absl::Status In(const std::string& label, const std::string& arm,
                  const absl::Status& status) const;

  const ArmOptions options_;
  const double start_;
  const std::vector<GatedCell>* cells_ = nullptr;
  std::string phase_;  // that progress was told of ...
  int shown_ = 0;      // ... and rounds of it that are still to come
};

}  // namespace normbench
