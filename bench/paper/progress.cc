// SPDX-License-Identifier: Apache-2.0
#include "bench/paper/progress.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

constexpr double kSecondsBetweenLines = 2;
constexpr double kSecondsBetweenDrawings = 0.2;

// Seconds of one unit of work, from all runs that have done some; 0: unknown.
double UnitSeconds(const std::vector<RunProgress>& runs) {
  double seconds = 0;
  int64_t done = 0;
  for (const RunProgress& run : runs) {
    if (run.done == 0) continue;
    seconds += run.seconds;
    done += run.done;
  }
  return done == 0 ? 0 : seconds / static_cast<double>(done);
}

std::string StateText(const RunProgress& run) {
  if (run.seconds == 0) return "waits";
  return absl::StrCat(100 * run.done / run.total, " %");
}

}  // namespace

double SecondsLeft(const std::vector<RunProgress>& runs, int threads) {
  const double unit = UnitSeconds(runs);
  if (unit == 0) return -1;
  std::vector<double> free_at;
  std::vector<double> waiting;
  for (const RunProgress& run : runs) {
    const double left = unit * static_cast<double>(run.total - run.done);
    if (left > 0) (run.seconds > 0 ? free_at : waiting).push_back(left);
  }
  free_at.resize(std::max(free_at.size(), static_cast<size_t>(threads)), 0);
  for (const double left : waiting) *std::ranges::min_element(free_at) += left;
  return *std::ranges::max_element(free_at);
}

std::string ProgressText(const std::vector<RunProgress>& runs, int threads) {
  std::string text = "train";
  for (const RunProgress& run : runs) absl::StrAppend(&text, "  ", run.name, " ", StateText(run));
  const double left = SecondsLeft(runs, threads);
  if (left >= 0) absl::StrAppend(&text, "  ETA ", std::llround(std::ceil(left)), " s");
  return text;
}

void ProgressPrinter::Show(const std::string& text, double now) {
  if (now - last_ < (terminal_ ? kSecondsBetweenDrawings : kSecondsBetweenLines)) return;
  last_ = now;
  drawn_ = true;
  if (terminal_) {
    out_ << "\r\033[K" << text << std::flush;
  } else {
    out_ << text << std::endl;
  }
}

void ProgressPrinter::Finish() {
  if (terminal_ && drawn_) out_ << "\r\033[K" << std::flush;
}

}  // namespace normbench
