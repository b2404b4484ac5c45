// SPDX-License-Identifier: Apache-2.0
// Who looks on at `normbench run`: the person at the terminal and the metrics.
#pragma once

#include <string>
#include <string_view>

#include "bench/run/run_watcher.h"
#include "client/metrics/client_metrics.h"
#include "client/progress.h"

namespace normbench {

class Spectators final : public RunWatcher {
 public:
  // Both outlive this.
  Spectators(Progress& progress, ClientMetrics& metrics) : progress_(progress), metrics_(metrics) {}

  void Started(const std::string& key, double planned_seconds) override;
  void Phase(std::string_view phase, double fraction) override;
  // Of a case that was skipped there is nothing to publish.
  void Finished(const Case& c, const v1::CaseResult& result) override;

 private:
  Progress& progress_;
  ClientMetrics& metrics_;
};

}  // namespace normbench
