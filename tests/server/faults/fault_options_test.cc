// SPDX-License-Identifier: Apache-2.0
#include "server/faults/fault_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

FaultOptions Read(const FaultWords& words) {
  FaultOptions options;
  const absl::Status status = ReadFaults(words, options);
  EXPECT_TRUE(status.ok()) << status;
  return options;
}

std::string Refusal(const FaultWords& words) {
  FaultOptions options;
  const absl::Status status = ReadFaults(words, options);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(ReadFaults, SharesOfTimeArePercent) {
  const FaultOptions all = Read({.delay = "20%", .tail = "500%", .cpu = "0.5%", .numeric = "1e-3"});
  EXPECT_DOUBLE_EQ(all.delay, 0.2);
  EXPECT_DOUBLE_EQ(all.tail, 5);
  EXPECT_DOUBLE_EQ(all.cpu, 0.005);
  EXPECT_DOUBLE_EQ(all.numeric, 1e-3);
  EXPECT_TRUE(all.any());
  EXPECT_FALSE(Read({}).any());
  EXPECT_FALSE(Read({.delay = "0%", .numeric = "0"}).any());
}

TEST(ReadFaults, EachIsOne) {
  EXPECT_TRUE(Read({.delay = "1%"}).any());
  EXPECT_TRUE(Read({.tail = "1%"}).any());
  EXPECT_TRUE(Read({.cpu = "1%"}).any());
  EXPECT_TRUE(Read({.numeric = "0.1"}).any());
}

TEST(ReadFaults, WhatIsNoShareIsNamed) {
  EXPECT_EQ(Refusal({.delay = "abc"}),
            "--fault-delay: 'abc'; allowed: a share with its %, 0% to 1000%");
  EXPECT_EQ(Refusal({.delay = "20"}),
            "--fault-delay: '20'; allowed: a share with its %, 0% to 1000%");
  EXPECT_EQ(Refusal({.tail = "%"}), "--fault-tail: '%'; allowed: a share with its %, 0% to 1000%");
  EXPECT_EQ(Refusal({.cpu = "5%%"}),
            "--fault-cpu: '5%%'; allowed: a share with its %, 0% to 1000%");
  EXPECT_EQ(Refusal({.numeric = "1%"}), "--fault-numeric: '1%'; allowed: a share, 0 to 1");
}

TEST(ValidateFaults, NamesTheFlagTheValueAndTheRange) {
  const struct {
    FaultOptions options;
    const char* message;
  } cases[] = {
      {{.delay = 20}, "--fault-delay: 2000% is out of range; allowed: 0% to 1000%"},
      {{.delay = -0.01}, "--fault-delay: -1% is out of range; allowed: 0% to 1000%"},
      {{.tail = 10.01}, "--fault-tail: 1001% is out of range; allowed: 0% to 1000%"},
      {{.cpu = std::nan("")}, "--fault-cpu: nan% is out of range; allowed: 0% to 1000%"},
      {{.numeric = 1.5}, "--fault-numeric: 1.5 is out of range; allowed: 0 to 1"},
      {{.numeric = -1}, "--fault-numeric: -1 is out of range; allowed: 0 to 1"},
  };
  for (const auto& [options, message] : cases) {
    EXPECT_EQ(Validate(options, true), absl::InvalidArgumentError(message));
  }
  EXPECT_TRUE(Validate({.delay = 10, .tail = 10, .cpu = 10, .numeric = 1}, true).ok());
}

TEST(ValidateFaults, MustBeAllowed) {
  EXPECT_TRUE(Validate({}, false).ok());
  EXPECT_EQ(Validate({.delay = 0.2}, false),
            absl::InvalidArgumentError("--fault-delay: 20% makes the server worse on purpose; "
                                       "allowed: 0% to 1000% with --allow-faults, else 0%"));
  for (const FaultOptions& options :
       {FaultOptions{.tail = 5}, FaultOptions{.cpu = 0.5}, FaultOptions{.numeric = 1e-3}}) {
    EXPECT_FALSE(Validate(options, false).ok());
    EXPECT_TRUE(Validate(options, true).ok());
  }
}

TEST(DescribeFaults, ALineForEach) {
  EXPECT_THAT(Describe(FaultOptions()), IsEmpty());
  EXPECT_THAT(Describe({.delay = 0.2, .tail = 5, .cpu = 0.5, .numeric = 1e-3}),
              ElementsAre("busy work of 20 % of its time after each piece of work",
                          "busy work of 500 % of its time after one in a hundred pieces of work",
                          "CPU time of 50 % of the computing time, burned at idle priority",
                          "answers are wrong by 0.1 % of their largest value"));
}

}  // namespace
}  // namespace normbench
