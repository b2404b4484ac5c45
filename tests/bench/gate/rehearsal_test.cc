// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/rehearsal.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "bench/gate/policy.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

// `rest` is JSON behind the key.
std::vector<GatedCell> CellsWith(const std::string& key, const std::string& rest = "") {
  const auto policy = ParsePolicy(absl::StrCat(
      R"({"version": 1, "name": "g", "cells": [{"key": [")", key, R"("])", rest, "}]}"));
  EXPECT_TRUE(policy.ok()) << policy.status();
  const auto cells = GatedCells(*policy, {});
  EXPECT_TRUE(cells.ok()) << cells.status();
  return *cells;
}

Case Rehearsed(const std::string& key, const std::string& rest = "") {
  return RehearsedCells(CellsWith(key, rest))[0].c;
}

TEST(RehearsedCells, AreShort) {
  const Case usual = Rehearsed("service/rms?shape=1x4");
  EXPECT_EQ(usual.seconds, 0.15);
  EXPECT_EQ(usual.warmup_seconds, 0.1);
  const Case own = Rehearsed("service/rms?shape=1x4", R"(, "seconds": 5, "warmup_seconds": 2)");
  EXPECT_EQ(own.seconds, 0.15);
  EXPECT_EQ(own.warmup_seconds, 0.15);
  EXPECT_EQ(Rehearsed("service/rms?shape=1x4", R"(, "seconds": 0.05)").seconds, 0.05);
}

TEST(RehearsedCells, LastUntilSomethingArrives) {
  EXPECT_EQ(Rehearsed("service/rms?shape=1x4&arrivals=poisson:10").seconds, 2);
  EXPECT_EQ(Rehearsed("service/rms?shape=1x4&arrivals=constant:1000").seconds, 0.15);
  EXPECT_EQ(Rehearsed("service/rms?shape=1x4&arrivals=poisson:1", R"(, "seconds": 4)").seconds, 4);
}

TEST(SetLeastSeconds, GoesByTheNeediestMetric) {
  const std::string service = "service/rms?shape=1x4", kernel = "norm/rms?shape=1x4";
  for (const auto& [key, needed] : {std::pair(service, 368), std::pair(kernel, 6)}) {
    std::vector<GatedCell> cells = CellsWith(key);
    const Rehearsal rehearsal = {.rate = {{cells[0].c.key, 100}}};
    ASSERT_TRUE(SetLeastSeconds(rehearsal, &cells).ok());
    EXPECT_DOUBLE_EQ(cells[0].least_seconds, 1.25 * needed / 100) << key;
  }
  std::vector<GatedCell> unknown = CellsWith(service);
  ASSERT_TRUE(SetLeastSeconds({}, &unknown).ok());
  EXPECT_EQ(unknown[0].least_seconds, 0);
}

TEST(SetLeastSeconds, AScheduleIsKnownWithoutARehearsal) {
  std::vector<GatedCell> cells = CellsWith("service/rms?shape=1x4&arrivals=poisson:200");
  ASSERT_TRUE(SetLeastSeconds({.rate = {{cells[0].c.key, 1}}}, &cells).ok());
  EXPECT_DOUBLE_EQ(cells[0].least_seconds, (368 + 4 * std::sqrt(368)) / 200);
  EXPECT_EQ(LongestCell(cells),
            "; " + cells[0].c.key + " takes 2.22 s of it to have samples for its p99");
}

TEST(SetLeastSeconds, WhateverIsGatedSomethingArrives) {
  std::vector<GatedCell> cells = CellsWith("service/rms?shape=1x4&arrivals=poisson:2");
  cells[0].metrics.clear();
  ASSERT_TRUE(SetLeastSeconds({}, &cells).ok());
  EXPECT_EQ(cells[0].least_seconds, 10);
  EXPECT_EQ(LongestCell(cells), "; " + cells[0].c.key + " takes 10.00 s of it to have samples");
}

TEST(SetLeastSeconds, OpenLoopsAreRefusedWhereNothingMayArrive) {
  const auto refusal = [](const std::string& arrivals, bool gated) {
    std::vector<GatedCell> cells =
        CellsWith("service/rms?shape=1x4&arrivals=" + arrivals, R"(, "seconds": 4)");
    if (!gated) cells[0].metrics.clear();
    return std::string(SetLeastSeconds({}, &cells).message());
  };
  EXPECT_THAT(
      refusal("poisson:2", false),
      HasSubstr("about 8 samples in its 4 s; an open loop takes 20: give it 10.00 seconds"));
  EXPECT_EQ(refusal("poisson:5", false), "");
  EXPECT_EQ(refusal("constant:1", false), "") << "it is sure to send";
  EXPECT_THAT(refusal("poisson:100", true), HasSubstr("p99 takes 444")) << "they scatter";
  EXPECT_EQ(refusal("constant:100", true), "");
}

TEST(SetLeastSeconds, AKernelIsMeasuredLongerThanItsSeconds) {
  const auto refused = [](double rate) {
    std::vector<GatedCell> cells = CellsWith("norm/rms?shape=1x4", R"(, "seconds": 0.1)");
    return !SetLeastSeconds({.rate = {{cells[0].c.key, rate}}}, &cells).ok();
  };
  EXPECT_FALSE(refused(25)) << "2.5 samples, and up to three times as many";
  EXPECT_TRUE(refused(15));
}

TEST(SetLeastSeconds, APassOverImagesTakesWhatItTakes) {
  std::vector<GatedCell> cells =
      CellsWith("model/m?data=fmnist-wide&images=1000", R"(, "seconds": 0.1)");
  EXPECT_TRUE(SetLeastSeconds({.rate = {{cells[0].c.key, 1000}}}, &cells).ok());
}

TEST(SlowerOf, IsTheSlowerOfEach) {
  const Rehearsal slower = SlowerOf({.visit_seconds = 1, .rate = {{"x", 5}, {"y", 1}}},
                                    {.visit_seconds = 2, .rate = {{"x", 3}, {"z", 7}}});
  EXPECT_EQ(slower.visit_seconds, 2);
  EXPECT_THAT(slower.rate, ::testing::UnorderedElementsAre(std::pair("x", 3.0), std::pair("y", 1.0),
                                                           std::pair("z", 7.0)));
}

TEST(SetLeastSeconds, SecondsOfTheirOwnThatAreTooFewAreRefused) {
  std::vector<GatedCell> enough = CellsWith("service/rms?shape=1x4", R"(, "seconds": 0.5)");
  std::vector<GatedCell> few = CellsWith("service/rms?shape=1x4", R"(, "seconds": 0.3)");
  const Rehearsal rehearsal = {.rate = {{few[0].c.key, 1000}}};
  EXPECT_TRUE(SetLeastSeconds(rehearsal, &enough).ok());
  const absl::Status refused = SetLeastSeconds(rehearsal, &few);
  EXPECT_TRUE(absl::IsInvalidArgument(refused));
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr(": about 300 samples in its 0.3 s; p99 takes 368: give it 0.46 seconds"));
}

TEST(LongestCell, IsOnlyNamedWhereItIsLongerThanUsual) {
  EXPECT_EQ(LongestCell({}), "");
  EXPECT_EQ(LongestCell(CellsWith("service/rms?shape=1x4")), "");
}

}  // namespace
}  // namespace normbench
