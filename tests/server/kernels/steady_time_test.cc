// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/steady_time.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

// Fails at its `last`-th launch.
class Launches final : public BoundNorm {
 public:
  explicit Launches(int last) : last_(last) {}
  absl::Status Launch() override {
    return ++count == last_ ? absl::InternalError("broke") : absl::OkStatus();
  }
  absl::Status Synchronize() override { return absl::OkStatus(); }
  absl::StatusOr<double> Time(int iterations) override { return TimeLaunches(*this, iterations); }
  std::string time_source() const override { return "steady_clock"; }

  int count = 0;

 private:
  const int last_;
};

TEST(TimeLaunches, LaunchesAsOftenAsItIsTold) {
  Launches norm(100);
  const absl::StatusOr<double> seconds = norm.Time(7);
  ASSERT_TRUE(seconds.ok());
  EXPECT_GE(*seconds, 0);
  EXPECT_EQ(norm.count, 7);
}

TEST(TimeLaunches, EndsWithTheFirstError) {
  Launches norm(3);
  EXPECT_EQ(norm.Time(7).status(), absl::InternalError("broke"));
  EXPECT_EQ(norm.count, 3);
}

}  // namespace
}  // namespace normbench
