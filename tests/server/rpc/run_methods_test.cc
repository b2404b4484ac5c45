// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/run_methods.h"

#include "grpcpp/generic/generic_stub.h"
#include "tests/server/rpc/runs_service_fixture.h"

namespace normbench {
namespace {

using grpc::StatusCode;
using ::testing::Each;
using ::testing::HasSubstr;

class RunMethodsTest : public RunsServiceFixture {
 protected:
  v1::Run Get(const std::string& id) {
    grpc::ClientContext context;
    v1::GetRequest request;
    request.set_run_id(id);
    v1::Run run;
    const grpc::Status status = runs_stub_->Get(&context, request, &run);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return run;
  }

  grpc::Status Normalize(const std::shared_ptr<grpc::Channel>& channel,
                         grpc::ClientContext* context) {
    v1::NormalizeResponse response;
    return v1::Normalization::NewStub(channel)->Normalize(context, ServiceFixture::Small(),
                                                          &response);
  }

  // What a Measure and a CheckInvariance of a small case end with.
  static std::vector<StatusCode> Measurements(const std::shared_ptr<grpc::Channel>& channel) {
    v1::MeasureRequest measure;
    v1::NormCase& norm_case = *measure.mutable_norm_case();
    norm_case.mutable_spec()->set_norm("layer");
    for (const int dim : {1, 2}) norm_case.add_shape(dim);
    norm_case.set_impl("reference");
    measure.mutable_budget()->set_warmup_seconds(1e-4);
    measure.mutable_budget()->set_max_samples(7);
    v1::CheckInvarianceRequest check;
    *check.mutable_invariance_case()->mutable_norm_case() = norm_case;
    check.mutable_invariance_case()->add_batch_sizes(2);
    const auto stub = v1::Benchmark::NewStub(channel);
    grpc::ClientContext first, second;
    const auto code = [](auto reader) {
      v1::MeasureResponse event;
      while (reader->Read(&event)) {
      }
      return reader->Finish().error_code();
    };
    return {code(stub->Measure(&first, measure)), code(stub->CheckInvariance(&second, check))};
  }
};

TEST_F(RunMethodsTest, SubmitsListsGetsCancelsAndDeletes) {
  const std::string id = Submit();
  EXPECT_EQ(Get(id).position(), 0);
  grpc::ClientContext list, cancel, remove;
  v1::ListResponse runs;
  ASSERT_TRUE(runs_stub_->List(&list, {}, &runs).ok());
  ASSERT_EQ(runs.runs_size(), 1);
  EXPECT_EQ(runs.runs(0).run_id(), id);
  v1::CancelRequest cancel_request;
  cancel_request.set_run_id(id);
  v1::Run run;
  ASSERT_TRUE(runs_stub_->Cancel(&cancel, cancel_request, &run).ok());
  EXPECT_EQ(run.state(), "cancelled");
  v1::DeleteRequest delete_request;
  delete_request.set_run_id(id);
  v1::DeleteResponse nothing;
  ASSERT_TRUE(runs_stub_->Delete(&remove, delete_request, &nothing).ok());
  runs_server_->Shutdown();
  for (const char* rpc : {"Submit", "Get", "List", "Cancel", "Delete"}) {
    EXPECT_EQ(Counted(rpc, StatusCode::OK), 1) << rpc;
    EXPECT_EQ(CountedInAll(rpc), 1) << rpc;
  }
}

TEST_F(RunMethodsTest, SaysWhatIsWrong) {
  grpc::ClientContext submit, get, watch;
  v1::Run run;
  EXPECT_EQ(runs_stub_->Submit(&submit, {}, &run).error_code(), StatusCode::INVALID_ARGUMENT);
  v1::GetRequest nobody;
  nobody.set_run_id("nobody");
  const grpc::Status unknown = runs_stub_->Get(&get, nobody, &run);
  EXPECT_EQ(unknown.error_code(), StatusCode::NOT_FOUND);
  EXPECT_THAT(unknown.error_message(), HasSubstr("run_id: 'nobody'"));
  const auto watching = Watch("nobody");
  EXPECT_FALSE(watching->Read());
  EXPECT_EQ(watching->reader->Finish().error_code(), StatusCode::NOT_FOUND);
}

TEST_F(RunMethodsTest, AMalformedRequestIsTheClients) {
  const grpc::Slice slice("\xff");
  const grpc::ByteBuffer junk(&slice, 1);
  for (const char* method : {"Submit", "Watch", "Get"}) {
    grpc::GenericStub stub(remote_);
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    grpc::ByteBuffer answer;
    grpc::Status status;
    const auto call = stub.PrepareUnaryCall(
        &context, std::string("/normbench.v1.Benchmark/") + method, junk, &queue);
    call->StartCall();
    call->Finish(&answer, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT) << method;
    queue.Shutdown();
    queue.Next(&tag, &ok);
  }
}

TEST_F(RunMethodsTest, ASubmissionHasSoManyBytes) {
  const auto submit = [this](size_t bytes) {
    v1::SubmitRequest request = Small();
    request.set_filter(std::string(bytes, 'x'));
    request.set_filter(std::string(2 * bytes - request.ByteSizeLong(), 'x'));
    EXPECT_EQ(request.ByteSizeLong(), bytes);
    grpc::ClientContext context;
    v1::Run run;
    const grpc::Status status = runs_stub_->Submit(&context, request, &run);
    EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
    return status.error_message();
  };
  EXPECT_EQ(submit((1 << 20) + 1), "message: 1048577 bytes; allowed: at most 1048576");
  EXPECT_THAT(submit(1 << 20), HasSubstr("filter: ")) << "it is read, and is wrong itself";
}

// The server of the base fixture has no history.
TEST_F(RunMethodsTest, WithoutAHistoryEveryMethodSaysSo) {
  grpc::ClientContext submit, watch;
  v1::Run run;
  const grpc::Status status = benchmark_stub_->Submit(&submit, Small(), &run);
  EXPECT_EQ(status.error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("start it with --history FILE"));
  const auto reader = benchmark_stub_->Watch(&watch, {});
  v1::RunEvent event;
  EXPECT_FALSE(reader->Read(&event));
  EXPECT_EQ(reader->Finish().error_code(), StatusCode::FAILED_PRECONDITION);
}

TEST_F(RunMethodsTest, ADrainingServerTakesNoRunsButTellsOfThem) {
  const std::string id = Submit();
  authorizer_.StartDraining();
  grpc::ClientContext context;
  v1::Run run;
  EXPECT_EQ(runs_stub_->Submit(&context, Small(), &run).error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(Get(id).state(), "queued");
}

TEST_F(RunMethodsTest, AServerThatIsFullOfWorkStillCancels) {
  const std::string id = Submit();
  const AdmissionOptions& options = admission_.options();
  const auto all = admission_.Admit({.bytes = options.bytes, .seconds = options.cost_seconds});
  ASSERT_TRUE(all.ok()) << all.status();
  grpc::ClientContext other, cancel;
  EXPECT_EQ(Normalize(remote_, &other).error_code(), StatusCode::RESOURCE_EXHAUSTED);
  v1::CancelRequest request;
  request.set_run_id(id);
  v1::Run run;
  EXPECT_TRUE(runs_stub_->Cancel(&cancel, request, &run).ok());
  EXPECT_EQ(Get(id).state(), "cancelled");
}

TEST_F(RunMethodsTest, CountsTheRequestsOfOthersDuringARun) {
  HoldCases();
  StartRuns();
  const std::string id = Submit();
  entered_.WaitForNotification();
  grpc::ClientContext other;
  EXPECT_TRUE(Normalize(remote_, &other).ok());
  EXPECT_THAT(Measurements(remote_), Each(StatusCode::OK));
  Submit();
  Get(id);
  Release();
  const auto watching = Watch(id);
  EXPECT_TRUE(watching->ReadTo(v1::RunEvent::kFinished));
  const v1::Report report = Get(id).report();
  EXPECT_EQ(report.conditions().other_requests(), 3) << "neither its own nor what disturbs nobody";
  ASSERT_GT(report.warnings_size(), 0);
  EXPECT_EQ(report.warnings().rbegin()->code(), "NB150");
}

TEST_F(RunMethodsTest, RefusesTheRequestsOfOthersForARunThatAsksForIt) {
  HoldCases();
  StartRuns();
  v1::SubmitRequest request = Small();
  request.set_other_traffic("refuse");
  const std::string id = Submit(request);
  entered_.WaitForNotification();
  grpc::ClientContext other, own;
  const grpc::Status refused = Normalize(remote_, &other);
  EXPECT_EQ(refused.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(refused.error_message(), HasSubstr("a benchmark run has the device"));
  EXPECT_EQ(other.GetServerTrailingMetadata().count("grpc-retry-pushback-ms"), 1u);
  EXPECT_TRUE(Normalize(runs_server_->InProcessChannel({}), &own).ok()) << "it is the run's own";
  EXPECT_THAT(Measurements(remote_), Each(StatusCode::RESOURCE_EXHAUSTED));
  EXPECT_THAT(Measurements(runs_server_->InProcessChannel({})), Each(StatusCode::OK));
  Release();
  const auto watching = Watch(id);
  EXPECT_TRUE(watching->ReadTo(v1::RunEvent::kFinished));
  EXPECT_EQ(Get(id).report().conditions().other_requests(), 0);
  grpc::ClientContext later;
  EXPECT_TRUE(Normalize(remote_, &later).ok());
  EXPECT_EQ(metrics_.rejections("run").Value(), 3);
}

}  // namespace
}  // namespace normbench
