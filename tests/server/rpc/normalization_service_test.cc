// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/normalization_service.h"

#include <cmath>
#include <limits>

#include "grpcpp/generic/generic_stub.h"
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
  request.set_device("cpu");
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

struct Bad {
  std::function<void(v1::NormalizeRequest&)> change;
  const char* says;
  StatusCode code = StatusCode::INVALID_ARGUMENT;
};

void Dims(v1::NormalizeRequest& request, const std::vector<int64_t>& dims) {
  request.mutable_shape()->Assign(dims.begin(), dims.end());
}

std::vector<Bad> BadWords() {
  using R = v1::NormalizeRequest;
  return {{[](R& r) { r.mutable_spec()->set_norm("gruop"); },
           "norm: unknown 'gruop'; allowed: batch, layer, instance, group, rms; nearest: group"},
          {[](R& r) { r.clear_spec(); },
           "norm: unknown ''; allowed: batch, layer, instance, group, rms"},
          {[](R& r) { r.mutable_spec()->set_stats("batch"); },
           "stats: 'batch' with norm layer; allowed: absent, only batch norm has a choice of "
           "statistics"},
          {[](R& r) { r.mutable_spec()->set_stats("runing"); },
           "stats: unknown 'runing'; allowed: running, batch; nearest: running"},
          {[](R& r) { r.mutable_spec()->set_affine("chanel"); },
           "affine: unknown 'chanel'; allowed: none, channel, element; nearest: channel"},
          {[](R& r) { r.mutable_spec()->set_groups(2); },
           "groups: 2 with norm layer; allowed: only group norm has groups"},
          {[](R& r) { r.set_dtype("f33"); }, "dtype: unknown 'f33'; allowed: f32; nearest: f32"},
          {[](R& r) { r.set_layout("nhwc"); }, "layout: unknown 'nhwc'; allowed: nchw"},
          {[](R& r) { r.set_impl("referense"); }, "nearest: reference", StatusCode::NOT_FOUND},
          {[](R& r) { r.set_device("cuda:0"); },
           "device: 'cuda:0' is not here for impl reference; allowed: cpu",
           StatusCode::FAILED_PRECONDITION}};
}

std::vector<Bad> BadNumbers() {
  using R = v1::NormalizeRequest;
  const int64_t big = int64_t{1} << 31;
  return {
      {[](R& r) {
         Dims(r, {1, 0});
       },
       "shape[1] (C): 0; allowed: 1 .. 2147483647"},
      {[](R& r) {
         Dims(r, {-1, 2});
       },
       "shape[0] (N): -1; allowed: 1 .. 2147483647"},
      {[=](R& r) {
         Dims(r, {big, 1});
       },
       "shape[0] (N): 2147483648; allowed: 1 .. 2147483647"},
      {[](R& r) {
         Dims(r, {1 << 30, 1 << 30, 1 << 30, 1 << 30});
       },
       "shape: 1073741824x1073741824x1073741824x1073741824 has too many elements; "
       "allowed: 1 .. 2147483647"},
      {[](R& r) {
         Dims(r, {1, 2, 3});
       },
       "shape: rank 3; allowed: 2 (N, C) or 4 (N, C, H, W)"},
      {[](R& r) { Dims(r, {}); }, "shape: rank 0; allowed: 2 (N, C) or 4 (N, C, H, W)"},
      {[](R& r) {
         Dims(r, {1024, 1024});
       },
       "shape: 1024x1024 is 4194304 bytes; allowed: at most 1048576"},
      {[](R& r) { r.mutable_spec()->set_eps(0); }, "eps: 0; allowed: finite and > 0"},
      {[](R& r) { r.mutable_spec()->set_eps(-1e-5); }, "eps: -1e-05; allowed: finite and > 0"},
      {[](R& r) { r.mutable_spec()->set_eps(std::nan("")); }, "eps: nan; allowed: finite and > 0"},
      {[](R& r) { r.mutable_spec()->set_eps(INFINITY); }, "eps: inf; allowed: finite and > 0"},
      {[](R& r) {
         r.mutable_spec()->set_norm("group");
         r.mutable_spec()->set_groups(3);
       },
       "groups: 3; allowed: 1 .. 2, the channels of the shape"},
      {[](R& r) { r.mutable_spec()->set_norm("group"); },
       "groups: 0; allowed: 1 .. 2, the channels of the shape"},
      {[](R& r) {
         r.mutable_spec()->set_norm("group");
         r.mutable_spec()->set_groups(2);
         Dims(r, {1, 3});
       },
       "groups: 2; allowed: divisors of the 3 channels of the shape"},
      {[](R& r) {
         r.mutable_spec()->set_norm("instance");
         r.mutable_spec()->set_affine("element");
       },
       "affine: element with norm instance; allowed: none, channel (element: layer, rms)"}};
}

std::vector<Bad> BadTensors() {
  using R = v1::NormalizeRequest;
  const auto running = [](R& r, std::vector<float> mean, std::vector<float> variance) {
    r.mutable_spec()->set_norm("batch");
    r.set_mean(Bytes(mean));
    r.set_variance(Bytes(variance));
  };
  return {{[](R& r) { r.set_x("1234567"); }, "x: 7 bytes; allowed: 8 (2 f32) for the shape"},
          {[](R& r) { r.clear_x(); }, "x: 0 bytes; allowed: 8 (2 f32) for the shape"},
          {[](R& r) { r.set_gamma("12345678"); },
           "beta: 0 bytes where gamma is given; allowed: both or neither"},
          {[](R& r) { r.set_beta("12345678"); },
           "gamma: 0 bytes where beta is given; allowed: both or neither"},
          {[](R& r) {
             r.set_gamma("1234");
             r.set_beta("12345678");
           },
           "gamma: 4 bytes; allowed: 8 (2 f32) with affine channel"},
          {[](R& r) {
             r.set_gamma("12345678");
             r.set_beta("1234");
           },
           "beta: 4 bytes; allowed: 8 (2 f32) with affine channel"},
          {[](R& r) {
             r.mutable_spec()->set_affine("none");
             r.set_gamma("12345678");
             r.set_beta("12345678");
           },
           "gamma: 8 bytes; allowed: absent with affine none"},
          {[](R& r) { r.set_mean("12345678"); },
           "mean: 8 bytes; allowed: absent unless norm is batch with running statistics"},
          {[](R& r) { r.set_variance("12345678"); },
           "variance: 8 bytes; allowed: absent unless norm is batch with running statistics"},
          {[=](R& r) { running(r, {}, {}); }, "mean: 0 bytes; allowed: 8 (2 f32) for the channels"},
          {[=](R& r) {
             running(r, {0, 0}, {1});
           },
           "variance: 4 bytes; allowed: 8 (2 f32) for the channels"},
          {[=](R& r) {
             running(r, {0, 0}, {1, -0.5f});
           },
           "variance[1]: -0.5; allowed: >= 0"},
          {[=](R& r) {
             running(r, {0, 0}, {std::nanf(""), 1});
           },
           "variance[0]: nan; allowed: >= 0"},
          {[=](R& r) {
             running(r, {0, 0}, {1, 1});
             r.mutable_spec()->set_stats("batch");
           },
           "mean: 8 bytes; allowed: absent unless norm is batch with running statistics"}};
}

TEST_F(NormalizationServiceTest, BadInputIsNamedWithItsValueAndTheAllowedRange) {
  std::vector<Bad> all = BadWords();
  for (const auto& more : {BadNumbers(), BadTensors()})
    all.insert(all.end(), more.begin(), more.end());
  for (const Bad& bad : all) {
    v1::NormalizeRequest request = Small();
    bad.change(request);
    const grpc::Status status = Normalize(request);
    EXPECT_EQ(status.error_code(), bad.code) << bad.says;
    if (bad.code == StatusCode::NOT_FOUND) {
      EXPECT_THAT(status.error_message(), HasSubstr(bad.says));
    } else {
      EXPECT_EQ(status.error_message(), bad.says);
    }
  }
  StopServer();
  EXPECT_EQ(CountedInAll("Normalize"), static_cast<double>(all.size()));
  EXPECT_EQ(Counted("Normalize", StatusCode::INVALID_ARGUMENT),
            static_cast<double>(all.size()) - 2);
  EXPECT_EQ(admission_.usage().slots, 0);
}

TEST_F(NormalizationServiceTest, MalformedBytesAreRefusedWithATextAndCounted) {
  for (const std::string method :
       {"Normalization/Normalize", "Normalization/ListImplementations"}) {
    grpc::GenericStub generic(channel_);
    const grpc::Slice slice("\x0a\x7f", 2);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    grpc::ClientContext context;
    grpc::Status result;
    absl::Notification done;
    generic.UnaryCall(&context, "/normbench.v1." + method, {}, &request, &response,
                      [&](grpc::Status status) {
                        result = std::move(status);
                        done.Notify();
                      });
    done.WaitForNotification();
    EXPECT_EQ(result.error_code(), StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(result.error_message(),
              "malformed message: field 1 has 127 bytes where only 0 are left");
  }
  StopServer();
  EXPECT_EQ(Counted("Normalize", StatusCode::INVALID_ARGUMENT), 1);
  EXPECT_EQ(Counted("ListImplementations", StatusCode::INVALID_ARGUMENT), 1);
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
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(50));
  v1::NormalizeResponse response;
  // Only the gate could let it run, and that is still closed when the answer comes.
  const grpc::Status status = stub_->Normalize(&context, Small("gate"), &response);
  EXPECT_EQ(status.error_code(), StatusCode::DEADLINE_EXCEEDED);
  queue_.WaitForDrops(1);  // the client's clock may be ahead
  OpenGate();
  first->done.WaitForNotification();
  EXPECT_TRUE(first->status.ok()) << first->status.error_message();
  StopServer();
  EXPECT_EQ(Counted("Normalize", StatusCode::DEADLINE_EXCEEDED), 1);
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
  EXPECT_THAT(reference.dtypes(), ElementsAre("f32"));
  EXPECT_THAT(reference.layouts(), ElementsAre("nchw"));
  EXPECT_THAT(reference.devices(), ElementsAre("cpu"));
  EXPECT_THAT(reference.ranks(), ElementsAre(2, 4));
  EXPECT_FALSE(reference.copies_output());
  EXPECT_TRUE(list.implementations(1).copies_output());
  EXPECT_EQ(list.environment().cpu_model(), "a test's");
}

}  // namespace
}  // namespace normbench
