// SPDX-License-Identifier: Apache-2.0
#include "bench/host/lock_checks.h"

#include "absl/synchronization/mutex.h"

namespace normbench {

void StopLockChecks() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

}  // namespace normbench
