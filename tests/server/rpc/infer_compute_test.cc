// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/infer_compute.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <vector>

namespace normbench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Twice its input; of `rows` rows if that is not 0.
class Doubling : public Model {
 public:
  explicit Doubling(int64_t rows) : rows_(rows) {}
  absl::Status Infer(std::span<const TensorIn> inputs, const AllocateOutput& allocate) override {
    std::vector<int64_t> shape = inputs[0].shape;
    batches.push_back(shape[0]);
    if (rows_ > 0) shape[0] = rows_;
    const size_t bytes = static_cast<size_t>(shape[0] * shape[1]) * sizeof(float);
    auto* const out = reinterpret_cast<float*>(allocate(0, shape, bytes));
    const auto* const in = reinterpret_cast<const float*>(inputs[0].data);
    for (int64_t i = 0; i < shape[0] * shape[1]; ++i) out[i] = 2 * in[i];
    return absl::OkStatus();
  }
  int64_t WorkspaceBytes(int64_t) const override { return 0; }

  std::vector<int64_t> batches;

 private:
  const int64_t rows_;
};

class InferComputeTest : public testing::Test {
 protected:
  explicit InferComputeTest(int64_t rows = 0) {
    auto model = std::make_unique<Doubling>(rows);
    doubling_ = model.get();
    loaded_->model = std::move(model);
    loaded_->spec.name = std::string("m");
    loaded_->spec.max_batch_size = 8;
    loaded_->spec.inputs = {{.name = "x", .datatype = "FP32", .dims = {2}}};
    loaded_->spec.outputs = {{.name = "y", .datatype = "FP32", .dims = {2}}};
  }

  // Of samples first, first + 1 ...
  InferJob& Add(int64_t samples, float first) {
    InferMessage message;
    auto& input = *message.header.add_inputs();
    input.set_name("x");
    input.set_datatype("FP32");
    for (const int64_t dim : {samples, int64_t{2}}) input.add_shape(dim);
    for (int64_t i = 0; i < 2 * samples; ++i) {
      input.mutable_contents()->add_fp32_contents(first + static_cast<float>(i));
    }
    jobs_.push_back(std::make_unique<InferJob>());
    InferJob& job = *jobs_.back();
    job.model = loaded_;
    job.served = &served_;
    job.plan = *PlanInfer(message, loaded_->spec);
    return job;
  }

  absl::Status Run() {
    std::vector<InferJob*> jobs;
    for (const auto& job : jobs_) jobs.push_back(job.get());
    return RunModel({BufferPool::Create(1 << 20), costs_, 1 << 20}, jobs);
  }

  static std::vector<float> Values(const InferJob& job) {
    const InferOutput& output = job.outputs.at(0);
    std::vector<float> values(output.bytes / sizeof(float));
    std::memcpy(values.data(), output.buffer.data(), output.bytes);
    return values;
  }

  const std::shared_ptr<LoadedModel> loaded_ = std::make_shared<LoadedModel>();
  Doubling* doubling_ = nullptr;
  ServerMetrics metrics_{ServerMetrics::Options()};
  CostModel costs_;
  ServedModel served_{&metrics_.model("m", 7), "model/m/7"};
  std::vector<std::unique_ptr<InferJob>> jobs_;
};

TEST_F(InferComputeTest, EachRequestGetsItsOwnRows) {
  const InferJob& one = Add(1, 0);
  const InferJob& two = Add(2, 10);
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(doubling_->batches, ElementsAre(3));
  EXPECT_THAT(one.outputs[0].shape, ElementsAre(1, 2));
  EXPECT_THAT(Values(one), ElementsAre(0, 2));
  EXPECT_THAT(two.outputs[0].shape, ElementsAre(2, 2));
  EXPECT_THAT(Values(two), ElementsAre(20, 22, 24, 26));
}

TEST_F(InferComputeTest, CountsOneExecution) {
  const InferJob& one = Add(1, 0);
  const InferJob& two = Add(2, 10);
  two.times->queue = 0.5;
  ASSERT_TRUE(Run().ok());
  EXPECT_TRUE(one.times->leads);
  EXPECT_EQ(one.times->batch, 1);
  EXPECT_EQ(one.times->formed, 3);
  EXPECT_FALSE(two.times->leads);
  EXPECT_EQ(two.times->batch, 2);
  EXPECT_EQ(two.times->formed, 3);
  EXPECT_EQ(two.times->queue, 0.5) << "its own";
  inference::ModelStatistics statistics;
  served_.statistics->Describe(statistics);
  EXPECT_EQ(statistics.execution_count(), 1U);
  EXPECT_EQ(served_.metrics->formed_batch->Collect().histogram.sample_count, 1U);
  EXPECT_EQ(served_.metrics->formed_batch->Collect().histogram.sample_sum, 3);
}

class WrongRowsTest : public InferComputeTest {
 protected:
  WrongRowsTest() : InferComputeTest(2) {}
};

TEST_F(WrongRowsTest, AModelThatMixesTheBatchIsAnErrorAndLeavesNothing) {
  const InferJob& one = Add(1, 0);
  Add(2, 10);
  const absl::Status status = Run();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), HasSubstr("batch of 3 samples"));
  EXPECT_TRUE(one.outputs.empty());
}

}  // namespace
}  // namespace normbench
