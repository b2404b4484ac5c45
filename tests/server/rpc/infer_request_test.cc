// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/infer_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "server/rpc/infer_classes.h"

namespace normbench {
namespace {

using inference::ModelInferRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Change = std::function<void(ModelInferRequest&)>;

// Two inputs a (FP32, 2) and b (INT64, any), two outputs c and d.
ModelSpec Pair() {
  ModelSpec model;
  model.name = "pair";
  model.max_batch_size = 4;
  model.inputs = {{.name = "a", .datatype = "FP32", .dims = {2}},
                  {.name = "b", .datatype = "INT64", .dims = {-1}}};
  model.outputs = {{.name = "c", .datatype = "FP32", .dims = {2}},
                   {.name = "d", .datatype = "INT64", .dims = {-1}}};
  return model;
}

// Batch 3, inputs in the other order.
ModelInferRequest Good() {
  ModelInferRequest request;
  request.set_model_name("pair");
  auto& b = *request.add_inputs();
  b.set_name("b");
  b.set_datatype("INT64");
  for (const int64_t dim : {3, 1}) b.add_shape(dim);
  auto& a = *request.add_inputs();
  a.set_name("a");
  a.set_datatype("FP32");
  for (const int64_t dim : {3, 2}) a.add_shape(dim);
  request.add_raw_input_contents(std::string(24, 'b'));
  request.add_raw_input_contents(std::string(24, 'a'));
  return request;
}

// As it arrives: in pieces.
grpc::ByteBuffer InPieces(const std::string& bytes, size_t piece) {
  std::vector<grpc::Slice> slices;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    slices.emplace_back(bytes.substr(at, piece));
  }
  return grpc::ByteBuffer(slices.data(), slices.size());
}

absl::Status StatusOf(const Change& change) {
  ModelInferRequest request = Good();
  change(request);
  InferMessage message;
  const absl::Status status =
      DecodeInfer(InPieces(request.SerializeAsString(), 7), 1 << 20, message);
  return status.ok() ? PlanInfer(message, Pair()).status() : status;
}

std::string InvalidBecause(const Change& change) {
  const absl::Status status = StatusOf(change);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  return std::string(status.message());
}

std::string UnimplementedBecause(const Change& change) {
  const absl::Status status = StatusOf(change);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented) << status;
  return std::string(status.message());
}

TEST(InferRequestTest, PlansInTheOrderOfTheModel) {
  InferMessage message;
  ASSERT_TRUE(DecodeInfer(InPieces(Good().SerializeAsString(), 5), 1 << 20, message).ok());
  EXPECT_EQ(message.header.raw_input_contents_size(), 0);
  const auto plan = PlanInfer(message, Pair());
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->batch, 3);
  EXPECT_EQ(plan->elements, 9);
  EXPECT_EQ(plan->input_bytes, 48);
  EXPECT_EQ(plan->output_bytes, 24 + 48);  // d is known only when it runs
  EXPECT_THAT(plan->outputs, ElementsAre(0, 1));
  ASSERT_EQ(plan->inputs.size(), 2u);
  EXPECT_THAT(plan->inputs[0].shape, ElementsAre(3, 2));
  std::string a(24, '?');
  plan->inputs[0].raw.CopyTo(a.data());
  EXPECT_EQ(a, std::string(24, 'a'));
}

TEST(InferRequestTest, OutputsAreThoseAskedForInTheirOrder) {
  ModelInferRequest request = Good();
  request.add_outputs()->set_name("d");
  InferMessage message;
  ASSERT_TRUE(DecodeInfer(InPieces(request.SerializeAsString(), 64), 1 << 20, message).ok());
  EXPECT_THAT(PlanInfer(message, Pair())->outputs, ElementsAre(1));
  message.header.add_outputs()->set_name("c");
  EXPECT_THAT(PlanInfer(message, Pair())->outputs, ElementsAre(1, 0));
}

TEST(InferRequestTest, ThePlanHoldsAndCountsWhatItKeeps) {
  ModelSpec model = Pair();
  model.inputs.pop_back();
  ModelInferRequest request;
  request.set_id(std::string(1000, 'i'));
  auto& a = *request.add_inputs();
  a.set_name("a");
  a.set_datatype("FP32");
  for (const int64_t dim : {1, 2}) a.add_shape(dim);
  for (const float value : {1.f, 2.f}) a.mutable_contents()->add_fp32_contents(value);
  absl::StatusOr<InferPlan> plan;
  {
    InferMessage message;
    ASSERT_TRUE(DecodeInfer(InPieces(request.SerializeAsString(), 64), 1 << 20, message).ok());
    plan = PlanInfer(message, model);
  }
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->id, request.id());
  EXPECT_THAT(plan->inputs[0].typed->fp32_contents(), ElementsAre(1.f, 2.f));
  EXPECT_GE(plan->held_bytes, 1008);
}

TEST(InferRequestTest, OutputsAreKnownAndAskedForOnce) {
  EXPECT_EQ(InvalidBecause([](auto& r) { r.add_outputs()->set_name("e"); }),
            "outputs[0] 'e': the model has no such tensor");
  EXPECT_THAT(InvalidBecause([](auto& r) {
                for (const char* name : {"c", "d", "c"}) r.add_outputs()->set_name(name);
              }),
              HasSubstr("outputs[2] 'c': asked for twice"));
}

TEST(InferRequestTest, InputsAreKnownCompleteAndGivenOnce) {
  EXPECT_THAT(InvalidBecause([](auto& r) { r.mutable_inputs(1)->set_name("x"); }),
              HasSubstr("inputs[1] 'x': the model has no such tensor"));
  EXPECT_EQ(InvalidBecause([](auto& r) {
              r.mutable_inputs()->RemoveLast();
              r.mutable_raw_input_contents()->RemoveLast();
            }),
            "inputs: 'a' is missing");
  EXPECT_EQ(InvalidBecause([](auto& r) {
              *r.add_inputs() = r.inputs(0);
              r.add_raw_input_contents(r.raw_input_contents(0));
            }),
            "inputs[2] 'b': given twice");
  EXPECT_EQ(InvalidBecause([](auto& r) {
              r.clear_inputs();
              r.clear_raw_input_contents();
            }),
            "inputs: 'a' is missing");
}

TEST(InferRequestTest, DatatypeIsTheModels) {
  EXPECT_EQ(InvalidBecause([](auto& r) { r.mutable_inputs(1)->set_datatype("FP64"); }),
            "inputs[1] 'a'.datatype: 'FP64'; allowed: FP32");
  EXPECT_THAT(InvalidBecause([](auto& r) { r.mutable_inputs(1)->clear_datatype(); }),
              HasSubstr("datatype: ''"));
}

TEST(InferRequestTest, BytesMatchTheShape) {
  EXPECT_EQ(InvalidBecause([](auto& r) { r.mutable_raw_input_contents(1)->pop_back(); }),
            "inputs[1] 'a': 23 bytes; allowed: 24 (shape x datatype)");
  EXPECT_THAT(InvalidBecause([](auto& r) { r.mutable_raw_input_contents(1)->clear(); }),
              HasSubstr("0 bytes"));
  EXPECT_THAT(InvalidBecause([](auto& r) { r.mutable_inputs(1)->set_shape(1, 3); }),
              HasSubstr("inputs[1] 'a'.shape[1]: 3; allowed: 2"));
  EXPECT_THAT(InvalidBecause([](auto& r) { r.mutable_inputs(0)->set_shape(1, 2147483647); }),
              HasSubstr("more than 2147483647 elements"));
}

TEST(InferRequestTest, BatchIsOneForAllInputs) {
  EXPECT_EQ(InvalidBecause([](auto& r) {
              r.mutable_inputs(0)->set_shape(0, 1);
              r.set_raw_input_contents(0, std::string(8, 'b'));
            }),
            "inputs: 'b'.shape[0]: batch of 1; allowed: 3, as of 'a'");
  EXPECT_THAT(InvalidBecause([](auto& r) { r.mutable_inputs(0)->set_shape(0, 5); }),
              HasSubstr("batch of 5; allowed: 1 to 4 (max_batch_size)"));
}

TEST(InferRequestTest, RawAndTypedAreNotMixed) {
  EXPECT_THAT(InvalidBecause([](auto& r) { r.mutable_inputs(1)->mutable_contents(); }),
              HasSubstr("inputs[1] 'a'.contents: given beside raw_input_contents"));
  EXPECT_THAT(InvalidBecause([](auto& r) { r.mutable_raw_input_contents()->RemoveLast(); }),
              HasSubstr("raw_input_contents: 1 tensors; allowed: 2"));
  EXPECT_THAT(InvalidBecause([](auto& r) { r.add_raw_input_contents("x"); }),
              HasSubstr("raw_input_contents: 3 tensors; allowed: 2"));
  EXPECT_THAT(InvalidBecause([](auto& r) { r.clear_raw_input_contents(); }),
              HasSubstr("inputs[0] 'b': no data"));
  EXPECT_THAT(InvalidBecause([](auto& r) {
                r.clear_raw_input_contents();
                r.mutable_inputs(0)->mutable_contents()->add_int64_contents(1);
              }),
              HasSubstr("inputs[1] 'a': no data"));
}

TEST(InferRequestTest, WhatIsNotOfferedSaysSo) {
  EXPECT_THAT(
      UnimplementedBecause([](auto& r) {
        (*r.mutable_inputs(0)->mutable_parameters())["shared_memory_region"].set_string_param("r");
        r.mutable_raw_input_contents()->RemoveLast();
      }),
      HasSubstr("inputs[0] 'b'.parameters: shared_memory_region: shared memory is off"));
}

TEST(InferRequestTest, WordsHaveNoClasses) {
  ModelSpec model = Pair();
  model.outputs[0].datatype = "BYTES";
  ModelInferRequest request = Good();
  auto& words = *request.add_outputs();
  words.set_name("c");
  (*words.mutable_parameters())["classification"].set_int64_param(1);
  InferMessage message;
  ASSERT_TRUE(DecodeInfer(InPieces(request.SerializeAsString(), 64), 1 << 20, message).ok());
  const absl::Status status = PlanInfer(message, model).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("outputs[0] 'c'.parameters: 'classification': of BYTES"));
}

TEST(InferRequestTest, OutputsMayBeAskedForByTheirClasses) {
  ModelInferRequest request = Good();
  request.add_outputs()->set_name("d");
  auto& classified = *request.add_outputs();
  classified.set_name("c");
  (*classified.mutable_parameters())["classification"].set_int64_param(3);
  InferMessage message;
  ASSERT_TRUE(DecodeInfer(InPieces(request.SerializeAsString(), 64), 1 << 20, message).ok());
  const auto plan = PlanInfer(message, Pair());
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->outputs, ElementsAre(1, 0));
  EXPECT_THAT(plan->classes, ElementsAre(0, 3));
  EXPECT_EQ(plan->output_bytes, 24 + 48 + 3 * 3 * MaxClassBytes()) << "the texts count, too";
  for (const int64_t wrong : {int64_t{0}, int64_t{-1}, int64_t{65537}}) {
    EXPECT_EQ(InvalidBecause([&](auto& r) {
                auto& output = *r.add_outputs();
                output.set_name("c");
                (*output.mutable_parameters())["classification"].set_int64_param(wrong);
              }),
              "outputs[0] 'c'.parameters: 'classification': " + std::to_string(wrong) +
                  "; allowed: int64_param from 1 to 65536");
  }
}

TEST(InferRequestTest, ParametersThatV2ClientsSendAreAccepted) {
  EXPECT_TRUE(StatusOf([](auto& r) {
                auto& parameters = *r.mutable_parameters();
                parameters["triton_enable_empty_final_response"].set_bool_param(false);
                parameters["priority"].set_uint64_param(1);
                parameters["timeout"].set_int64_param(1000);
                parameters["anything"].set_string_param("x");
                (*r.mutable_inputs(0)->mutable_parameters())["binary_data_size"].set_int64_param(
                    24);
              }).ok());
  EXPECT_THAT(InvalidBecause([](auto& r) {
                (*r.mutable_parameters())["triton_grpc_error"].set_bool_param(true);
              }),
              HasSubstr("'triton_grpc_error' is reserved"));
}

TEST(InferRequestTest, NamesOfAnyLengthAndBytesMakeShortMessages) {
  EXPECT_LT(InvalidBecause([](auto& r) {
              r.mutable_inputs(0)->set_name(std::string(500000, 'n'));
            }).size(),
            300u);
}

TEST(InferRequestTest, MalformedAndOversizedMessagesAreInvalid) {
  InferMessage message;
  EXPECT_EQ(DecodeInfer(InPieces("\x3a\xff\x01", 2), 1 << 20, message).code(),
            absl::StatusCode::kInvalidArgument);
  ModelInferRequest request = Good();
  request.set_id(std::string(2000, 'i'));
  EXPECT_EQ(DecodeInfer(InPieces(request.SerializeAsString(), 64), 1000, message).code(),
            absl::StatusCode::kInvalidArgument);
  // A request of defaults only.
  InferMessage empty;
  ASSERT_TRUE(DecodeInfer(grpc::ByteBuffer(), 1000, empty).ok());
  EXPECT_FALSE(PlanInfer(empty, Pair()).ok());
}

// Whatever a byte becomes, what is accepted is what the generated parser reads.
TEST(InferRequestTest, NoByteMakesItReadElsewhere) {
  const std::string good = Good().SerializeAsString();
  int planned = 0;
  for (size_t at = 0; at < good.size(); ++at) {
    for (const char flip : {'\x01', '\x08', '\x7f', '\xff'}) {
      std::string bytes = good;
      bytes[at] = static_cast<char>(bytes[at] ^ flip);
      InferMessage message;
      ModelInferRequest generated;
      if (!DecodeInfer(InPieces(bytes, 11), 1 << 20, message).ok()) continue;
      ASSERT_TRUE(generated.ParseFromString(bytes)) << at;
      const auto plan = PlanInfer(message, Pair());
      if (!plan.ok()) continue;
      ++planned;
      for (int i = 0; i < 2; ++i) {
        std::string read(plan->inputs[i].raw.size(), '?');
        plan->inputs[i].raw.CopyTo(read.data());
        // Good() has its inputs in the other order.
        EXPECT_EQ(read, generated.raw_input_contents(1 - i)) << at;
      }
    }
  }
  EXPECT_GT(planned, 100);
}

// Whatever is cut off, nothing is read that is not there.
TEST(InferRequestTest, EveryPrefixIsRefusedOrPlanned) {
  const std::string bytes = Good().SerializeAsString();
  for (size_t length = 0; length < bytes.size(); ++length) {
    InferMessage message;
    const absl::Status status = DecodeInfer(InPieces(bytes.substr(0, length), 3), 1 << 20, message);
    if (!status.ok()) continue;
    EXPECT_FALSE(PlanInfer(message, Pair()).ok()) << length;
  }
}

TEST(DecodeInfer, RefusesMoreTensorsThanAnyModelHasBeforeItMakesThem) {
  for (const char tag : {'\x2a', '\x32'}) {  // fields 5 and 6, inputs and outputs
    std::string bytes;
    for (int i = 0; i < 64; ++i) bytes += {tag, '\0'};
    InferMessage message;
    EXPECT_TRUE(DecodeInfer(InPieces(bytes, 5), 1 << 20, message).ok());
    while (bytes.size() < 1 << 20) bytes += {tag, '\0'};
    message = {};
    EXPECT_EQ(DecodeInfer(InPieces(bytes, 1000), 1 << 20, message),
              absl::InvalidArgumentError(absl::StrCat(tag == '\x2a' ? "inputs" : "outputs",
                                                      ": more than 64 tensors; allowed: 0 to 64")));
    EXPECT_EQ(message.header.inputs_size() + message.header.outputs_size(), 0);
  }
}

}  // namespace
}  // namespace normbench
