// SPDX-License-Identifier: Apache-2.0
#include "server/budgets.h"

namespace normbench {

AdmissionOptions Budgets(const ServerOptions& options) {
  AdmissionOptions budgets;
  // What may wait, what runs, and as many answers again on their way out.
  budgets.slots = 2 * int64_t{options.max_queued} + options.workers;
  budgets.bytes = Divide(options.memory_budget).admitted;
  budgets.cost_seconds = kCostSecondsPerWorker * options.workers;
  return budgets;
}

}  // namespace normbench
