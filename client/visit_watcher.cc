// SPDX-License-Identifier: Apache-2.0
#include "client/visit_watcher.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace normbench {

VisitWatcher::VisitWatcher(std::string label, Progress* progress,
                           std::function<double()> cpu_seconds)
    : label_(std::move(label)), progress_(progress), cpu_seconds_(std::move(cpu_seconds)) {}

void VisitWatcher::Started(const std::string& key, double planned_seconds) {
  if (progress_ != nullptr) progress_->Case(absl::StrCat(label_, "  ", key), planned_seconds);
  begin_ = cpu_seconds_();
  phase_.clear();
}

void VisitWatcher::Phase(std::string_view phase, double fraction) {
  if (phase == "warm-up" && phase_ != phase) begin_ = cpu_seconds_();
  phase_ = phase;
  if (progress_ != nullptr) progress_->Phase(phase, fraction);
}

void VisitWatcher::Finished(const Case& c, const v1::CaseResult&) {
  cpu_[c.key] = cpu_seconds_() - begin_;
}

double VisitWatcher::CpuOf(const std::string& key) const {
  const auto found = cpu_.find(key);
  return found == cpu_.end() ? 0 : found->second;
}

}  // namespace normbench
