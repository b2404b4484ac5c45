// SPDX-License-Identifier: Apache-2.0
#include "server/exec/stall_once.h"

namespace normbench {
namespace {

using std::chrono::nanoseconds;

nanoseconds FromSeconds(double seconds) {
  return std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(seconds));
}

// Sets `at` to `now` unless it is set; returns what it is then.
int64_t SetOnce(std::atomic<int64_t>* at, int64_t now) {
  int64_t before = 0;
  return at->compare_exchange_strong(before, now) ? now : before;
}

}  // namespace

StallOnce::StallOnce(double length, double after)
    : length_(FromSeconds(length)), after_(FromSeconds(after)) {}

Deadline StallOnce::HoldUntil(Deadline now) {
  const int64_t mine = nanoseconds(now.time_since_epoch()).count();
  if (mine - SetOnce(&first_, mine) < after_.count()) return now;
  const int64_t end = SetOnce(&begin_, mine) + length_.count();
  return mine < end ? Deadline(nanoseconds(end)) : now;
}

}  // namespace normbench
