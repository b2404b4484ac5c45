// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/infer_parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace normbench {
namespace {

using testing::HasSubstr;

std::string ErrorOf(const InferParameters& parameters) {
  const auto read = ReadRequestParameters(parameters);
  EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(read.status().message());
}

TEST(RequestParameters, NoneAsksForNothing) {
  const auto read = ReadRequestParameters({});
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->priority, 0U);
  EXPECT_EQ(read->timeout.count(), 0);
  EXPECT_FALSE(read->wants_times);
}

TEST(RequestParameters, TakesBothKindsOfNumbers) {
  InferParameters parameters;
  parameters["priority"].set_uint64_param(3);
  parameters["timeout"].set_int64_param(1500);
  parameters["normbench_times"].set_bool_param(true);
  parameters["of the client's own"].set_string_param("anything");
  parameters["triton_enable_empty_final_response"].set_bool_param(false);
  const auto read = ReadRequestParameters(parameters);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->priority, 3U);
  EXPECT_EQ(read->timeout.count(), 1500);
  EXPECT_TRUE(read->wants_times);
}

TEST(RequestParameters, ATimeoutOfAgesIsADay) {
  InferParameters parameters;
  parameters["timeout"].set_uint64_param(~uint64_t{0});
  EXPECT_EQ(ReadRequestParameters(parameters)->timeout, std::chrono::hours(24));
}

TEST(RequestParameters, NamesWhatIsWrong) {
  InferParameters parameters;
  parameters["timeout"].set_int64_param(-1);
  EXPECT_THAT(ErrorOf(parameters), HasSubstr("'timeout': -1; allowed: int64_param or uint64"));
  parameters["timeout"].set_string_param("soon");
  EXPECT_THAT(ErrorOf(parameters), HasSubstr("'timeout': of another type"));
  parameters.clear();
  parameters["normbench_times"].set_int64_param(1);
  EXPECT_THAT(ErrorOf(parameters), HasSubstr("allowed: bool_param"));
  parameters.clear();
  parameters["normbench_time"].set_bool_param(true);
  EXPECT_THAT(ErrorOf(parameters), HasSubstr("'normbench_time' is reserved"));
}

TEST(AddTimes, InMicroseconds) {
  InferParameters parameters;
  AddTimes({.batch = 1,
            .formed = 6,
            .leads = true,
            .queue = 1e-3,
            .input = 2e-6,
            .infer = 3e-6,
            .output = 4e-6},
           parameters);
  EXPECT_DOUBLE_EQ(parameters["normbench_queue_us"].double_param(), 1000);
  EXPECT_DOUBLE_EQ(parameters["normbench_input_us"].double_param(), 2);
  EXPECT_DOUBLE_EQ(parameters["normbench_infer_us"].double_param(), 3);
  EXPECT_DOUBLE_EQ(parameters["normbench_output_us"].double_param(), 4);
  EXPECT_EQ(parameters["normbench_formed_batch"].int64_param(), 6);
}

}  // namespace
}  // namespace normbench
