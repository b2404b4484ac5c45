// SPDX-License-Identifier: Apache-2.0
#include "bench/run/formed_batch.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace normbench {
namespace {

const std::string kFormedBatch = "normbench_formed_batch";

int Read(const std::string& bytes, FormedBatchReader& reader) {
  return reader.Read(std::as_bytes(std::span(bytes)));
}

// As normbench-server answers.
inference::ModelInferResponse Answer(int64_t formed) {
  inference::ModelInferResponse response;
  response.set_id("7");
  response.add_raw_output_contents(std::string(1000, 'x'));
  for (const std::string stage : {"normbench_queue_us", "normbench_infer_us"}) {
    (*response.mutable_parameters())[stage].set_double_param(12.5);
  }
  (*response.mutable_parameters())[kFormedBatch].set_int64_param(formed);
  return response;
}

TEST(FormedBatchReader, FindsWhatTheServerSays) {
  FormedBatchReader reader;
  for (const int formed : {16, 1, 4096}) {
    EXPECT_EQ(Read(Answer(formed).SerializeAsString(), reader), formed);
  }
}

TEST(FormedBatchReader, IsZeroWhereItIsNotSaid) {
  FormedBatchReader reader;
  ASSERT_EQ(Read(Answer(3).SerializeAsString(), reader), 3);
  inference::ModelInferResponse other;
  EXPECT_EQ(Read(other.SerializeAsString(), reader), 0);
  const std::string final_response = "triton_final_response";
  (*other.mutable_parameters())[final_response].set_bool_param(true);
  EXPECT_EQ(Read(other.SerializeAsString(), reader), 0);
  (*other.mutable_parameters())[kFormedBatch].set_string_param("3");
  EXPECT_EQ(Read(other.SerializeAsString(), reader), 0) << "of another type";
}

TEST(FormedBatchReader, IsZeroForWhatCannotBe) {
  FormedBatchReader reader;
  for (const int64_t formed : {int64_t{0}, int64_t{-1}, std::numeric_limits<int64_t>::max()}) {
    EXPECT_EQ(Read(Answer(formed).SerializeAsString(), reader), 0);
  }
  const std::string whole = Answer(3).SerializeAsString();
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_LE(Read(whole.substr(0, size), reader), 3) << "cut, read within its bounds";
  }
}

TEST(AskForFormedBatch, IsOneParameter) {
  inference::ModelInferRequest request;
  AskForFormedBatch(&request);
  ASSERT_EQ(request.parameters_size(), 1);
  EXPECT_TRUE(request.parameters().at("normbench_times").bool_param());
}

}  // namespace
}  // namespace normbench
