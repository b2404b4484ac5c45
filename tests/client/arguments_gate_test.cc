// SPDX-License-Identifier: Apache-2.0
#include "client/arguments_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/arguments.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(const std::vector<std::string>& words) {
  const Arguments arguments = ParseArguments(words);
  return arguments.exit_code == 2 ? arguments.text : "accepted";
}

TEST(ArgumentsGateTest, Compare) {
  const Arguments arguments =
      ParseArguments({"compare", "--a", "old --x", "--b", "new", "--policy", "gate.json",
                      "--no-pin", "--junit", "j.xml", "--annotations", "--start-timeout", "5"});
  ASSERT_TRUE(arguments.compare) << arguments.text;
  EXPECT_EQ(arguments.compare->a, "old --x");
  EXPECT_EQ(arguments.compare->b, "new");
  EXPECT_EQ(arguments.compare->policy, "gate.json");
  EXPECT_FALSE(arguments.compare->pin);
  EXPECT_EQ(arguments.compare->start_seconds, 5);
  EXPECT_EQ(arguments.compare->outputs.junit, "j.xml");
  EXPECT_TRUE(arguments.compare->outputs.annotations);
  EXPECT_TRUE(ParseArguments({"compare", "--a", "a", "--b", "b", "--policy", "p"}).compare->pin);
}

TEST(ArgumentsGateTest, GateAndItsSelftest) {
  const Arguments gate =
      ParseArguments({"gate", "--baseline", "a", "--candidate", "b", "--across-machines"});
  ASSERT_TRUE(gate.gate) << gate.text;
  EXPECT_EQ(gate.gate->baseline, "a");
  EXPECT_TRUE(gate.gate->across_machines);
  const Arguments test = ParseArguments({"gate", "selftest", "--server", "s"});
  ASSERT_TRUE(test.selftest) << test.text;
  EXPECT_FALSE(test.gate);
  EXPECT_EQ(test.selftest->server, "s");
  EXPECT_THAT(test.selftest->faults, ::testing::IsEmpty());
  EXPECT_THAT(ParseArguments({"gate", "selftest", "--fault", "cpu", "--fault", "client stall"})
                  .selftest->faults,
              ::testing::ElementsAre("cpu", "client stall"));
}

TEST(ArgumentsGateTest, NamesWhatIsMissing) {
  EXPECT_THAT(ErrorOf({"compare", "--a", "x", "--policy", "p"}), HasSubstr("--b"));
  EXPECT_THAT(ErrorOf({"compare", "--a", "x", "--b", "y"}), HasSubstr("--policy"));
  EXPECT_THAT(ErrorOf({"gate", "--candidate", "b"}), HasSubstr("--baseline is required"));
  EXPECT_THAT(ErrorOf({"gate", "--baseline", "b"}), HasSubstr("--candidate is required"));
  EXPECT_THAT(ErrorOf({"compare", "--a", "x", "--b", "y", "--policy", "p", "--fault-stall", "2"}),
              HasSubstr("--fault-stall"));
}

}  // namespace
}  // namespace normbench
