// SPDX-License-Identifier: Apache-2.0
// The methods, and requests whose tensors are in shared memory, through a real service.
#include "server/rpc/shared_memory.h"

#include <thread>

#include "tests/server/rpc/inference_fixture.h"
#include "tests/server/shm/shared_object.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SharedMemoryTest : public InferenceFixture {
 protected:
  grpc::Status Register(const std::string& name, const SharedObject& object, uint64_t bytes) {
    inference::SystemSharedMemoryRegisterRequest request;
    request.set_name(name);
    request.set_key(object.key());
    request.set_byte_size(bytes);
    grpc::ClientContext context;
    inference::SystemSharedMemoryRegisterResponse response;
    return stub_->SystemSharedMemoryRegister(&context, request, &response);
  }

  static void Place(InferParameters& parameters, const std::string& region, int64_t offset,
                    int64_t bytes) {
    parameters["shared_memory_region"].set_string_param(region);
    parameters["shared_memory_offset"].set_int64_param(offset);
    parameters["shared_memory_byte_size"].set_int64_param(bytes);
  }

  // Of 'echo', one sample of 2 x 3, its input in "in" and its output to "out".
  static inference::ModelInferRequest Shared() {
    inference::ModelInferRequest request = Request("echo", {1, 2, 3});
    request.clear_raw_input_contents();
    Place(*request.mutable_inputs(0)->mutable_parameters(), "in", 0, 24);
    auto& output = *request.add_outputs();
    output.set_name("y");
    Place(*output.mutable_parameters(), "out", 8, 24);
    return request;
  }

  const std::string values_ = Bytes({0, 1, 2, 3, 4, 5});
  SharedObject in_{values_}, out_{std::string(40, '.')};
};

TEST_F(SharedMemoryTest, TensorsComeFromThereAndGoThere) {
  ASSERT_TRUE(Register("in", in_, 24).ok());
  ASSERT_TRUE(Register("out", out_, 40).ok());
  inference::ModelInferResponse response;
  const grpc::Status status = Infer(Shared(), &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(out_.bytes(), "........" + values_ + "........");
  ASSERT_EQ(response.raw_output_contents_size(), 1) << "clients count on an entry an output";
  EXPECT_EQ(response.raw_output_contents(0), "");
  EXPECT_EQ(response.outputs(0).shape_size(), 3);
}

TEST_F(SharedMemoryTest, OnlyTheInputOrOnlyTheOutput) {
  ASSERT_TRUE(Register("in", in_, 24).ok());
  ASSERT_TRUE(Register("out", out_, 40).ok());
  inference::ModelInferRequest request = Shared();
  request.clear_outputs();
  inference::ModelInferResponse response;
  ASSERT_TRUE(Infer(request, &response).ok());
  EXPECT_EQ(response.raw_output_contents(0), values_);
  request = Shared();
  request.mutable_inputs(0)->clear_parameters();
  request.add_raw_input_contents(Bytes({9, 8, 7, 6, 5, 4}));
  response.Clear();
  ASSERT_TRUE(Infer(request, &response).ok());
  EXPECT_THAT(out_.bytes(), HasSubstr(Bytes({9, 8, 7, 6, 5, 4})));
}

TEST_F(SharedMemoryTest, WrongPlacesAreNamed) {
  ASSERT_TRUE(Register("in", in_, 24).ok());
  ASSERT_TRUE(Register("out", out_, 40).ok());
  const auto refused = [&](const auto& change) {
    inference::ModelInferRequest request = Shared();
    change(request);
    inference::ModelInferResponse response;
    const grpc::Status status = Infer(request, &response);
    EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
    return status.error_message();
  };
  const auto input = [](auto& r) -> auto& {
    return *r.mutable_inputs(0)->mutable_parameters();
  };
  EXPECT_THAT(refused([&](auto& r) { Place(input(r), "in", 0, 20); }),
              HasSubstr("20 bytes; allowed: 24"));
  EXPECT_THAT(refused([&](auto& r) { Place(input(r), "in", 4, 24); }), HasSubstr("which has 24"));
  EXPECT_THAT(refused([&](auto& r) { Place(input(r), "on", 0, 24); }),
              HasSubstr("'on' is registered"));
  EXPECT_THAT(refused([&](auto& r) { r.add_raw_input_contents(values_); }),
              HasSubstr("raw_input_contents: 1 tensors; allowed: 0"));
  EXPECT_THAT(
      refused([&](auto& r) { r.mutable_inputs(0)->mutable_contents()->add_fp32_contents(1); }),
      HasSubstr("given beside shared memory"));
  EXPECT_THAT(
      refused([&](auto& r) { Place(*r.mutable_outputs(0)->mutable_parameters(), "out", 0, 16); }),
      HasSubstr("outputs: 'y'.parameters: shared_memory_byte_size: 16; allowed: at least 24"));
  EXPECT_EQ(out_.bytes(), std::string(40, '.')) << "nothing was written";
}

// A sparse object costs nothing: its sizes must not add up to less than they are.
TEST_F(SharedMemoryTest, AnObjectThatIsTooLargeIsRefused) {
  in_.CutTo(off_t{1} << 62);
  ASSERT_TRUE(Register("in", in_, uint64_t{1} << 62).ok());
  inference::ModelInferRequest request = Request("words", {1, 2});
  request.clear_raw_input_contents();
  request.mutable_inputs(0)->set_datatype("BYTES");
  Place(*request.mutable_inputs(0)->mutable_parameters(), "in", 0, int64_t{1} << 62);
  inference::ModelInferResponse response;
  const grpc::Status status = Infer(request, &response);
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("4611686018427387904 bytes; allowed: at most"));
}

TEST_F(SharedMemoryTest, ARegionThatAQueuedRequestUsesMayGo) {
  const SharedObject in(Bytes({1, 2, 3}));
  ASSERT_TRUE(Register("in", in, 12).ok());
  inference::ModelInferRequest request = Request("gate", {1, 3});
  request.clear_raw_input_contents();
  Place(*request.mutable_inputs(0)->mutable_parameters(), "in", 0, 12);
  inference::ModelInferResponse first, response;
  std::thread running([&] { EXPECT_TRUE(Infer(Request("gate", {1, 3}), &first).ok()); });
  gate_.entered.WaitForNotification();
  std::thread queued([&] { EXPECT_TRUE(Infer(request, &response).ok()); });
  queue_.WaitForJobs(2);
  inference::SystemSharedMemoryUnregisterResponse unregistered;
  grpc::ClientContext context;
  EXPECT_TRUE(stub_->SystemSharedMemoryUnregister(&context, {}, &unregistered).ok());
  EXPECT_THAT(regions_.all(), IsEmpty());
  gate_.open.Notify();
  running.join();
  queued.join();
  EXPECT_EQ(response.raw_output_contents(0), in.bytes());
}

TEST_F(SharedMemoryTest, StatusIsOfOneOrOfAll) {
  ASSERT_TRUE(Register("in", in_, 24).ok());
  ASSERT_TRUE(Register("out", out_, 40).ok());
  const auto status = [&](const std::string& name) {
    inference::SystemSharedMemoryStatusRequest request;
    request.set_name(name);
    return DescribeRegions(&regions_, request);
  };
  EXPECT_EQ(status("")->regions_size(), 2);
  ASSERT_EQ(status("out")->regions_size(), 1);
  EXPECT_EQ(status("out")->regions().at("out").byte_size(), 40);
  EXPECT_TRUE(absl::IsNotFound(status("none").status()));
}

TEST_F(SharedMemoryTest, WithoutRegionsEveryMethodSaysSo) {
  EXPECT_TRUE(absl::IsUnimplemented(DescribeRegions(nullptr, {}).status()));
  EXPECT_TRUE(absl::IsUnimplemented(RegisterRegion(nullptr, {}).status()));
  EXPECT_TRUE(absl::IsUnimplemented(UnregisterRegion(nullptr, {}).status()));
}

}  // namespace
}  // namespace normbench
