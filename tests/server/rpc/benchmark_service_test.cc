// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/benchmark_service.h"

#include "bench/report/warnings.h"
#include "grpcpp/generic/generic_stub.h"
#include "tests/server/rpc/service_fixture.h"

namespace normbench {
namespace {

using grpc::StatusCode;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Gt;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

class BenchmarkServiceTest : public ServiceFixture {
 protected:
  // Small enough to be done in milliseconds.
  static v1::MeasureRequest Quick(const std::string& impl = "reference") {
    v1::MeasureRequest request;
    request.mutable_norm_case()->mutable_spec()->set_norm("group");
    request.mutable_norm_case()->mutable_spec()->set_groups(2);
    for (const int dim : {2, 4, 3, 3}) request.mutable_norm_case()->add_shape(dim);
    request.mutable_norm_case()->set_impl(impl);
    request.mutable_budget()->set_warmup_seconds(1e-4);
    request.mutable_budget()->set_max_samples(7);
    return request;
  }

  // One Measure call and all it was told.
  struct Stream {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<v1::MeasureResponse>> reader;
    std::vector<v1::MeasureResponse> events;

    bool Read() {
      v1::MeasureResponse event;
      if (!reader->Read(&event)) return false;
      events.push_back(event);
      return true;
    }
    grpc::Status ReadAll() {
      while (Read()) {
      }
      return reader->Finish();
    }
  };
  std::unique_ptr<Stream> Open(const v1::MeasureRequest& request) {
    auto stream = std::make_unique<Stream>();
    stream->reader = benchmark_stub_->Measure(&stream->context, request);
    return stream;
  }
};

TEST_F(BenchmarkServiceTest, MeasuresOneCase) {
  const std::unique_ptr<Stream> stream = Open(Quick(""));
  const grpc::Status status = stream->ReadAll();
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_TRUE(stream->events.back().has_result());
  const v1::MeasureResult& result = stream->events.back().result();
  EXPECT_THAT(result.sample_seconds(), AllOf(SizeIs(7), Each(Gt(0))));
  EXPECT_THAT(result.copy_seconds(), AllOf(SizeIs(7), Each(Gt(0))));
  EXPECT_GE(result.iterations_per_sample(), 1);
  EXPECT_EQ(result.time_source(), "steady_clock");
  EXPECT_GT(result.first_call_seconds(), 0);
  EXPECT_GT(result.warmup_calls(), 0);
  EXPECT_EQ(result.algorithmic_bytes(), 2 * 72 * 4);
  EXPECT_LE(result.accuracy().err_scaled(), result.accuracy().bound());
  EXPECT_GT(result.accuracy().err_scaled(), 0);
  EXPECT_TRUE(result.accuracy().has_rel_l2());
  EXPECT_EQ(result.distinct_outputs(), 1);
  EXPECT_EQ(result.output_checksums_size(), 1);
  EXPECT_THAT(result.warnings(), IsEmpty());
}

TEST_F(BenchmarkServiceTest, EchoesTheCaseWithEveryDefaultFilledIn) {
  const std::unique_ptr<Stream> stream = Open(Quick(""));
  ASSERT_TRUE(stream->ReadAll().ok());
  const v1::NormCase& done = stream->events.back().result().norm_case();
  EXPECT_EQ(done.spec().norm(), "group");
  EXPECT_EQ(done.spec().stats(), "");
  EXPECT_EQ(done.spec().groups(), 2);
  EXPECT_EQ(done.spec().affine(), "channel");
  EXPECT_EQ(done.spec().eps(), 1e-5);
  EXPECT_THAT(done.shape(), ElementsAre(2, 4, 3, 3));
  EXPECT_EQ(done.dtype(), "f32");
  EXPECT_EQ(done.layout(), "nchw");
  EXPECT_EQ(done.impl(), "reference");
  EXPECT_EQ(done.device(), "cpu");
  EXPECT_EQ(done.cache(), "hot");
  EXPECT_EQ(done.threads(), 1);
  EXPECT_EQ(done.data(), "normal");
  EXPECT_EQ(done.seed(), 1);
}

TEST_F(BenchmarkServiceTest, ReportsProgressThenOneResult) {
  const std::unique_ptr<Stream> stream = Open(Quick());
  ASSERT_TRUE(stream->ReadAll().ok());
  int results = 0;
  for (size_t i = 0; i < stream->events.size(); ++i) {
    const v1::MeasureResponse& event = stream->events[i];
    results += event.has_result() ? 1 : 0;
    EXPECT_EQ(event.has_result(), i + 1 == stream->events.size());
    if (!event.has_progress()) continue;
    EXPECT_THAT(event.progress().fraction(), AllOf(Ge(0), Le(1)));
    EXPECT_THAT((std::vector<std::string>{"prepare", "verify", "warm-up", "measure"}),
                Contains(event.progress().phase()));
  }
  EXPECT_EQ(results, 1);
}

TEST_F(BenchmarkServiceTest, SetsTheThreadsForTheMeasurementOnly) {
  v1::MeasureRequest request = Quick();
  request.mutable_norm_case()->set_threads(3);
  const std::unique_ptr<Stream> stream = Open(request);
  ASSERT_TRUE(stream->ReadAll().ok());
  StopServer();
  EXPECT_THAT(threads_set_, ElementsAre(3, 1));
  EXPECT_EQ(stream->events.back().result().norm_case().threads(), 3);
}

TEST_F(BenchmarkServiceTest, WarnsThatTheLibraryCopiesItsOutput) {
  OpenGate();
  const std::unique_ptr<Stream> stream = Open(Quick("gate"));
  ASSERT_TRUE(stream->ReadAll().ok());
  EXPECT_THAT(stream->events.back().result().warnings(),
              ElementsAre(std::string(warning::kCopiesOutput)));
}

TEST_F(BenchmarkServiceTest, DoesNotWarnOfTheNormsThatAreWrittenInPlace) {
  OpenGate();
  v1::MeasureRequest request = Quick("gate");
  request.mutable_norm_case()->mutable_spec()->set_norm("layer");
  request.mutable_norm_case()->mutable_spec()->clear_groups();
  const std::unique_ptr<Stream> stream = Open(request);
  ASSERT_TRUE(stream->ReadAll().ok());
  EXPECT_TRUE(stream->events.back().result().warnings().empty());
}

TEST_F(BenchmarkServiceTest, WaitsForWhatRunsAndSaysWhereItStands) {
  BeginGated();
  const std::unique_ptr<Stream> first = Open(Quick());
  ASSERT_TRUE(first->Read());
  ASSERT_TRUE(first->events[0].has_queued());
  EXPECT_EQ(first->events[0].queued().position(), 0);
  const std::unique_ptr<Stream> second = Open(Quick());
  ASSERT_TRUE(second->Read());
  EXPECT_EQ(second->events[0].queued().position(), 1);
  const std::unique_ptr<Stream> third = Open(Quick());
  EXPECT_EQ(third->ReadAll().error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(third->context.GetServerTrailingMetadata().count("grpc-retry-pushback-ms"), 1u);
  OpenGate();
  EXPECT_TRUE(first->ReadAll().ok());
  EXPECT_TRUE(second->ReadAll().ok());
  EXPECT_TRUE(first->events.back().has_result());
  EXPECT_TRUE(second->events.back().has_result());
}

TEST_F(BenchmarkServiceTest, WhoWaitsHearsOfItWhileAnotherMeasurementRuns) {
  v1::MeasureRequest longest = Quick();
  longest.mutable_budget()->set_warmup_seconds(10);
  const std::unique_ptr<Stream> running = Open(longest);
  do {
    ASSERT_TRUE(running->Read());
  } while (!running->events.back().has_progress());
  v1::MeasureResponse event;
  grpc::ClientContext context;
  // Longer than what the first one may take, or it would be refused.
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(300));
  const auto waiting = benchmark_stub_->Measure(&context, Quick());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(waiting->Read(&event));
    EXPECT_TRUE(event.has_queued());
  }
  running->context.TryCancel();
  context.TryCancel();
  EXPECT_EQ(running->ReadAll().error_code(), StatusCode::CANCELLED);
  EXPECT_EQ(waiting->Finish().error_code(), StatusCode::CANCELLED);
}

TEST_F(BenchmarkServiceTest, NothingElseRunsBesideAMeasurement) {
  const std::unique_ptr<Stream> measuring = Open(Quick("gate"));
  gate_entered_.WaitForNotification();
  // The reference could run on the calling thread, but only where nothing exclusive runs.
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(500));
  v1::NormalizeResponse response;
  EXPECT_EQ(stub_->Normalize(&context, Small(), &response).error_code(),
            StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(queue_.inlined(), 0);
  OpenGate();
  EXPECT_TRUE(measuring->ReadAll().ok());
  EXPECT_TRUE(Normalize(Small()).ok());
}

TEST_F(BenchmarkServiceTest, CancellationEndsAMeasurementThatRuns) {
  v1::MeasureRequest request = Quick();
  request.mutable_budget()->set_warmup_seconds(60);
  request.mutable_budget()->set_seconds(60);
  const std::unique_ptr<Stream> stream = Open(request);
  do {
    ASSERT_TRUE(stream->Read());
  } while (!stream->events.back().has_progress());
  stream->context.TryCancel();
  EXPECT_EQ(stream->ReadAll().error_code(), StatusCode::CANCELLED);
  StopServer();  // returns only when the worker has stopped
  EXPECT_EQ(Counted("Measure", StatusCode::CANCELLED), 1);
  EXPECT_EQ(CountedInAll("Measure"), 1);
  EXPECT_EQ(admission_.usage().bytes, 0);
  EXPECT_THAT(threads_set_, ElementsAre(1, 1));
}

TEST_F(BenchmarkServiceTest, CancellationAndDeadlinesHoldInTheQueue) {
  BeginGated();
  const std::unique_ptr<Stream> cancelled = Open(Quick());
  ASSERT_TRUE(cancelled->Read());
  cancelled->context.TryCancel();
  EXPECT_EQ(cancelled->ReadAll().error_code(), StatusCode::CANCELLED);
  queue_.WaitForDrops(1);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(500));
  v1::MeasureResponse event;
  const auto reader = benchmark_stub_->Measure(&context, Quick());
  while (reader->Read(&event)) EXPECT_FALSE(event.has_progress());
  EXPECT_EQ(reader->Finish().error_code(), StatusCode::DEADLINE_EXCEEDED);
  queue_.WaitForDrops(2);  // the client's clock may be ahead
  OpenGate();
  StopServer();
  EXPECT_GE(Counted("Measure", StatusCode::CANCELLED), 1);
  // The client's end of the second may come before the server's own clock says so.
  EXPECT_EQ(
      Counted("Measure", StatusCode::CANCELLED) + Counted("Measure", StatusCode::DEADLINE_EXCEEDED),
      2);
  EXPECT_EQ(CountedInAll("Measure"), 2);
}

TEST_F(BenchmarkServiceTest, DrainingRefusesAMeasurement) {
  authorizer_.StartDraining();
  const grpc::Status status = Open(Quick())->ReadAll();
  EXPECT_EQ(status.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(metrics_.rejections("draining").Value(), 1);
}

TEST_F(BenchmarkServiceTest, OutOfMemoryEndsTheMeasurementNotTheServer) {
  EXPECT_EQ(Open(Quick("hungry"))->ReadAll().error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(Open(Quick())->ReadAll().ok());
  StopServer();
  EXPECT_THAT(threads_set_, ElementsAre(1, 1, 1, 1));
}

struct Bad {
  std::function<void(v1::NormCase&, v1::MeasureBudget&)> change;
  const char* says;
  StatusCode code = StatusCode::INVALID_ARGUMENT;
};

TEST_F(BenchmarkServiceTest, BadInputIsNamedWithItsValueAndTheAllowedRange) {
  using C = v1::NormCase;
  using B = v1::MeasureBudget;
  const std::vector<Bad> all = {
      {[](C& c, B&) { c.mutable_spec()->set_norm("grup"); },
       "norm: unknown 'grup'; allowed: batch, layer, instance, group, rms; nearest: group"},
      {[](C& c, B&) { c.set_shape(1, 0); }, "shape[1] (C): 0; allowed: 1 .. 2147483647"},
      {[](C& c, B&) { c.set_shape(0, -8); }, "shape[0] (N): -8; allowed: 1 .. 2147483647"},
      {[](C& c, B&) { c.mutable_spec()->set_groups(3); },
       "groups: 3; allowed: divisors of the 4 channels of the shape"},
      {[](C& c, B&) { c.set_shape(0, 1 << 20); },
       "norm_case.shape: 1048576x4x3x3 is 150994944 bytes; allowed: at most 1048576"},
      {[](C& c, B&) { c.set_threads(5); }, "threads: 5; allowed: 1 .. 4"},
      {[](C& c, B&) { c.set_threads(-1); }, "threads: -1; allowed: 1 .. 4"},
      {[](C& c, B&) { c.set_seed(-3); }, "seed: -3; allowed: 0 .. 2147483647"},
      {[](C& c, B&) { c.set_impl("referense"); },
       "impl: unknown 'referense'; allowed: auto, reference, gate, hungry; nearest: reference",
       StatusCode::NOT_FOUND},
      {[](C& c, B&) { c.mutable_spec()->set_eps(1e-40); },
       "eps: 1e-40; allowed: finite, at least 1.17549e-38 (2^-126)"},
      {[](C& c, B&) { c.set_device("cuda:0"); },
       "device: 'cuda:0' is not here for impl reference; allowed: cpu",
       StatusCode::FAILED_PRECONDITION},
      {[](C&, B& b) { b.set_seconds(61); }, "budget.seconds: 61; allowed: > 0, at most 60"},
      {[](C&, B& b) { b.set_seconds(-1); }, "budget.seconds: -1; allowed: > 0, at most 60"},
      {[](C&, B& b) { b.set_seconds(std::nan("")); },
       "budget.seconds: nan; allowed: > 0, at most 60"},
      {[](C&, B& b) { b.set_warmup_seconds(std::nan("")); },
       "budget.warmup_seconds: nan; allowed: > 0, at most 60"},
      {[](C&, B& b) { b.set_warmup_seconds(1e9); },
       "budget.warmup_seconds: 1e+09; allowed: > 0, at most 60"},
      {[](C&, B& b) { b.set_max_samples(1000001); },
       "budget.max_samples: 1000001; allowed: 1 .. 1000000"},
      {[](C&, B& b) { b.set_max_samples(-1); }, "budget.max_samples: -1; allowed: 1 .. 1000000"},
      {[](C&, B& b) { b.set_min_samples(1000001); },
       "budget.min_samples: 1000001; allowed: 1 .. 1000000"},
      {[](C&, B& b) { b.set_min_samples(-1); }, "budget.min_samples: -1; allowed: 1 .. 1000000"},
      {[](C& c, B& b) {
         c.set_shape(0, 7000);
         b.set_max_samples(1000000);
         b.set_warmup_seconds(10);
         b.set_seconds(40);
       },
       "budget: 252000 elements x 1000000 max_samples x 50 seconds is 1.26e+13; allowed: at most "
       "1e+13"}};
  for (const Bad& bad : all) {
    v1::MeasureRequest request = Quick();
    bad.change(*request.mutable_norm_case(), *request.mutable_budget());
    const grpc::Status status = Open(request)->ReadAll();
    EXPECT_EQ(status.error_code(), bad.code) << bad.says;
    EXPECT_EQ(status.error_message(), bad.says);
  }
  StopServer();
  EXPECT_EQ(CountedInAll("Measure"), static_cast<double>(all.size()));
}

TEST_F(BenchmarkServiceTest, MalformedBytesAreRefusedWithATextAndCounted) {
  grpc::GenericStub generic(channel_);
  const grpc::Slice slice("\x0a\x7f", 2);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  grpc::ClientContext context;
  grpc::Status result;
  absl::Notification done;
  generic.UnaryCall(&context, "/normbench.v1.Benchmark/Measure", {}, &request, &response,
                    [&](grpc::Status status) {
                      result = std::move(status);
                      done.Notify();
                    });
  done.WaitForNotification();
  EXPECT_EQ(result.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(result.error_message(),
            "malformed message: field 1 has 127 bytes where only 0 are left");
  StopServer();
  EXPECT_EQ(Counted("Measure", StatusCode::INVALID_ARGUMENT), 1);
}

}  // namespace
}  // namespace normbench
