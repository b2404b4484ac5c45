// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/count_load.h"

#include "server/repository/naming.h"

namespace normbench {

void CountLoad(const ModelStatus& tried, ServerMetrics& metrics) {
  // A folder may be called anything, a label may not.
  const std::string label = IsModelName(tried.name) ? tried.name : "(no model name)";
  metrics.model_loads(label, tried.ready).Increment();
  if (tried.ready) metrics.model(tried.name, tried.version).v2.load()->Set(tried.seconds);
}

}  // namespace normbench
