// SPDX-License-Identifier: Apache-2.0
// Who looks on while cases are measured: a person at a terminal, metrics, the watchers of a run on
// a server.
#pragma once

#include <string>
#include <string_view>

#include "bench/report/case.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

// Called on the thread that runs the cases, one call at a time.
class RunWatcher {
 public:
  virtual ~RunWatcher() = default;

  // A visit to the case starts; `planned_seconds` is what it is expected to take.
  virtual void Started(const std::string& key, double planned_seconds) = 0;

  // What the case is doing; `fraction` of it is done, 0 .. 1. Called often.
  virtual void Phase(std::string_view phase, double fraction) = 0;

  // The last visit to `c` is over. `result` may have another key: a search for a rate puts it in.
  virtual void Finished(const Case& c, const v1::CaseResult& result) = 0;
};

}  // namespace normbench
