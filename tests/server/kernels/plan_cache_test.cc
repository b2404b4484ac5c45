// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/plan_cache.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace normbench {
namespace {

class EmptyPlan final : public NormPlan {
 public:
  absl::StatusOr<std::unique_ptr<BoundNorm>> Bind(const NormBuffers&) const override {
    return absl::UnimplementedError("not bound here");
  }
};

class CountingKernel final : public NormKernel {
 public:
  explicit CountingKernel(std::string name) : name_(std::move(name)) {}
  std::string name() const override { return name_; }
  KernelCapabilities capabilities() const override { return {}; }
  int64_t WorkspaceBytes(const NormSpec&, const Shape&, TensorFormat) const override { return 0; }
  absl::StatusOr<std::shared_ptr<const NormPlan>> Plan(const NormSpec&, const Shape&, DType, Layout,
                                                       const std::string&) const override {
    ++plans;
    if (!error.ok()) return error;
    return std::make_shared<EmptyPlan>();
  }

  mutable int plans = 0;
  absl::Status error;

 private:
  std::string name_;
};

class PlanCacheTest : public ::testing::Test {
 protected:
  PlanRequest Request(const std::string& shape = "2x4") const {
    return {.kernel = &kernel_, .spec = {}, .shape = *Shape::Parse(shape), .device = "cpu"};
  }

  CountingKernel kernel_{"a"};
  CountingKernel other_{"b"};
  PlanCache cache_{2};
};

TEST_F(PlanCacheTest, MakesAPlanOnce) {
  const auto first = cache_.Get(Request());
  const auto second = cache_.Get(Request());
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(*first, *second);
  EXPECT_EQ(kernel_.plans, 1);
  EXPECT_EQ(cache_.size(), 1u);
}

TEST_F(PlanCacheTest, TellsEveryFieldApart) {
  PlanCache cache(100);
  std::vector<PlanRequest> different(9, Request());
  different[1].kernel = &other_;
  different[2].spec.method = Method::kRms;
  different[3].spec.stats = StatsSource::kBatch;
  different[4].spec.groups = 2;
  different[5].spec.affine = Affine::kNone;
  different[6].spec.eps = 1.0000000000000002e-5;
  different[7].shape = *Shape::Parse("4x2");
  different[8].device = "cuda:0";
  for (int round = 0; round < 2; ++round) {
    for (const PlanRequest& request : different) ASSERT_TRUE(cache.Get(request).ok());
  }
  EXPECT_EQ(cache.size(), different.size());
  EXPECT_EQ(kernel_.plans + other_.plans, static_cast<int>(different.size()));
}

TEST_F(PlanCacheTest, TheLeastRecentlyUsedGoesFirst) {
  ASSERT_TRUE(cache_.Get(Request("1x1")).ok());
  ASSERT_TRUE(cache_.Get(Request("2x2")).ok());
  ASSERT_TRUE(cache_.Get(Request("1x1")).ok());
  ASSERT_TRUE(cache_.Get(Request("3x3")).ok());  // 2x2 goes
  EXPECT_EQ(cache_.size(), 2u);
  EXPECT_EQ(kernel_.plans, 3);
  ASSERT_TRUE(cache_.Get(Request("1x1")).ok());
  EXPECT_EQ(kernel_.plans, 3);
  ASSERT_TRUE(cache_.Get(Request("2x2")).ok());
  EXPECT_EQ(kernel_.plans, 4);
}

TEST_F(PlanCacheTest, AnErrorIsNotKept) {
  kernel_.error = absl::FailedPreconditionError("device: not here");
  EXPECT_EQ(cache_.Get(Request()).status(), kernel_.error);
  EXPECT_EQ(cache_.size(), 0u);
  kernel_.error = absl::OkStatus();
  EXPECT_TRUE(cache_.Get(Request()).ok());
}

TEST_F(PlanCacheTest, APlanOutlivesItsPlaceInTheCache) {
  const std::shared_ptr<const NormPlan> plan = *cache_.Get(Request("1x1"));
  ASSERT_TRUE(cache_.Get(Request("2x2")).ok());
  ASSERT_TRUE(cache_.Get(Request("3x3")).ok());
  EXPECT_EQ(plan.use_count(), 1);
}

}  // namespace
}  // namespace normbench
