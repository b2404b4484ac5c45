// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/infer_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "grpcpp/impl/codegen/proto_utils.h"
#include "server/rpc/inference_methods.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Gives every output the bytes of input 0, last output first; leaves out those of index `without`.
class FakeModel : public Model {
 public:
  explicit FakeModel(int without) : without_(without) {}
  absl::Status Infer(std::span<const TensorIn> inputs, const AllocateOutput& allocate) override {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(inputs[0].data) % 64, 0u);
    EXPECT_EQ(allocate(2, {1}, 4), nullptr);
    EXPECT_EQ(allocate(-1, {1}, 4), nullptr);
    for (const int index : {1, 0}) {
      if (index == without_) continue;
      std::byte* const memory = allocate(index, inputs[0].shape, inputs[0].bytes);
      if (memory == nullptr) return absl::ResourceExhaustedError("no memory for the outputs");
      std::memcpy(memory, inputs[0].data, inputs[0].bytes);
      memory[0] = static_cast<std::byte>(index);
    }
    return absl::OkStatus();
  }
  int64_t WorkspaceBytes(int64_t) const override { return 0; }

 private:
  const int without_;
};

class InferJobTest : public ::testing::Test {
 protected:
  InferJobTest() {
    loaded_.spec.name = std::string("m");  // g++ 12 with -O2 warns falsely without
    loaded_.spec.version = 7;
    loaded_.spec.max_batch_size = 4;
    loaded_.spec.inputs = {{.name = "x", .datatype = "FP32", .dims = {2}}};
    loaded_.spec.outputs = {{.name = "y", .datatype = "FP32", .dims = {2}},
                            {.name = "z", .datatype = "FP32", .dims = {2}}};
    job_.model = model_;
    job_.served = &served_;
    auto& header = message_.header;
    header.set_id("call 17");
    auto& input = *header.add_inputs();
    input.set_name("x");
    input.set_datatype("FP32");
    for (const int64_t dim : {2, 2}) input.add_shape(dim);
    for (const float value : {0.f, 1.f, 2.f, 3.f}) {
      input.mutable_contents()->add_fp32_contents(value);
    }
  }

  absl::Status Run(int without = -1) {
    loaded_.model = std::make_unique<FakeModel>(without);
    job_.plan = *PlanInfer(message_, loaded_.spec);
    const auto call =
        Call::Create({.metrics = &metrics_, .rpc = &metrics_.rpc("ModelInfer"), .finish = {}});
    const absl::Status status =
        RunInfer({BufferPool::Create(1 << 20), costs_, max_output_bytes_}, job_, *call, response_);
    call->Done();
    return status;
  }

  inference::ModelInferResponse Response() {
    inference::ModelInferResponse response;
    EXPECT_TRUE(
        grpc::SerializationTraits<inference::ModelInferResponse>::Deserialize(&response_, &response)
            .ok());
    return response;
  }

  static ServerMetrics::Options MetricsOptions() {
    ServerMetrics::Options options;
    options.rpcs = InferenceRpcNames();
    return options;
  }

  const std::shared_ptr<LoadedModel> model_ = std::make_shared<LoadedModel>();
  LoadedModel& loaded_ = *model_;
  ServerMetrics metrics_{MetricsOptions()};
  CostModel costs_;
  ServedModel served_{&metrics_.model("m", 7), "model/m/7"};
  int64_t max_output_bytes_ = 16;
  InferMessage message_;
  InferJob job_;
  grpc::ByteBuffer response_;
};

TEST_F(InferJobTest, AnOutputThatIsTooLargeGetsNoMemory) {
  max_output_bytes_ = 15;
  EXPECT_EQ(Run().code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(InferJobTest, AnswersRawWhateverTheModelsOrder) {
  ASSERT_TRUE(Run().ok());
  const auto response = Response();
  EXPECT_EQ(response.model_name(), "m");
  EXPECT_EQ(response.model_version(), "7");
  EXPECT_EQ(response.id(), "call 17");
  ASSERT_EQ(response.outputs_size(), 2);
  EXPECT_EQ(response.outputs(0).name(), "y");
  EXPECT_EQ(response.outputs(0).datatype(), "FP32");
  EXPECT_THAT(response.outputs(1).shape(), ElementsAre(2, 2));
  EXPECT_FALSE(response.outputs(0).has_contents());
  ASSERT_EQ(response.raw_output_contents_size(), 2);
  EXPECT_EQ(response.raw_output_contents(0).size(), 16u);
  EXPECT_EQ(response.raw_output_contents(0)[0], '\0');
  EXPECT_EQ(response.raw_output_contents(1)[0], '\1');
}

TEST_F(InferJobTest, OnlyWhatWasAskedFor) {
  message_.header.add_outputs()->set_name("z");
  ASSERT_TRUE(Run().ok());
  const auto response = Response();
  ASSERT_EQ(response.outputs_size(), 1);
  EXPECT_EQ(response.outputs(0).name(), "z");
}

TEST_F(InferJobTest, AnswersWithTheLargestWhereThatWasAskedFor) {
  auto& asked = *message_.header.add_outputs();
  asked.set_name("z");
  (*asked.mutable_parameters())["classification"].set_int64_param(1);
  loaded_.labels = {{}, {"none", "one"}};
  ASSERT_TRUE(Run().ok());
  const auto response = Response();
  EXPECT_EQ(response.outputs(0).datatype(), "BYTES");
  EXPECT_THAT(response.outputs(0).shape(), ElementsAre(2, 1));
  EXPECT_EQ(response.raw_output_contents(0), std::string("\7\0\0\0"
                                                         "1:1:one"
                                                         "\7\0\0\0"
                                                         "3:1:one",
                                                         22));
}

TEST_F(InferJobTest, AModelThatLeavesOutAnOutputIsABug) {
  const absl::Status status = Run(1);
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), HasSubstr("'z'"));
}

TEST_F(InferJobTest, LeavesWhereTheTimeWent) {
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(job_.times->batch, 2);
  EXPECT_GT(job_.times->input, 0);
  EXPECT_GT(job_.times->infer, 0);
  EXPECT_GT(job_.times->output, 0);
}

TEST_F(InferJobTest, LearnsWhatItCosts) {
  const double guess = costs_.Estimate("model/m/7", 4);
  ASSERT_TRUE(Run().ok());
  EXPECT_NE(costs_.Estimate("model/m/7", 4), guess);
}

}  // namespace
}  // namespace normbench
