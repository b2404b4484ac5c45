// SPDX-License-Identifier: Apache-2.0
#include "server/repository/warmup_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/text_format.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

// A model with inputs x (FP32 [2, -1]) and words (BYTES [1]), and `warmup`.
absl::Status Check(const std::string& warmup, int max_batch_size = 8) {
  inference::ModelConfig config;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      "input { name: 'x' data_type: TYPE_FP32 dims: [ 2, -1 ] }"
      "input { name: 'words' data_type: TYPE_STRING dims: 1 }" +
          warmup,
      &config))
      << warmup;
  config.set_max_batch_size(max_batch_size);
  return CheckWarmups(config);
}

const std::string kX = "{ key: 'x' value { data_type: TYPE_FP32 dims: [ 2, 5 ] zero_data: true } }";
const std::string kWords =
    "{ key: 'words' value { data_type: TYPE_STRING dims: 1 input_data_file: 'w' } }";

std::string Sample(const std::string& x, const std::string& more = "") {
  return "model_warmup { name: 's' inputs [ " + x + ", " + kWords + " ] " + more + " }";
}

TEST(WarmupCheckTest, AcceptsARequestOfTheModel) {
  EXPECT_TRUE(Check("").ok());
  EXPECT_TRUE(Check(Sample(kX)).ok()) << Check(Sample(kX));
  EXPECT_TRUE(Check(Sample(kX, "batch_size: 8 count: 1000")).ok());
  EXPECT_TRUE(Check(Sample(kX, "batch_size: 1"), 0).ok());
}

TEST(WarmupCheckTest, NothingMeansOnce) {
  inference::ModelWarmup warmup;
  EXPECT_EQ(WarmupBatch(warmup), 1);
  EXPECT_EQ(WarmupRuns(warmup), 1);
  warmup.set_batch_size(3);
  warmup.set_count(4);
  EXPECT_EQ(WarmupBatch(warmup), 3);
  EXPECT_EQ(WarmupRuns(warmup), 4);
}

std::string OfX(const std::string& value) {
  return Sample("{ key: 'x' value { " + value + " } }");
}

TEST(WarmupCheckTest, RefusesWhatTheModelCouldNotBeSent) {
  const std::vector<std::pair<std::string, const char*>> refused = {
      {Sample(kX, "batch_size: 9"), "model_warmup 's'.batch_size: 9; allowed: 1 to 8"},
      {Sample(kX, "batch_size: 4294967295"), "batch_size: 4294967295"},
      {"model_warmup { name: 's' inputs " + kX + " }", "model_warmup 's' input 'words': missing"},
      {Sample(kX + ", { key: 'word' value {} }"), "has no input 'word'; nearest: words"},
      {OfX("data_type: TYPE_FP64 dims: [ 2, 5 ] zero_data: true"),
       "input 'x'.data_type: FP64; the model's is FP32"},
      {OfX("data_type: TYPE_FP32 dims: [ 3, 5 ] zero_data: true"),
       "input 'x'.dims: [3, 5]; the model's are [2, -1]"},
      {OfX("data_type: TYPE_FP32 dims: [ 2, 0 ] zero_data: true"), "dims: [2, 0]"},
      {OfX("data_type: TYPE_FP32 dims: [ 2, -1 ] zero_data: true"), "dims: [2, -1]"},
      {OfX("data_type: TYPE_FP32 dims: [ 2 ] zero_data: true"), "dims: [2]"},
      {OfX("data_type: TYPE_FP32 dims: [ 2, 5, 1 ] zero_data: true"), "dims: [2, 5, 1]"},
      {OfX("data_type: TYPE_FP32 dims: [ 2, 5 ]"), "input 'x': no data; allowed: zero_data"},
      {OfX("data_type: TYPE_FP32 dims: [ 2, 5 ] zero_data: false"), "data of kind false"},
      {OfX("data_type: TYPE_FP32 dims: [ 2, 5 ] random_data: false"), "data of kind false"},
      {OfX("data_type: TYPE_FP32 dims: [ 2, 5 ] input_data_file: '../f'"),
       "input_data_file: '../f'; allowed: the name of a file in the model's folder warmup"},
      {OfX("data_type: TYPE_FP32 dims: [ 2, 5 ] input_data_file: ''"), "input_data_file: ''"}};
  for (const auto& [warmup, why] : refused) {
    const absl::Status status = Check(warmup);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << warmup;
    EXPECT_THAT(std::string(status.message()), HasSubstr(why));
  }
  EXPECT_FALSE(Check(Sample(kX, "batch_size: 2"), 0).ok()) << "there is no batch dimension";
}

TEST(WarmupCheckTest, WorkIsBounded) {
  EXPECT_FALSE(Check(Sample(kX, "count: 1001")).ok());
  EXPECT_THAT(std::string(Check(Sample(kX, "count: 999") + Sample(kX) + Sample(kX)).message()),
              HasSubstr("model_warmup: 1001 runs; allowed: at most 1000"));
}

TEST(WarmupCheckTest, MemoryIsBounded) {
  const auto of = [](const std::string& dim) {
    return OfX("data_type: TYPE_FP32 dims: [ 2, " + dim + " ] random_data: true");
  };
  EXPECT_TRUE(Check(of("33554431")).ok()) << "2 x 4 bytes each, and one length of a string";
  for (const char* dim : {"33554432", "4611686018427387904", "9223372036854775807"}) {
    EXPECT_THAT(std::string(Check(of(dim)).message()), HasSubstr("too much memory")) << dim;
  }
  const std::string batch =
      "{ key: 'x' value { data_type: TYPE_FP32 dims: [ 2, 8388608 ] "
      "zero_data: true } }";
  EXPECT_TRUE(Check(Sample(batch, "batch_size: 3")).ok());
  EXPECT_FALSE(Check(Sample(batch, "batch_size: 4")).ok()) << "the batch counts";
}

}  // namespace
}  // namespace normbench
