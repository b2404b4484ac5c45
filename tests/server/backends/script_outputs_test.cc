// SPDX-License-Identifier: Apache-2.0
#include "server/backends/script_outputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace normbench {
namespace {

using ::testing::HasSubstr;

const std::vector<TensorSpec>& Two() {
  static const auto* const kTwo =
      new std::vector<TensorSpec>{{"a", "FP32", {2}}, {"b", "INT64", {-1}}};
  return *kTwo;
}

std::string ErrorOf(const c10::IValue& value) {
  const auto outputs = ScriptOutputs(value, Two());
  EXPECT_EQ(outputs.status().code(), absl::StatusCode::kInternal);
  return std::string(outputs.status().message());
}

TEST(ScriptOutputs, ADictionaryIsReadByName) {
  c10::Dict<std::string, at::Tensor> dictionary;
  dictionary.insert("b", at::ones({3}));
  dictionary.insert("other", at::ones({1}));
  EXPECT_THAT(ErrorOf(dictionary), HasSubstr("no tensor a"));
  dictionary.insert("a", at::ones({2}));
  const auto outputs = ScriptOutputs(dictionary, Two());
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_EQ((*outputs)[0].numel(), 2);
  EXPECT_EQ((*outputs)[1].numel(), 3);
}

TEST(ScriptOutputs, AnythingElseIsNamed) {
  EXPECT_THAT(ErrorOf(1.5), HasSubstr("returned Double; allowed: tensors in a tuple"));
  EXPECT_THAT(ErrorOf(c10::ivalue::Tuple::create({at::ones({2}), int64_t{7}})),
              HasSubstr("element 1 of the tuple that forward() returned is Int"));
}

}  // namespace
}  // namespace normbench
