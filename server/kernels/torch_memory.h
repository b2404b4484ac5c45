// SPDX-License-Identifier: Apache-2.0
// How much memory some work takes from LibTorch's own allocator. Includes torch.
#pragma once

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <algorithm>
#include <cstdint>
#include <memory>

#include "absl/functional/function_ref.h"

namespace normbench {

// The most bytes that `work` held at once on this thread.
inline int64_t PeakTorchBytes(absl::FunctionRef<void()> work) {
  // LibTorch tells it of every allocation while it is the thread's debug information.
  class Reporter final : public c10::MemoryReportingInfoBase {
   public:
    void reportMemoryUsage(void*, int64_t bytes, size_t, size_t, c10::Device) override {
      live_ += bytes;
      peak = std::max(peak, live_);
    }
    bool memoryProfilingEnabled() const override { return true; }
    int64_t peak = 0;

   private:
    int64_t live_ = 0;
  };
  const auto reporter = std::make_shared<Reporter>();
  const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, reporter);
  work();
  return reporter->peak;
}

}  // namespace normbench
