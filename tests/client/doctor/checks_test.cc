// SPDX-License-Identifier: Apache-2.0
#include "client/doctor/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/client/doctor/good_findings.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

// The check of that name after `change` to a machine that is good.
HostCheck CheckOf(const std::string& name, const std::function<void(Findings&)>& change) {
  Findings findings = GoodFindings();
  change(findings);
  for (const HostCheck& check : CheckHost(findings)) {
    if (check.name == name) return check;
  }
  ADD_FAILURE() << "no check " << name;
  return {};
}

TEST(ChecksTest, AGoodMachineIsOk) {
  const auto checks = CheckHost(GoodFindings());
  EXPECT_EQ(checks.size(), 12);
  for (const HostCheck& check : checks) {
    EXPECT_EQ(check.level, CheckLevel::kOk) << check.name;
    EXPECT_EQ(check.advice, "") << check.name;
    EXPECT_NE(check.good, "") << check.name;
  }
}

TEST(ChecksTest, WhatCannotBeReadIsUnknown) {
  for (const HostCheck& check : CheckHost({})) {
    if (check.name == "CPUs" || check.name == "memory" || check.name == "CPU quota") continue;
    EXPECT_EQ(check.level, CheckLevel::kUnknown) << check.name;
    EXPECT_EQ(check.value, "not visible") << check.name;
    EXPECT_EQ(check.number, std::nullopt) << check.name;
    EXPECT_EQ(check.advice, "") << check.name;
  }
}

struct Case {
  const char* name;
  CheckLevel level;
  const char* value;
  std::function<void(Findings&)> change;
};

TEST(ChecksTest, EachHasItsLimits) {
  for (const Case& c : std::initializer_list<Case>{
           {"steal", CheckLevel::kOk, "2.00 %", [](auto& f) { f.window.steal_ratio = 0.02; }},
           {"steal", CheckLevel::kWarn, "2.10 %", [](auto& f) { f.window.steal_ratio = 0.021; }},
           {"steal", CheckLevel::kWarn, "5.00 %", [](auto& f) { f.window.steal_ratio = 0.05; }},
           {"steal", CheckLevel::kBad, "5.10 %", [](auto& f) { f.window.steal_ratio = 0.051; }},
           {"throttled", CheckLevel::kOk, "0.100 %",
            [](auto& f) { f.window.throttled_ratio = 0.001; }},
           {"throttled", CheckLevel::kWarn, "1.00 %",
            [](auto& f) { f.window.throttled_ratio = 0.01; }},
           {"throttled", CheckLevel::kBad, "1.10 %",
            [](auto& f) { f.window.throttled_ratio = 0.011; }},
           {"CPU pressure", CheckLevel::kOk, "10.0 %",
            [](auto& f) { f.window.cpu_pressure = 0.1; }},
           {"CPU pressure", CheckLevel::kWarn, "100 %", [](auto& f) { f.window.cpu_pressure = 1; }},
           {"others running", CheckLevel::kOk, "5.50", [](auto& f) { f.runnable = 5.5; }},
           {"others running", CheckLevel::kWarn, "5.70", [](auto& f) { f.runnable = 5.7; }},
           {"CPUs", CheckLevel::kOk, "4", [](auto& f) { f.facts.cpus = 4; }},
           {"CPUs", CheckLevel::kWarn, "3", [](auto& f) { f.facts.cpus = 3; }},
           {"CPU quota", CheckLevel::kOk, "8.00 CPUs", [](auto& f) { f.cpu_quota = 8; }},
           {"CPU quota", CheckLevel::kWarn, "1.50 CPUs", [](auto& f) { f.cpu_quota = 1.5; }},
           {"memory", CheckLevel::kOk, "4.00 GB", [](auto& f) { f.facts.memory_bytes = 4e9; }},
           {"memory", CheckLevel::kWarn, "512 MB", [](auto& f) { f.memory_limit_bytes = 512e6; }},
           {"CPU governor", CheckLevel::kWarn, "powersave",
            [](auto& f) { f.tuning.governor = "powersave"; }},
           {"CPU boost", CheckLevel::kWarn, "on", [](auto& f) { f.tuning.boost = true; }},
           {"threads per core", CheckLevel::kWarn, "2",
            [](auto& f) { f.tuning.threads_per_core = 2; }},
           {"timer slack", CheckLevel::kWarn, "60.0 us",
            [](auto& f) { f.timer_slack_seconds = 60e-6; }},
           {"wakes late, p99", CheckLevel::kOk, "200 us",
            [](auto& f) { f.wake_up_p99_seconds = 2e-4; }},
           {"wakes late, p99", CheckLevel::kWarn, "1.50 ms",
            [](auto& f) { f.wake_up_p99_seconds = 1.5e-3; }}}) {
    const HostCheck check = CheckOf(c.name, c.change);
    EXPECT_EQ(check.level, c.level) << c.name << " " << c.value;
    EXPECT_EQ(check.value, c.value) << c.name;
    EXPECT_EQ(check.advice.empty(), c.level == CheckLevel::kOk) << c.name;
  }
}

TEST(ChecksTest, StealAndThrottlingDecide) {
  for (const HostCheck& check : CheckHost(GoodFindings())) {
    EXPECT_EQ(check.decides, check.name == "steal" || check.name == "throttled") << check.name;
  }
}

TEST(ChecksTest, NumbersAreInBaseUnits) {
  const auto steal = CheckOf("steal", [](auto& f) { f.window.steal_ratio = 0.03; });
  EXPECT_EQ(steal.number, 0.03);
  EXPECT_THAT(steal.advice, HasSubstr("other guests"));
  EXPECT_EQ(CheckOf("wakes late, p99", [](auto&) {}).number, 60e-6);
}

TEST(ChecksTest, LevelsHaveNames) {
  EXPECT_EQ(Name(CheckLevel::kUnknown), "-");
  EXPECT_EQ(Name(CheckLevel::kOk), "ok");
  EXPECT_EQ(Name(CheckLevel::kWarn), "warn");
  EXPECT_EQ(Name(CheckLevel::kBad), "bad");
}

}  // namespace
}  // namespace normbench
