// SPDX-License-Identifier: Apache-2.0
// Counting models as they are loaded, at start, by a client's wish or because a folder has changed.
#pragma once

#include "server/metrics/metrics.h"
#include "server/repository/model_loader.h"

namespace normbench {

// Counts a version that was tried; the counters of one that serves are there from then on, at zero,
// and how long its load took.
// For ModelRepository's observer.
void CountLoad(const ModelStatus& tried, ServerMetrics& metrics);

}  // namespace normbench
