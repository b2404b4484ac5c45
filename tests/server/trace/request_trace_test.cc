// SPDX-License-Identifier: Apache-2.0
#include "server/trace/request_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vector>

namespace normbench {
namespace {

using Json = nlohmann::json;
using std::chrono::microseconds;
using std::chrono::nanoseconds;
using ::testing::ElementsAre;
using ::testing::Not;

int64_t Now() {
  return nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::vector<std::string> PointsOf(const RequestTrace& trace) {
  std::vector<std::string> names;
  const Json line = Json::parse(trace.Line());
  for (const Json& point : line.at("timestamps")) names.push_back(point["name"]);
  return names;
}

TEST(RequestTrace, SaysWhoseItWasAndWhatBecameOfIt) {
  RequestTrace trace;
  trace.id = 3;
  trace.parent = {.trace_id = "aa", .parent_span_id = "bb"};
  trace.span_id = "cc";
  trace.model_name = "m";
  trace.request_id = "r";
  trace.model_version = 2;
  trace.status = "OK";
  trace.formed_batch = 8;
  EXPECT_EQ(
      trace.Line(),
      R"({"id":3,"model_name":"m","model_version":2,"request_id":"r","trace_id":"aa",)"
      R"("parent_span_id":"bb","span_id":"cc","status":"OK","formed_batch":8,"timestamps":[]})");
}

TEST(RequestTrace, WhatIsNotKnownIsLeftOut) {
  RequestTrace trace;
  trace.status = "INVALID_ARGUMENT";
  EXPECT_EQ(trace.Line(), R"({"id":0,"status":"INVALID_ARGUMENT","timestamps":[]})");
}

TEST(RequestTrace, PointsAreNanosecondsSince1970) {
  const int64_t before = Now();
  RequestTrace trace;
  const auto start = RequestTrace::Clock::now();
  trace.Reached(TracePoint::kRequestStart, start);
  trace.Reached(TracePoint::kQueueStart, start + microseconds(7));
  trace.Reached(TracePoint::kRequestEnd, start - std::chrono::hours(1));
  const Json points = Json::parse(trace.Line()).at("timestamps");
  ASSERT_EQ(points.size(), 3u);
  const int64_t first = points[0]["ns"];
  EXPECT_GE(first, before);
  EXPECT_LE(first, Now());
  EXPECT_EQ(points[1]["ns"], first + 7000);
  EXPECT_EQ(points[2]["ns"], first - 3'600'000'000'000);
}

TEST(RequestTrace, PointsAreInTheirOrderWithTheirNames) {
  RequestTrace trace;
  for (int point = RequestTrace::kPoints - 1; point >= 0; --point) {
    trace.Reached(static_cast<TracePoint>(point));
  }
  EXPECT_THAT(PointsOf(trace), ElementsAre("REQUEST_START", "QUEUE_START", "COMPUTE_START"))
      << "the others are of an earlier way";
  for (size_t point = 0; point < RequestTrace::kPoints; ++point) {
    trace.Reached(static_cast<TracePoint>(point));
  }
  EXPECT_THAT(PointsOf(trace),
              ElementsAre("REQUEST_START", "QUEUE_START", "COMPUTE_START", "COMPUTE_INPUT_END",
                          "COMPUTE_OUTPUT_START", "COMPUTE_END", "REQUEST_END"));
  EXPECT_TRUE(trace.HasReached(TracePoint::kComputeEnd));
  trace.Reached(TracePoint::kComputeStart);
  EXPECT_FALSE(trace.HasReached(TracePoint::kComputeInputEnd));
  EXPECT_FALSE(trace.HasReached(TracePoint::kRequestEnd));
}

// A client must not be able to write a line of its own, or to end ours.
TEST(RequestTrace, TextOfClientsStaysInItsPlace) {
  RequestTrace trace;
  trace.model_name = "\"}\n{\"id\":1}";
  trace.request_id = std::string("\0\x7f\xc3\xa9\xff", 5);
  const std::string line = trace.Line();
  for (const char c : line) EXPECT_TRUE(c >= ' ' && c <= '~') << line;
  const Json read = Json::parse(line);
  EXPECT_EQ(read["model_name"], trace.model_name);
  EXPECT_EQ(read["request_id"], std::string("\0\x7f\xc3\xa9\xef\xbf\xbd", 7));
}

}  // namespace
}  // namespace normbench
