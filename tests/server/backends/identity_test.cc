// SPDX-License-Identifier: Apache-2.0
#include "server/backends/identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ModelSpec SpecOf(std::vector<TensorSpec> inputs, std::vector<TensorSpec> outputs) {
  ModelSpec spec;
  spec.name = "echo";
  spec.backend = "identity";
  spec.inputs = std::move(inputs);
  spec.outputs = std::move(outputs);
  return spec;
}

TensorIn InputOf(const std::string& bytes, std::vector<int64_t> shape) {
  return {.datatype = "UINT8",
          .shape = std::move(shape),
          .data = reinterpret_cast<const std::byte*>(bytes.data()),
          .bytes = bytes.size()};
}

struct Output {
  std::vector<int64_t> shape;
  std::string bytes;
};

TEST(IdentityTest, TakesNoMemoryAndNeedsNoWorker) {
  const auto model =
      MakeIdentityBackend()->Load(SpecOf({{"a", "UINT8", {-1}}}, {{"b", "UINT8", {-1}}}));
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ((*model)->WorkspaceBytes(8), 0);
  EXPECT_TRUE((*model)->any_thread());
}

TEST(IdentityTest, CopiesEveryInputToItsOutput) {
  const auto model = MakeIdentityBackend()->Load(SpecOf(
      {{"a", "UINT8", {-1}}, {"b", "UINT8", {-1}}}, {{"c", "UINT8", {-1}}, {"d", "UINT8", {-1}}}));
  ASSERT_TRUE(model.ok()) << model.status();
  const std::string first = "abcdef";
  const std::string second = "xyz";
  const std::vector<TensorIn> inputs = {InputOf(first, {2, 3}), InputOf(second, {3, 1})};
  std::vector<Output> outputs(2);
  const absl::Status status =
      (*model)->Infer(inputs, [&](int index, std::vector<int64_t> shape, size_t bytes) {
        outputs[static_cast<size_t>(index)] = {std::move(shape), std::string(bytes, '?')};
        return reinterpret_cast<std::byte*>(outputs[static_cast<size_t>(index)].bytes.data());
      });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(outputs[0].bytes, "abcdef");
  EXPECT_THAT(outputs[0].shape, ElementsAre(2, 3));
  EXPECT_EQ(outputs[1].bytes, "xyz");
  EXPECT_THAT(outputs[1].shape, ElementsAre(3, 1));
}

TEST(IdentityTest, NoMemoryIsAnAnswer) {
  const auto model =
      MakeIdentityBackend()->Load(SpecOf({{"a", "UINT8", {-1}}}, {{"b", "UINT8", {-1}}}));
  ASSERT_TRUE(model.ok());
  const std::vector<TensorIn> inputs = {InputOf("abc", {3})};
  const absl::Status status = (*model)->Infer(
      inputs, [](int, std::vector<int64_t>, size_t) { return static_cast<std::byte*>(nullptr); });
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
}

TEST(IdentityTest, OutputsMustMirrorInputs) {
  const TensorSpec x = {"x", "FP32", {-1}};
  const std::vector<std::pair<std::vector<TensorSpec>, std::string>> bad = {
      {{}, "1 inputs and 0 outputs"},
      {{{"y", "FP64", {-1}}}, "needs output y with the datatype and dims of input x"},
      {{{"y", "FP32", {-1, 2}}}, "needs output y with the datatype and dims of input x"}};
  for (const auto& [outputs, text] : bad) {
    const absl::Status status = MakeIdentityBackend()->Load(SpecOf({x}, outputs)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr("model echo"));
    EXPECT_THAT(std::string(status.message()), HasSubstr(text));
  }
}

}  // namespace
}  // namespace normbench
