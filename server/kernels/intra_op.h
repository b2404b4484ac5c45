// SPDX-License-Identifier: Apache-2.0
// How many threads one normalization may use: a setting of the thread that calls Launch, as
// LibTorch's is (torch_runtime.h).
#pragma once

namespace normbench {

// Of the calling thread; 1 until set. REQUIRES: threads >= 1.
void SetIntraOpThreads(int threads);
int IntraOpThreads();

}  // namespace normbench
