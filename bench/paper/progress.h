// SPDX-License-Identifier: Apache-2.0
// The progress line of a training: how far each run is, and when all will be done.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace normbench {

// One run at one moment. `seconds` since it started, 0 if it waits for a thread.
struct RunProgress {
  std::string name;
  int64_t done = 0;
  int64_t total = 1;
  double seconds = 0;
};

// Seconds until all runs are done: each takes the mean measured time of a unit, waiting ones start
// in order on the thread that is free first. Negative while nothing is known.
double SecondsLeft(const std::vector<RunProgress>& runs, int threads);

// "train  plain6_bn32 45 %  plain6_gn waits  ETA 12 s".
std::string ProgressText(const std::vector<RunProgress>& runs, int threads);

// Writes progress: on a terminal in place, else a plain line at most every two seconds.
class ProgressPrinter {
 public:
  ProgressPrinter(std::ostream& out, bool terminal) : out_(out), terminal_(terminal) {}

  // `now` in seconds of any clock that does not go back.
  void Show(const std::string& text, double now);

  // Leaves the line free for what comes next.
  void Finish();

 private:
  std::ostream& out_;
  bool terminal_;
  bool drawn_ = false;
  double last_ = -1e9;
};

}  // namespace normbench
