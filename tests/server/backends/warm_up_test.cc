// SPDX-License-Identifier: Apache-2.0
#include "server/backends/warm_up.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Takes 4000 bytes, and 400 more for each sample, twice as many from the ninth on; remembers what
// it was run on.
class HungryModel : public Model {
 public:
  absl::Status Infer(std::span<const TensorIn> inputs, const AllocateOutput& allocate) override {
    batches.push_back(inputs[0].shape[0]);
    open_dim = inputs[0].shape[1];
    const at::Tensor fixed = at::empty({1000});
    const int64_t batch = inputs[0].shape[0];
    const at::Tensor samples = at::empty({batch + std::max<int64_t>(0, batch - 8), 100});
    allocate(0, {inputs[0].shape[0], 1}, inputs[0].bytes);
    return absl::OkStatus();
  }
  int64_t WorkspaceBytes(int64_t) const override { return 0; }

  std::vector<int64_t> batches;
  int64_t open_dim = 0;
};

ModelSpec Spec(int max_batch_size) {
  ModelSpec spec;
  spec.max_batch_size = max_batch_size;
  spec.inputs = {{"x", "FP32", {-1}}};
  spec.outputs = {{"y", "FP32", {-1}}};
  return spec;
}

TEST(WarmUp, RunsPowersOfTwoAndTheLargestBatchAndSaysWhatEachTook) {
  HungryModel model;
  const auto workspace = WarmUp(model, Spec(18), 1 << 20);
  ASSERT_TRUE(workspace.ok()) << workspace.status();
  EXPECT_THAT(model.batches,
              ElementsAre(1, 1, 1, 2, 2, 2, 4, 4, 4, 8, 8, 8, 16, 16, 16, 18, 18, 18));
  EXPECT_EQ(model.open_dim, 1);
  ASSERT_EQ(workspace->points.size(), 6u);
  EXPECT_EQ(workspace->points[5].batch, 18);
  for (const MemoryPoint& point : workspace->points) {
    const int64_t samples = point.batch + std::max<int64_t>(0, point.batch - 8);
    EXPECT_NEAR(static_cast<double>(point.bytes), 4000 + 400.0 * static_cast<double>(samples), 200)
        << point.batch;
  }
}

// Models are loaded on several threads at once: LibTorch tells of allocations thread by thread.
TEST(WarmUp, WhatAnotherThreadTakesMeanwhileIsNotMeasured) {
  std::atomic<bool> stop{false};
  std::atomic<int> taken{0};
  std::jthread other([&] {
    for (; !stop; ++taken) at::empty({1 << 20}).fill_(1);
  });
  class Meanwhile : public HungryModel {
   public:
    explicit Meanwhile(const std::atomic<int>& taken) : taken_(taken) {}
    absl::Status Infer(std::span<const TensorIn> inputs, const AllocateOutput& allocate) override {
      const int before = taken_;
      while (taken_ < before + 2) std::this_thread::yield();
      return HungryModel::Infer(inputs, allocate);
    }

   private:
    const std::atomic<int>& taken_;
  };
  Meanwhile model(taken);
  const auto workspace = WarmUp(model, Spec(1), 1 << 20);
  stop = true;
  ASSERT_TRUE(workspace.ok()) << workspace.status();
  EXPECT_NEAR(static_cast<double>(workspace->points[0].bytes), 4400, 200);
}

TEST(Workspace, IsStraightBetweenWhatWasMeasured) {
  const Workspace workspace{.points = {{1, 100}, {2, 110}, {4, 330}}};
  EXPECT_EQ(workspace.of(0), 100);
  EXPECT_EQ(workspace.of(1), 100);
  EXPECT_EQ(workspace.of(2), 110);
  EXPECT_EQ(workspace.of(3), 220);
  EXPECT_EQ(workspace.of(4), 330);
  EXPECT_EQ(workspace.of(6), 550);
  EXPECT_EQ((Workspace{.points = {{1, 100}}}.of(5)), 100);
  EXPECT_EQ(Workspace().of(5), 0);
}

TEST(WarmUp, InputsThatAreTooLargeAreNeverMade) {
  HungryModel model;
  ModelSpec spec = Spec(4);
  spec.inputs[0].dims = {int64_t{1} << 40};
  EXPECT_THAT(std::string(WarmUp(model, spec, 1 << 20).status().message()),
              HasSubstr("max_batch_size: 4; a batch of 1 needs about 4398046511104 bytes"));
  EXPECT_THAT(model.batches, ElementsAre());
}

// What the first batches promise is less than what the largest takes.
TEST(WarmUp, RefusesWhatOnlyTheLargestBatchShows) {
  HungryModel model;
  constexpr int64_t kTaken = 4000 + 400 * (16 + 8);
  EXPECT_FALSE(WarmUp(model, Spec(16), kTaken - 500).ok());
  EXPECT_EQ(model.batches.back(), 16);
  EXPECT_TRUE(WarmUp(model, Spec(16), kTaken + 500).ok());
}

TEST(WarmUp, RefusesBeforeThatMemoryIsTaken) {
  HungryModel model;
  const auto workspace = WarmUp(model, Spec(10000), 1 << 20);
  EXPECT_THAT(std::string(workspace.status().message()),
              HasSubstr("max_batch_size: 10000; a batch of 2048 needs about"));
  EXPECT_EQ(model.batches.back(), 1024);
}

TEST(WarmUp, SaysWhatTheModelSaid) {
  class Broken : public Model {
    absl::Status Infer(std::span<const TensorIn>, const AllocateOutput&) override {
      return absl::InternalError("no");
    }
    int64_t WorkspaceBytes(int64_t) const override { return 0; }
  };
  Broken model;
  const absl::Status status = WarmUp(model, Spec(4), 1 << 20).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "on zeros, batch 1: no");
}

}  // namespace
}  // namespace normbench
