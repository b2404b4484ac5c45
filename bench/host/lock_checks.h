// SPDX-License-Identifier: Apache-2.0
// Debian builds Abseil with its check for lock orders that could deadlock, which gRPC then pays for
// at every lock: some percent of a small call.
#pragma once

namespace normbench {

// Turns that check off for the whole process. Call in main.
void StopLockChecks();

}  // namespace normbench
