// SPDX-License-Identifier: Apache-2.0
#include "client/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_format.h"
#include "bench/load/pacing.h"
#include "bench/report/format.h"

namespace normbench {
namespace {

constexpr double kTerminalPause = 0.1;
constexpr double kPlainPause = 5;

}  // namespace

ProgressOptions ProgressOnTerminal() {
  winsize size{};
  ProgressOptions options{.terminal = isatty(STDERR_FILENO) == 1, .now = SteadySeconds};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) options.width = size.ws_col;
  return options;
}

Progress::Progress(std::ostream& out, ProgressOptions options)
    : out_(out), options_(std::move(options)) {}

Progress::~Progress() {
  if (options_.terminal) out_ << "\r\x1b[K" << std::flush;
}

void Progress::Begin(int cases, double planned_seconds) {
  cases_ = cases;
  planned_seconds_ = planned_seconds;
  current_ = 0;
  done_seconds_ = case_seconds_ = fraction_ = 0;
}

void Progress::Case(std::string_view key, double planned_seconds) {
  ++current_;
  done_seconds_ += case_seconds_;
  case_seconds_ = planned_seconds;
  key_ = key;
  phase_ = "start";
  fraction_ = 0;
  Show();
}

void Progress::Phase(std::string_view phase, double fraction) {
  phase_ = phase;
  fraction_ = std::clamp(fraction, 0.0, 1.0);
  Show();
}

std::string Progress::Line() const {
  const double left = planned_seconds_ - done_seconds_ - fraction_ * case_seconds_;
  const std::string head = absl::StrFormat("[%d/%d] about %s left  ", current_, cases_,
                                           FormatDuration(std::ceil(std::max(0.0, left))));
  const std::string tail = absl::StrFormat("  %s %.0f %%", phase_, 100 * fraction_);
  std::string line = head + key_ + tail;
  const auto width = static_cast<size_t>(std::max(1, options_.width - 1));
  if (!options_.terminal || line.size() <= width) return line;
  // The key is the longest part and is in the table later: it gives way first.
  const size_t fixed = head.size() + tail.size() + 3;
  const size_t room = width > fixed ? width - fixed : 0;
  return (head + key_.substr(0, room) + "..." + tail).substr(0, width);
}

void Progress::Show() {
  const double now = options_.now();
  if (now - shown_ < (options_.terminal ? kTerminalPause : kPlainPause)) return;
  shown_ = now;
  if (options_.terminal) {
    out_ << "\r\x1b[K" << Line() << std::flush;
  } else {
    out_ << Line() << std::endl;
  }
}

}  // namespace normbench
