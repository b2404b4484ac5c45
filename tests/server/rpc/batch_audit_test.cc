// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/batch_audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

namespace normbench {
namespace {

// Adds to each value what `offset` says for the batch: one that depends on it mixes its samples.
class Adding : public Model {
 public:
  using Offset = float (*)(int64_t batch);
  explicit Adding(Offset offset) : offset_(offset) {}
  absl::Status Infer(std::span<const TensorIn> inputs, const AllocateOutput& allocate) override {
    const TensorIn& input = inputs[0];
    EXPECT_EQ(reinterpret_cast<uintptr_t>(input.data) % 64, 0u);
    std::vector<float> values(input.bytes / sizeof(float));
    std::memcpy(values.data(), input.data, input.bytes);
    for (float& value : values) value += offset_(input.shape[0]);
    std::memcpy(allocate(0, input.shape, input.bytes), values.data(), input.bytes);
    return absl::OkStatus();
  }
  int64_t WorkspaceBytes(int64_t) const override { return 0; }

 private:
  const Offset offset_;
};

float Always(int64_t) {
  return 1;
}
float ForOthersToo(int64_t batch) {
  return batch == 1 ? 1.f : 2.f;
}

// Gives places while it is open.
class FakeQueue : public CallQueue {
 public:
  absl::StatusOr<JobId> Submit(Job) override { return absl::InternalError("not expected"); }
  bool Cancel(JobId, const absl::Status&) override { return false; }
  bool TryBeginInline() override { return open; }
  void EndInline() override { ++ended; }
  std::atomic<bool> open{true};
  std::atomic<int> ended{0};
};

class BatchAuditTest : public testing::Test {
 protected:
  // Two requests, of 1 and 2 samples, as they were answered.
  AuditedBatch Batch(Adding::Offset offset) {
    auto loaded = std::make_shared<LoadedModel>();
    loaded->model = std::make_unique<Adding>(offset);
    const size_t bytes = 3 * sizeof(float);
    AuditedBatch batch;
    batch.metrics = &metrics_.model("m", 1);
    batch.samples = {1, 2};
    batch.memory.push_back(buffers_->Get(bytes));
    const std::vector<float> values = {1, 2, 3};
    std::memcpy(batch.memory[0].data(), values.data(), bytes);
    batch.inputs.push_back({"FP32", {3, 1}, batch.memory[0].data(), bytes});
    InferOutput output;
    EXPECT_TRUE(loaded->model
                    ->Infer(batch.inputs,
                            [&](int, std::vector<int64_t> shape, size_t size) {
                              output.made = true;
                              output.shape = std::move(shape);
                              output.bytes = size;
                              output.buffer = buffers_->Get(size);
                              return output.buffer.data();
                            })
                    .ok());
    batch.outputs.push_back(std::move(output));
    batch.model = std::move(loaded);
    return batch;
  }

  BatchAudit::Options Options(double share) {
    return {.share = share,
            .queue = &queue_,
            .buffers = buffers_,
            .thread_init = nullptr,
            .max_kept = 1,
            .max_kept_bytes = 40};
  }

  static void Await(const prometheus::Counter& counter, double value) {
    while (counter.Value() != value) std::this_thread::yield();
  }

  const std::shared_ptr<BufferPool> buffers_ = BufferPool::Create(1 << 20);
  FakeQueue queue_;
  ServerMetrics metrics_{ServerMetrics::Options()};
  const ModelMetrics& counted_ = metrics_.model("m", 1);
};

TEST_F(BatchAuditTest, AModelThatLooksAtNoNeighbourAnswersTheSame) {
  const AuditResult result = Audit(
      Batch(Always), *buffers_, [] { return true; }, [] {});
  EXPECT_EQ(result.same, 2);
  EXPECT_EQ(result.different, 0);
}

TEST_F(BatchAuditTest, OneThatDoesIsFound) {
  const AuditResult result = Audit(
      Batch(ForOthersToo), *buffers_, [] { return true; }, [] {});
  EXPECT_EQ(result.different, 1) << "the request of one sample";
  EXPECT_EQ(result.same, 1) << "that of two, which mixes by itself";
}

TEST_F(BatchAuditTest, StopsWhereThereIsNoPlace) {
  int asked = 0;
  const AuditResult result = Audit(
      Batch(Always), *buffers_, [&] { return ++asked == 1; }, [] {});
  EXPECT_EQ(result.same, 1);
}

TEST_F(BatchAuditTest, TakesItsShare) {
  queue_.open = false;
  BatchAudit audit(Options(0.25));
  int wanted = 0;
  for (int i = 0; i < 100; ++i) wanted += audit.Wants(counted_, 2);
  EXPECT_EQ(wanted, 25);
  BatchAudit none(Options(0));
  EXPECT_FALSE(none.Wants(counted_, 2));
}

TEST_F(BatchAuditTest, CountsInIdleTimeOnly) {
  queue_.open = false;
  BatchAudit audit(Options(1));
  audit.Keep(Batch(Always));
  EXPECT_EQ(counted_.audit_same->Value(), 0);
  queue_.open = true;
  Await(*counted_.audit_same, 2);
  EXPECT_EQ(queue_.ended, 2) << "a place for each request";
}

// 24 bytes each.
TEST_F(BatchAuditTest, SkipsWhatItHasNoPlaceOrMemoryFor) {
  queue_.open = false;
  BatchAudit audit(Options(1));
  for (int i = 0; i < 8; ++i) audit.Keep(Batch(Always));
  EXPECT_GE(counted_.audit_skipped->Value(), 14) << "one runs, for another there is no memory";
}

TEST_F(BatchAuditTest, WantsNothingThatItWouldSkip) {
  queue_.open = false;
  BatchAudit::Options options = Options(1);
  options.max_kept_bytes = 1000;
  BatchAudit audit(options);
  while (audit.Wants(counted_, 2)) audit.Keep(Batch(Always));
  EXPECT_EQ(counted_.audit_skipped->Value(), 2) << "not copied for nothing";
}

TEST_F(BatchAuditTest, EndsWhileItWaits) {
  queue_.open = false;
  BatchAudit audit(Options(1));
  audit.Keep(Batch(Always));
}

}  // namespace
}  // namespace normbench
