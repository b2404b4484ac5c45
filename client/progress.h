// SPDX-License-Identifier: Apache-2.0
// What the run is doing, for people: one line that is rewritten on a terminal, a plain line at most
// every five seconds elsewhere, so that a log of an hour stays readable. Numbers that matter are in
// the table afterwards; this may be thrown away.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <string_view>

namespace normbench {

struct ProgressOptions {
  bool terminal = false;
  int width = 80;               // columns of the terminal; longer lines are cut
  std::function<double()> now;  // seconds, monotonic
};

// As standard error is, where progress goes.
ProgressOptions ProgressOnTerminal();

// Not thread-safe. The destructor clears the line.
class Progress {
 public:
  // `out` must outlive this object.
  Progress(std::ostream& out, ProgressOptions options);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `planned_seconds`: estimate of the whole run, for the time left. Again: another run.
  void Begin(int cases, double planned_seconds);

  // The next case starts; `planned_seconds` is its own share of the estimate.
  void Case(std::string_view key, double planned_seconds);

  // What the case is doing; `fraction` of it is done, 0 .. 1. Cheap to call often.
  void Phase(std::string_view phase, double fraction);

 private:
  void Show();
  std::string Line() const;

  std::ostream& out_;
  ProgressOptions options_;
  int cases_ = 0;
  int current_ = 0;
  double planned_seconds_ = 0;  // of the whole run
  double done_seconds_ = 0;     // planned share of the cases before this one
  double case_seconds_ = 0;     // planned share of this one
  double fraction_ = 0;
  double shown_ = -1e9;
  std::string key_;
  std::string phase_;
};

}  // namespace normbench
