// SPDX-License-Identifier: Apache-2.0
// Traced requests over the service: what their lines say.
#include "server/rpc/infer_trace.h"

#include <deque>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/server/rpc/inference_fixture.h"

namespace normbench {
namespace {

using Json = nlohmann::json;
using Code = grpc::StatusCode;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kTrace = "0af7651916cd43dd8448eb211c80319c";
const std::string kSampled = "00-" + kTrace + "-b7ad6b7169203331-01";

constexpr const char* kRefused[] = {"REQUEST_START", "REQUEST_END"};

// There before the service of the fixture, and after it.
class TracesOfTest {
 protected:
  explicit TracesOfTest(int64_t rate) {
    std::filesystem::remove(path_);
    tracer_ = *Tracer::Open({.file = path_, .rate = rate, .lost = {}});
  }
  ~TracesOfTest() { std::filesystem::remove(path_); }

  std::vector<Json> Lines() const {
    tracer_->Flush();
    std::vector<Json> lines;
    std::ifstream file(path_);
    for (std::string line; std::getline(file, line);) lines.push_back(Json::parse(line));
    return lines;
  }

  static std::vector<std::string> PointsOf(const Json& line) {
    std::vector<std::string> names;
    for (const Json& point : line.at("timestamps")) names.push_back(point["name"]);
    return names;
  }

  const std::string path_ = ::testing::TempDir() + "infer_trace_" +
                            ::testing::UnitTest::GetInstance()->current_test_info()->name();
  std::unique_ptr<Tracer> tracer_;
};

class InferTraceTest : protected TracesOfTest, public InferenceFixture {
 protected:
  explicit InferTraceTest(int64_t rate = 1)
      : TracesOfTest(rate), InferenceFixture({.version = "", .tracer = tracer_.get()}) {}

  // The line of a request that is expected to fail with `code`.
  Json LineOf(const inference::ModelInferRequest& request, Code code) {
    EXPECT_EQ(Infer(request).error_code(), code);
    const std::vector<Json> lines = Lines();
    return lines.empty() ? Json() : lines.back();
  }
};

TEST_F(InferTraceTest, AnAnsweredRequestHasAllPointsInTheirOrder) {
  auto request = Request("echo", {4, 2, 3});
  request.set_id("call 17");
  ASSERT_TRUE(Infer(request).ok());
  ASSERT_THAT(Lines(), SizeIs(1)) << "before the answer is sent";
  const Json line = Lines()[0];
  EXPECT_EQ(line["id"], 1);
  EXPECT_EQ(line["model_name"], "echo");
  EXPECT_EQ(line["model_version"], 1);
  EXPECT_EQ(line["request_id"], "call 17");
  EXPECT_EQ(line["status"], "OK");
  EXPECT_EQ(line["formed_batch"], 4);
  EXPECT_FALSE(line.contains("trace_id"));
  EXPECT_THAT(PointsOf(line),
              ElementsAre("REQUEST_START", "QUEUE_START", "COMPUTE_START", "COMPUTE_INPUT_END",
                          "COMPUTE_OUTPUT_START", "COMPUTE_END", "REQUEST_END"));
  int64_t last = 0;
  for (const Json& point : line["timestamps"]) {
    EXPECT_GE(point["ns"], last) << point["name"];
    last = point["ns"];
  }
}

TEST_F(InferTraceTest, AFailedRequestHasItsStatusAndThePointsThatItReached) {
  const Json unknown = LineOf(Request("ecko", {1, 2, 3}), Code::NOT_FOUND);
  EXPECT_EQ(unknown["status"], "NOT_FOUND");
  EXPECT_EQ(unknown["model_name"], "ecko");
  EXPECT_FALSE(unknown.contains("model_version"));
  EXPECT_THAT(PointsOf(unknown), ElementsAreArray(kRefused));
  const Json wrong = LineOf(Request("echo", {9, 2, 3}), Code::INVALID_ARGUMENT);
  EXPECT_EQ(wrong["model_version"], 1);
  EXPECT_THAT(PointsOf(wrong), ElementsAreArray(kRefused));
  const Json failed = LineOf(Request("error", {1, 3}), Code::INTERNAL);
  EXPECT_THAT(PointsOf(failed), ElementsAre("REQUEST_START", "QUEUE_START", "COMPUTE_START",
                                            "COMPUTE_INPUT_END", "REQUEST_END"));
  EXPECT_FALSE(failed.contains("formed_batch"));
  const Json forgot = LineOf(Request("forget", {1, 3}), Code::INTERNAL);
  EXPECT_THAT(PointsOf(forgot),
              ElementsAre("REQUEST_START", "QUEUE_START", "COMPUTE_START", "COMPUTE_INPUT_END",
                          "COMPUTE_OUTPUT_START", "REQUEST_END"));
  EXPECT_THAT(Lines(), SizeIs(4));
}

TEST_F(InferTraceTest, OneThatIsNotAdmittedNeverQueued) {
  const auto all = admission_.Admit({.bytes = 1 << 20});
  const Json line = LineOf(Request("echo", {1, 2, 3}), Code::UNAVAILABLE);
  EXPECT_EQ(line["status"], "UNAVAILABLE");
  EXPECT_THAT(PointsOf(line), ElementsAreArray(kRefused));
}

TEST_F(InferTraceTest, TextOfClientsIsCut) {
  auto request = Request(std::string(2000, 'm'), {1});
  request.set_id(std::string(2000, 'i'));
  const Json line = LineOf(request, Code::NOT_FOUND);
  EXPECT_EQ(line["model_name"], std::string(kMaxTracedText, 'm'));
  EXPECT_EQ(line["request_id"], std::string(kMaxTracedText, 'i'));
}

TEST_F(InferTraceTest, EachOfABatchHasItsLine) {
  AddModel("batched", Tensors("gate", 8, "FP32", "dims: 3") + "dynamic_batching {}");
  ASSERT_TRUE(repository_->LoadModel("batched").ok());
  std::deque<std::thread> clients;
  const auto ask = [&] {
    clients.emplace_back([this] { EXPECT_TRUE(Infer(Request("batched", {1, 3})).ok()); });
  };
  ask();
  gate_.entered.WaitForNotification();
  for (int i = 0; i < 2; ++i) ask();
  while (metrics_.model("batched", 1).v2.pending()->Value() != 2) std::this_thread::yield();
  gate_.open.Notify();
  for (std::thread& client : clients) client.join();
  const std::vector<Json> lines = Lines();
  ASSERT_THAT(lines, SizeIs(3));
  EXPECT_EQ(lines[0]["formed_batch"], 1);
  for (const Json& line : {lines[1], lines[2]}) {
    EXPECT_EQ(line["formed_batch"], 2);
    EXPECT_THAT(PointsOf(line), SizeIs(7));
  }
}

class SampledTraceTest : public InferTraceTest {
 protected:
  SampledTraceTest() : InferTraceTest(0) {}

  void Ask(const std::vector<std::string>& traceparents) {
    grpc::ClientContext context;
    for (const std::string& text : traceparents) context.AddMetadata("traceparent", text);
    inference::ModelInferResponse response;
    EXPECT_TRUE(stub_->ModelInfer(&context, Request("echo", {1, 2, 3}), &response).ok());
  }
};

TEST_F(SampledTraceTest, IsPartOfTheTraceOfItsClient) {
  Ask({kSampled});
  ASSERT_THAT(Lines(), SizeIs(1));
  EXPECT_EQ(Lines()[0]["trace_id"], kTrace);
  EXPECT_EQ(Lines()[0]["parent_span_id"], "b7ad6b7169203331");
  EXPECT_EQ(Lines()[0]["span_id"].get<std::string>().size(), 16u);
}

TEST_F(SampledTraceTest, WhatIsNoTraceparentIsIgnored) {
  Ask({});
  Ask({kSampled.substr(1)});
  Ask({kSampled.substr(0, kSampled.size() - 1) + "0"});
  Ask({kSampled, kSampled});
  EXPECT_THAT(Lines(), IsEmpty());
}

TEST_F(SampledTraceTest, EachRequestOfAStreamHasItsLine) {
  grpc::ClientContext context;
  context.AddMetadata("traceparent", kSampled);
  const auto stream = stub_->ModelStreamInfer(&context);
  for (const std::string model : {"echo", "ecko", "echo"}) {
    auto request = Request(model, {1, 2, 3});
    request.set_id(model);
    ASSERT_TRUE(stream->Write(request));
    inference::ModelStreamInferResponse response;
    ASSERT_TRUE(stream->Read(&response));
  }
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  std::vector<std::string> statuses;
  for (const Json& line : Lines()) {
    statuses.push_back(line["status"]);
    EXPECT_EQ(line["trace_id"], kTrace);
  }
  EXPECT_THAT(statuses, ElementsAre("OK", "NOT_FOUND", "OK"));
}

TEST_F(SampledTraceTest, IsAmongWhatTheServerOffers) {
  grpc::ClientContext server_context, settings_context;
  inference::ServerMetadataResponse server;
  ASSERT_TRUE(stub_->ServerMetadata(&server_context, {}, &server).ok());
  EXPECT_THAT(server.extensions(), ::testing::Contains("trace"));
  inference::TraceSettingResponse settings;
  ASSERT_TRUE(stub_->TraceSetting(&settings_context, {}, &settings).ok());
  EXPECT_THAT(settings.settings().at("trace_rate").value(), ElementsAre("0"));
}

}  // namespace
}  // namespace normbench
