// SPDX-License-Identifier: Apache-2.0
// How long a piece of work will take, learned from how long such work took: an exponentially
// weighted mean of seconds per element, for each kind of work and each power of two of elements.
// Admission, the queue's wait estimate and the decision to run on the calling thread rest on it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace normbench {

// Thread-safe.
class CostModel {
 public:
  // Seconds that work of `kind` on `elements` takes; a cautious guess before anything was learned.
  // `kind` is a bounded set of registered names, for example "group/torch".
  double Estimate(std::string_view kind, int64_t elements) const;

  // REQUIRES: elements >= 1, seconds >= 0.
  void Learn(std::string_view kind, int64_t elements, double seconds);

 private:
  // Seconds per element by power of two; 0: nothing learned.
  using Rates = std::array<double, 32>;

  mutable absl::Mutex mutex_;
  std::map<std::string, Rates, std::less<>> rates_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace normbench
