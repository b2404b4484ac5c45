// SPDX-License-Identifier: Apache-2.0
// Who looks on at a visit to an arm: shows what goes on, and notes what CPU time each cell took of
// the server.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "bench/run/run_watcher.h"
#include "client/progress.h"

namespace normbench {

class VisitWatcher final : public RunWatcher {
 public:
  // `label`: of the visit, for people. `progress` may be null, else it outlives this.
  // `cpu_seconds`: that the server has used so far.
  VisitWatcher(std::string label, Progress* progress, std::function<double()> cpu_seconds);

  void Started(const std::string& key, double planned_seconds) override;
  void Phase(std::string_view phase, double fraction) override;
  void Finished(const Case& c, const v1::CaseResult& result) override;

  // From the first request of the warm-up to the end of the cell, in seconds; 0 where it has not
  // ended. What comes before, answers to each image alone for example, is not the loop's.
  double CpuOf(const std::string& key) const;

 private:
  const std::string label_;
  Progress* const progress_;
  const std::function<double()> cpu_seconds_;
  double begin_ = 0;
  std::string phase_;
  std::map<std::string, double> cpu_;
};

}  // namespace normbench
