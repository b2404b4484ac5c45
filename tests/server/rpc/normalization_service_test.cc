// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/normalization_service.h"

#include <cmath>
#include <limits>

#include "bench/norm/half.h"
#include "tests/server/rpc/service_fixture.h"

namespace normbench {
namespace {

using grpc::StatusCode;
using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class NormalizationServiceTest : public ServiceFixture {};

TEST_F(NormalizationServiceTest, AnswersWithTheNormalizedTensor) {
  v1::NormalizeRequest request = Small();
  request.set_want_statistics(true);
  request.set_gamma(Bytes({2, 3}));
  request.set_beta(Bytes({10, 20}));
  v1::NormalizeResponse response;
  const grpc::Status status = Normalize(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  // mean 2, variance 1: y = (-1, 1) / sqrt(1 + 1e-5) * gamma + beta.
  const float r = 1 / std::sqrt(1.00001f);
  EXPECT_THAT(Floats(response.y()),
              ElementsAre(FloatNear(10 - 2 * r, 1e-6), FloatNear(20 + 3 * r, 1e-6)));
  EXPECT_THAT(Floats(response.mean()), ElementsAre(2));
  EXPECT_THAT(Floats(response.rstd()), ElementsAre(FloatNear(r, 1e-7)));
  EXPECT_EQ(response.impl(), "reference");
  EXPECT_EQ(response.device(), "cpu");
  EXPECT_GE(response.queue_seconds(), 0);
  EXPECT_GT(response.compute_seconds(), 0);
}

TEST_F(NormalizationServiceTest, WhatIsNotGivenHasItsDefault) {
  v1::NormalizeRequest request = Small("");
  v1::NormalizeResponse response;
  ASSERT_TRUE(Normalize(request, &response).ok());
  EXPECT_EQ(response.impl(), "reference") << "auto is the first one";
  EXPECT_THAT(response.mean(), IsEmpty());
  EXPECT_THAT(response.rstd(), IsEmpty());
  request.set_dtype("f32");
  request.set_layout("nchw");
  request.set_device("auto");
  request.set_impl("auto");
  request.mutable_spec()->set_affine("none");
  request.mutable_spec()->set_eps(1e-5);
  v1::NormalizeResponse explicit_response;
  ASSERT_TRUE(Normalize(request, &explicit_response).ok());
  EXPECT_EQ(explicit_response.y(), response.y());
}

TEST_F(NormalizationServiceTest, BatchNormTakesTheStatisticsOfTheCaller) {
  v1::NormalizeRequest request = Small();
  request.mutable_spec()->set_norm("batch");
  request.set_mean(Bytes({0, 1}));
  request.set_variance(Bytes({4, 0}));
  request.mutable_spec()->set_eps(1e-30);
  request.set_x(Bytes({1, 1}));
  v1::NormalizeResponse response;
  ASSERT_TRUE(Normalize(request, &response).ok());
  EXPECT_THAT(Floats(response.y()), ElementsAre(0.5f, 0.0f));
}

// (1, 2, 2) with C last in memory: channel 0 is 1, 3, channel 1 is 10, 30; half floats.
TEST_F(NormalizationServiceTest, TheAnswerHasTheDTypeAndLayoutOfTheRequest) {
  v1::NormalizeRequest request = Small();
  request.mutable_spec()->set_norm("instance");
  request.mutable_spec()->set_eps(1e-30);
  Dims(request, {1, 2, 2});
  request.set_dtype("f16");
  request.set_layout("nhwc");
  const std::vector<uint16_t> x = {F16OfF32(1), F16OfF32(10), F16OfF32(3), F16OfF32(30)};
  request.set_x(std::string(reinterpret_cast<const char*>(x.data()), 8));
  request.set_gamma(Bytes({2, 4}));
  request.set_beta(Bytes({0, 1}));
  v1::NormalizeResponse response;
  const grpc::Status status = Normalize(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.y().size(), 8u);
  std::vector<uint16_t> y(4);
  std::memcpy(y.data(), response.y().data(), 8);
  EXPECT_THAT(y, ElementsAre(F16OfF32(-2), F16OfF32(-3), F16OfF32(2), F16OfF32(5)));
  EXPECT_THAT(response.warnings(), IsEmpty());
}

TEST_F(NormalizationServiceTest, SaysWhereTheLibraryConvertsTheLayout) {
  OpenGate();
  v1::NormalizeRequest request = Small("gate");
  Dims(request, {1, 1, 1, 2});
  request.set_layout("nhwc");
  v1::NormalizeResponse response;
  ASSERT_TRUE(Normalize(request, &response).ok());
  EXPECT_THAT(response.warnings(), ElementsAre("NB111"));
}

TEST_F(NormalizationServiceTest, EachOfTheTrailingRowsHasItsOwnStatistics) {
  v1::NormalizeRequest request = Small();
  request.mutable_spec()->set_trailing(1);
  request.mutable_spec()->set_eps(1e-30);
  request.set_want_statistics(true);
  Dims(request, {1, 2, 2});
  request.set_x(Bytes({1, 3, 10, 30}));
  request.set_gamma(Bytes({1, 2}));
  request.set_beta(Bytes({0, 0}));
  v1::NormalizeResponse response;
  const grpc::Status status = Normalize(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(Floats(response.y()), ElementsAre(-1, 2, -1, 2));
  EXPECT_THAT(Floats(response.mean()), ElementsAre(2, 20));
}

TEST_F(NormalizationServiceTest, FoldedBatchNormIsAScaleAndABias) {
  v1::NormalizeRequest request = Small();
  request.mutable_spec()->set_norm("batch");
  request.mutable_spec()->set_stats("folded");
  request.set_want_statistics(true);
  request.set_gamma(Bytes({2, 3}));
  request.set_beta(Bytes({10, 20}));
  v1::NormalizeResponse response;
  const grpc::Status status = Normalize(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(Floats(response.y()), ElementsAre(12, 29));
  EXPECT_THAT(response.mean(), IsEmpty());
  EXPECT_THAT(response.rstd(), IsEmpty());
  request.set_mean(Bytes({0, 0}));
  EXPECT_THAT(Normalize(request).error_message(),
              HasSubstr("mean: 8 bytes; allowed: absent unless norm is batch with running"));
}

TEST_F(NormalizationServiceTest, RmsNormHasNoMeanToAnswer) {
  v1::NormalizeRequest request = Small();
  request.mutable_spec()->set_norm("rms");
  request.set_want_statistics(true);
  v1::NormalizeResponse response;
  ASSERT_TRUE(Normalize(request, &response).ok());
  EXPECT_THAT(response.mean(), IsEmpty());
  EXPECT_THAT(Floats(response.rstd()), ElementsAre(FloatNear(1 / std::sqrt(5.00001f), 1e-6)));
}

TEST_F(NormalizationServiceTest, NanAndInfAreAllowedAndStayInTheirGroup) {
  v1::NormalizeRequest request = Small();
  request.set_shape(0, 3);
  const float nan = std::nanf(""), inf = std::numeric_limits<float>::infinity();
  request.set_x(Bytes({1, nan, 1, 3, inf, 1}));
  v1::NormalizeResponse response;
  ASSERT_TRUE(Normalize(request, &response).ok());
  const std::vector<float> y = Floats(response.y());
  ASSERT_THAT(y, SizeIs(6));
  EXPECT_TRUE(std::isnan(y[0]) && std::isnan(y[1]) && std::isnan(y[4]));
  EXPECT_NEAR(y[2], -1, 1e-4);
  EXPECT_NEAR(y[3], 1, 1e-4);
}

TEST_F(NormalizationServiceTest, ALargerTensorComesBackWhole) {
  v1::NormalizeRequest request = Small();
  Dims(request, {1000, 200});  // 800 kB: many slices
  std::vector<float> x;
  for (int i = 0; i < 200000; ++i) x.push_back(static_cast<float>(i % 200 < 100 ? -i : i));
  request.set_x(Bytes(x));
  request.mutable_spec()->set_norm("batch");
  std::vector<float> mean, variance(200, 1);
  for (int c = 0; c < 200; ++c) mean.push_back(static_cast<float>(c));
  request.set_mean(Bytes(mean));
  request.set_variance(Bytes(variance));
  request.mutable_spec()->set_eps(1e-30);
  v1::NormalizeResponse response;
  const grpc::Status status = Normalize(request, &response);
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT) << "3.2 MB do not fit in 1 MiB";
  EXPECT_THAT(status.error_message(), HasSubstr("bytes"));
  Dims(request, {250, 200});
  x.resize(50000);
  request.set_x(Bytes(x));
  ASSERT_TRUE(Normalize(request, &response).ok());
  const std::vector<float> y = Floats(response.y());
  ASSERT_THAT(y, SizeIs(50000));
  for (int i = 0; i < 50000; ++i) ASSERT_EQ(y[i], x[i] - static_cast<float>(i % 200)) << i;
}

TEST_F(NormalizationServiceTest, ShortWorkRunsOnTheCallingThreadLongWorkDoesNot) {
  ASSERT_TRUE(Normalize(Small()).ok());
  EXPECT_EQ(queue_.inlined(), 1);
  EXPECT_EQ(queue_.submitted(), 0);
  costs_.Learn("layer/reference", 2, 1);  // it has become slow
  ASSERT_TRUE(Normalize(Small()).ok());
  EXPECT_EQ(queue_.inlined(), 1);
  EXPECT_EQ(queue_.submitted(), 1);
}

TEST_F(NormalizationServiceTest, ARequestIsDroppedWhenItsDeadlinePassesInTheQueue) {
  Pending* const first = BeginGated();
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(500));
  v1::NormalizeResponse response;
  // Only the gate could let it run, and that is still closed when the answer comes.
  const grpc::Status status = stub_->Normalize(&context, Small("gate"), &response);
  EXPECT_EQ(status.error_code(), StatusCode::DEADLINE_EXCEEDED);
  queue_.WaitForDrops(1);  // the client's clock may be ahead
  OpenGate();
  first->done.WaitForNotification();
  EXPECT_TRUE(first->status.ok()) << first->status.error_message();
  StopServer();
  // The client's end of the stream may come before the server's own clock says so.
  EXPECT_EQ(Counted("Normalize", StatusCode::DEADLINE_EXCEEDED) +
                Counted("Normalize", StatusCode::CANCELLED),
            1);
  EXPECT_EQ(CountedInAll("Normalize"), 2);
}

TEST_F(NormalizationServiceTest, ARequestIsDroppedWhenItIsCancelledInTheQueue) {
  Pending* const first = BeginGated();
  Pending* const second = Begin(Small());
  queue_.WaitForSubmits(2);
  second->context.TryCancel();
  second->done.WaitForNotification();
  EXPECT_EQ(second->status.error_code(), StatusCode::CANCELLED);
  queue_.WaitForDrops(1);
  EXPECT_EQ(executor_.queued(), 0);
  OpenGate();
  first->done.WaitForNotification();
  StopServer();
  EXPECT_EQ(Counted("Normalize", StatusCode::CANCELLED), 1);
  EXPECT_EQ(Counted("Normalize", StatusCode::OK), 1);
  EXPECT_EQ(CountedInAll("Normalize"), 2);
}

TEST_F(NormalizationServiceTest, ARequestThatIsCancelledWhileItRunsCountsAsCancelled) {
  Pending* const call = BeginGated();
  call->context.TryCancel();
  call->done.WaitForNotification();
  EXPECT_EQ(call->status.error_code(), StatusCode::CANCELLED);
  queue_.WaitForCancels(1);
  EXPECT_EQ(CountedInAll("Normalize"), 0) << "the worker still uses its memory";
  EXPECT_EQ(admission_.usage().slots, 1);
  OpenGate();
  StopServer();
  EXPECT_EQ(Counted("Normalize", StatusCode::CANCELLED), 1);
  EXPECT_EQ(CountedInAll("Normalize"), 1);
  EXPECT_EQ(admission_.usage().slots, 0);
}

TEST_F(NormalizationServiceTest, AFullQueueSaysWhenToComeBack) {
  BeginGated();
  Pending* const queued = Begin(Small());
  queue_.WaitForSubmits(2);
  Pending* const refused = Begin(Small());
  refused->done.WaitForNotification();
  EXPECT_EQ(refused->status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(refused->status.error_message(), HasSubstr("queue"));
  const auto& trailers = refused->context.GetServerTrailingMetadata();
  const auto pushback = trailers.find("grpc-retry-pushback-ms");
  ASSERT_NE(pushback, trailers.end());
  EXPECT_GE(std::stoi(std::string(pushback->second.data(), pushback->second.size())), 50);
  EXPECT_EQ(metrics_.rejections("queue").Value(), 1);
  OpenGate();
  queued->done.WaitForNotification();
  EXPECT_TRUE(queued->status.ok());
  EXPECT_EQ(queued->context.GetServerTrailingMetadata().count("grpc-retry-pushback-ms"), 0u);
}

TEST_F(NormalizationServiceTest, AFullMemoryBudgetIsNamed) {
  Admission::Ticket rest = *admission_.Admit({.bytes = (1 << 20) - 10, .seconds = 0});
  const grpc::Status status = Normalize(Small());
  EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), HasSubstr("bytes"));
  EXPECT_EQ(metrics_.rejections("bytes").Value(), 1);
  rest = Admission::Ticket();
  EXPECT_TRUE(Normalize(Small()).ok());
}

TEST_F(NormalizationServiceTest, OutOfMemoryEndsTheRequestNotTheServer) {
  const grpc::Status status = Normalize(Small("hungry"));
  EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(status.error_message(), "memory: not enough for this request; send a smaller one");
  EXPECT_TRUE(Normalize(Small()).ok());
}

TEST_F(NormalizationServiceTest, DrainingRefusesWorkButStillDescribesTheServer) {
  authorizer_.StartDraining();
  EXPECT_EQ(Normalize(Small()).error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(metrics_.rejections("draining").Value(), 1);
  grpc::ClientContext context;
  v1::ListImplementationsResponse list;
  EXPECT_TRUE(stub_->ListImplementations(&context, {}, &list).ok());
}

TEST_F(NormalizationServiceTest, WhatIsQueuedAtShutdownIsToldSo) {
  Pending* const running = BeginGated();
  Pending* const queued = Begin(Small());
  queue_.WaitForSubmits(2);
  std::thread shutdown([this] { executor_.Shutdown(std::chrono::milliseconds(0)); });
  queued->done.WaitForNotification();
  EXPECT_EQ(queued->status.error_code(), StatusCode::UNAVAILABLE);
  OpenGate();
  shutdown.join();
  running->done.WaitForNotification();
  EXPECT_TRUE(running->status.ok()) << "what runs is finished";
  EXPECT_EQ(Normalize(Small("gate")).error_code(), StatusCode::UNAVAILABLE);
}

TEST_F(NormalizationServiceTest, EveryStageIsMeasuredOnce) {
  ASSERT_TRUE(Normalize(Small()).ok());
  v1::NormalizeRequest bad = Small();
  bad.clear_x();
  ASSERT_FALSE(Normalize(bad).ok());
  StopServer();
  const RpcMetrics& rpc = metrics_.rpc("Normalize");
  EXPECT_EQ(Observations(*rpc.duration), 2u);
  EXPECT_EQ(Observations(*rpc.queue), 1u);
  EXPECT_EQ(Observations(*rpc.encode), 1u);
  EXPECT_EQ(rpc.in_flight->Value(), 0);
  const NormMetrics& norm = metrics_.norm("layer", "reference", "cpu");
  EXPECT_EQ(norm.requests[StatusCode::OK]->Value(), 1);
  EXPECT_EQ(Observations(*norm.compute), 1u);
  EXPECT_EQ(metrics_.network_bytes_received().Value(),
            static_cast<double>(Small().ByteSizeLong() + bad.ByteSizeLong()));
  EXPECT_GT(metrics_.network_bytes_sent().Value(), 8);
}

TEST_F(NormalizationServiceTest, ListsWhatCanBeAskedFor) {
  grpc::ClientContext context;
  v1::ListImplementationsResponse list;
  ASSERT_TRUE(stub_->ListImplementations(&context, {}, &list).ok());
  ASSERT_EQ(list.implementations_size(), 3);
  const v1::Implementation& reference = list.implementations(0);
  EXPECT_EQ(reference.name(), "reference");
  EXPECT_THAT(reference.norms(), ElementsAre("batch", "layer", "instance", "group", "rms"));
  EXPECT_THAT(reference.dtypes(), ElementsAre("f32", "f16", "bf16"));
  EXPECT_THAT(reference.layouts(), ElementsAre("nchw", "nhwc"));
  EXPECT_THAT(reference.devices(), ElementsAre("cpu"));
  EXPECT_THAT(reference.ranks(), ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(reference.copying_norms(), IsEmpty());
  EXPECT_THAT(list.implementations(1).copying_norms(), ElementsAre("group"));
  EXPECT_EQ(list.environment().cpu_model(), "a test's");
  EXPECT_THAT(list.environment().devices(), ElementsAre("cpu"));
}

}  // namespace
}  // namespace normbench
