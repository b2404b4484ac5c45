// SPDX-License-Identifier: Apache-2.0
#include "server/backends/warm_up.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Takes 4000 bytes, and 400 more for each sample; remembers what it was run on.
class HungryModel : public Model {
 public:
  absl::Status Infer(std::span<const TensorIn> inputs, const AllocateOutput& allocate) override {
    batches.push_back(inputs[0].shape[0]);
    open_dim = inputs[0].shape[1];
    const at::Tensor fixed = at::empty({1000});
    const at::Tensor samples = at::empty({inputs[0].shape[0], 100});
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

TEST(WarmUp, RunsBothEndsAndTakesALineBetweenThem) {
  HungryModel model;
  const auto workspace = WarmUp(model, Spec(16), 1 << 20);
  ASSERT_TRUE(workspace.ok()) << workspace.status();
  EXPECT_THAT(model.batches, ElementsAre(1, 1, 1, 2, 2, 2, 16, 16, 16));
  EXPECT_EQ(model.open_dim, 1);
  EXPECT_NEAR(static_cast<double>(workspace->of(1)), 4400, 200);
  EXPECT_NEAR(static_cast<double>(workspace->of(16)), 4000 + 16 * 400, 200);
  EXPECT_NEAR(static_cast<double>(workspace->of(8)), 4000 + 8 * 400, 200);
}

TEST(WarmUp, RefusesBeforeThatMemoryIsTaken) {
  HungryModel model;
  const auto workspace = WarmUp(model, Spec(10000), 1 << 20);
  EXPECT_THAT(std::string(workspace.status().message()),
              HasSubstr("max_batch_size: 10000 needs about"));
  EXPECT_THAT(model.batches, ElementsAre(1, 1, 1, 2, 2, 2));
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
