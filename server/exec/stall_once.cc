// SPDX-License-Identifier: Apache-2.0
#include "server/exec/stall_once.h"

namespace normbench {
namespace {

using std::chrono::nanoseconds;

nanoseconds FromSeconds(double seconds) {
  return std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(seconds));
}

}  // namespace

StallOnce::StallOnce(double length, double after)
    : begin_(FromSeconds(after)), end_(FromSeconds(after + length)) {}

Deadline StallOnce::HoldUntil(Deadline now) {
  int64_t first = 0;
  const int64_t mine = nanoseconds(now.time_since_epoch()).count();
  if (first_.compare_exchange_strong(first, mine)) first = mine;
  const nanoseconds since(mine - first);
  return since >= begin_ && since < end_ ? Deadline(nanoseconds(first) + end_) : now;
}

}  // namespace normbench
