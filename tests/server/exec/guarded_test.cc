// SPDX-License-Identifier: Apache-2.0
#include "server/exec/guarded.h"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

namespace normbench {
namespace {

TEST(Guarded, ReturnsWhatTheStepReturns) {
  EXPECT_TRUE(Guarded([] { return absl::OkStatus(); }).ok());
  EXPECT_EQ(Guarded([] { return absl::NotFoundError("x"); }).message(), "x");
}

TEST(Guarded, WhatIsThrownIsAnError) {
  const absl::Status memory = Guarded([]() -> absl::Status { throw std::bad_alloc(); });
  EXPECT_TRUE(absl::IsResourceExhausted(memory));
  const absl::Status other = Guarded([]() -> absl::Status { throw std::runtime_error("what"); });
  EXPECT_TRUE(absl::IsInternal(other));
  EXPECT_EQ(other.message(), "unexpected exception: what");
}

}  // namespace
}  // namespace normbench
