// SPDX-License-Identifier: Apache-2.0
// Which rule ended a loop.
#pragma once

#include <string_view>

namespace normbench {

enum class StopReason {
  kTime,         // closed loops: the seconds were over
  kSchedule,     // open loops: the schedule was, and the last answer was there
  kMaxRequests,  // so many requests were sent
  kPrecision,    // the median was known well enough (precision_rule.h)
  kInterrupted,  // the user stopped it
  kLost          // the target stopped answering, or failed every request
};

// time | schedule | max_requests | precision | interrupted | lost
constexpr std::string_view Name(StopReason reason) {
  switch (reason) {
    case StopReason::kTime:
      return "time";
    case StopReason::kSchedule:
      return "schedule";
    case StopReason::kMaxRequests:
      return "max_requests";
    case StopReason::kPrecision:
      return "precision";
    case StopReason::kInterrupted:
      return "interrupted";
    case StopReason::kLost:
      return "lost";
  }
  return "";
}

}  // namespace normbench
