// SPDX-License-Identifier: Apache-2.0
#include "server/budgets.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

TEST(Budgets, GrowWithTheOptions) {
  ServerOptions options;
  options.workers = 1;
  options.max_queued = 100;
  options.memory_budget = 3'000'000'000;
  const AdmissionOptions one = Budgets(options);
  EXPECT_EQ(one.slots, 201);
  EXPECT_EQ(one.bytes, 1'000'000'000);
  EXPECT_EQ(one.cost_seconds, 60);
  options.workers = 16;
  const AdmissionOptions many = Budgets(options);
  EXPECT_EQ(many.slots, 216);
  EXPECT_EQ(many.bytes, one.bytes);
  EXPECT_EQ(many.cost_seconds, 16 * 60);
}

}  // namespace
}  // namespace normbench
