// SPDX-License-Identifier: Apache-2.0
// CheckInvariance as a client of the service meets it.
#include "server/rpc/invariance_request.h"

#include "tests/server/rpc/service_fixture.h"

namespace normbench {
namespace {

using grpc::StatusCode;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

class InvarianceRequestTest : public ServiceFixture {
 protected:
  // Small enough to be done in milliseconds.
  static v1::CheckInvarianceRequest Quick(const std::string& norm = "group",
                                          const std::string& impl = "reference") {
    v1::CheckInvarianceRequest request;
    v1::InvarianceCase& wanted = *request.mutable_invariance_case();
    wanted.mutable_norm_case()->mutable_spec()->set_norm(norm);
    if (norm == "group") wanted.mutable_norm_case()->mutable_spec()->set_groups(2);
    for (const int dim : {1, 4, 3, 3}) wanted.mutable_norm_case()->add_shape(dim);
    wanted.mutable_norm_case()->set_impl(impl);
    for (const int n : {3, 1, 2, 3}) wanted.add_batch_sizes(n);
    return request;
  }

  grpc::Status Check(const v1::CheckInvarianceRequest& request) {
    grpc::ClientContext context;
    const auto reader = benchmark_stub_->CheckInvariance(&context, request);
    events_.clear();
    v1::MeasureResponse event;
    while (reader->Read(&event)) events_.push_back(event);
    return reader->Finish();
  }
  absl::StatusOr<InvarianceRequest> Parse(const ServiceLimits& limits) {
    const OfferedKernels kernels(registry_, metrics_, "cpu");
    const std::string bytes = Quick().SerializeAsString();
    const grpc::Slice slice(bytes);
    return ParseInvariance(grpc::ByteBuffer(&slice, 1), kernels, limits);
  }

  const v1::InvarianceResult& result() { return events_.back().invariance(); }

  std::vector<v1::MeasureResponse> events_;
};

TEST_F(InvarianceRequestTest, TheReferenceIsInvariantForEveryNorm) {
  for (const Method method : kMethods) {
    const grpc::Status status = Check(Quick(std::string(Name(method))));
    ASSERT_TRUE(status.ok()) << status.error_message();
    ASSERT_TRUE(events_.back().has_invariance());
    const v1::InvarianceNumbers& numbers = result().numbers();
    EXPECT_GT(numbers.all().comparisons(), 0);
    EXPECT_EQ(numbers.all().equal(), numbers.all().comparisons());
    EXPECT_EQ(numbers.all().max_abs(), 0);
    EXPECT_FALSE(numbers.all().has_first_failing_n());
    EXPECT_GT(result().seconds(), 0);
  }
}

TEST_F(InvarianceRequestTest, TalliesAddUp) {
  ASSERT_TRUE(Check(Quick()).ok());
  const v1::InvarianceNumbers& numbers = result().numbers();
  EXPECT_EQ(numbers.batch().comparisons(), 12);
  EXPECT_EQ(numbers.threads().comparisons(), 6);
  EXPECT_EQ(numbers.neighbours().comparisons(), 20);
  EXPECT_EQ(numbers.alignment().comparisons(), 18);
  EXPECT_EQ(numbers.all().comparisons(), 50);
}

TEST_F(InvarianceRequestTest, EchoesTheCaseWithEveryDefaultFilledIn) {
  ASSERT_TRUE(Check(Quick("group", "")).ok());
  const v1::InvarianceCase& done = result().invariance_case();
  EXPECT_THAT(done.batch_sizes(), ElementsAre(1, 2, 3));
  EXPECT_THAT(done.threads(), ElementsAre(1, 2));
  EXPECT_EQ(done.norm_case().impl(), "reference");
  EXPECT_EQ(done.norm_case().device(), "cpu");
  EXPECT_EQ(done.norm_case().dtype(), "f32");
  EXPECT_EQ(done.norm_case().data(), "normal");
  EXPECT_THAT(done.norm_case().shape(), ElementsAre(1, 4, 3, 3));
  EXPECT_EQ(done.norm_case().threads(), 0) << "the set says it";
  v1::CheckInvarianceRequest usual = Quick();
  usual.mutable_invariance_case()->clear_batch_sizes();
  ASSERT_TRUE(Check(usual).ok());
  EXPECT_THAT(result().invariance_case().batch_sizes(),
              ElementsAreArray({1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65}));
}

TEST_F(InvarianceRequestTest, SetsTheThreadsAndSetsThemBack) {
  v1::CheckInvarianceRequest request = Quick();
  request.mutable_invariance_case()->add_threads(4);
  request.mutable_invariance_case()->add_threads(3);
  ASSERT_TRUE(Check(request).ok());
  StopServer();
  EXPECT_EQ(threads_set_.front(), 3) << "the fewest first: alone";
  EXPECT_THAT(threads_set_, Contains(4));
  EXPECT_EQ(threads_set_.back(), 1);
}

TEST_F(InvarianceRequestTest, ReportsProgressThenOneResult) {
  ASSERT_TRUE(Check(Quick()).ok());
  for (size_t i = 0; i < events_.size(); ++i) {
    EXPECT_EQ(events_[i].has_invariance(), i + 1 == events_.size());
    if (!events_[i].has_progress()) continue;
    EXPECT_EQ(events_[i].progress().phase(), "compare");
  }
}

TEST_F(InvarianceRequestTest, CancellationEndsIt) {
  v1::CheckInvarianceRequest request = Quick("group", "gate");
  grpc::ClientContext context;
  const auto reader = benchmark_stub_->CheckInvariance(&context, request);
  gate_entered_.WaitForNotification();
  context.TryCancel();
  queue_.WaitForCancels(1);
  v1::MeasureResponse event;
  while (reader->Read(&event)) EXPECT_FALSE(event.has_invariance());
  EXPECT_EQ(reader->Finish().error_code(), StatusCode::CANCELLED);
  OpenGate();
  StopServer();
  EXPECT_EQ(Counted("CheckInvariance", StatusCode::CANCELLED), 1);
  EXPECT_EQ(admission_.usage().bytes, 0);
}

struct Bad {
  std::function<void(v1::InvarianceCase&)> change;
  const char* says;
  StatusCode code = StatusCode::INVALID_ARGUMENT;
};

TEST_F(InvarianceRequestTest, BadInputIsNamedWithItsValueAndTheAllowedRange) {
  using C = v1::InvarianceCase;
  const std::vector<Bad> all = {
      {[](C& c) {
         c.mutable_norm_case()->mutable_spec()->set_norm("batch");
         c.mutable_norm_case()->mutable_spec()->clear_groups();
         c.mutable_norm_case()->mutable_spec()->set_stats("batch");
       },
       "stats: 'batch'; allowed: running, folded. Batch statistics depend on the batch by "
       "definition: no answer is the same in every batch"},
      {[](C& c) { c.mutable_norm_case()->set_shape(0, 8); },
       "shape: 8x4x3x3; allowed: N = 1, the sample; batch_sizes say how many of them make a batch"},
      {[](C& c) { c.add_batch_sizes(0); }, "batch_sizes: 0; allowed: 1 .. 65536"},
      {[](C& c) { c.add_batch_sizes(65537); }, "batch_sizes: 65537; allowed: 1 .. 65536"},
      {[](C& c) {
         for (int n = 1; n < 66; ++n) c.add_batch_sizes(n);
       },
       "batch_sizes: 65 of them; allowed: at most 64"},
      {[](C& c) { c.add_threads(5); }, "threads: 5; allowed: 1 .. 4"},
      {[](C& c) { c.add_batch_sizes(8000); },
       "batch_sizes: 8000x4x3x3 is 1152000 bytes; allowed: at most 1048576"},
      {[](C& c) {
         c.mutable_norm_case()->set_shape(1, 65536);
         c.add_batch_sizes(65536);
       },
       "batch_sizes: 65536 samples of 589824 elements; allowed: at most 2147483647 elements in "
       "all"},
      {[](C& c) { c.mutable_norm_case()->set_data("normale"); },
       "data: unknown 'normale'; allowed: normal, uniform, mean1e1, mean1e2, mean1e3, mean1e4, "
       "mean1e5, outlier, constant; nearest: normal"},
      {[](C& c) { c.mutable_norm_case()->set_impl("referense"); },
       "impl: unknown 'referense'; allowed: auto, reference, gate, hungry; nearest: reference",
       StatusCode::NOT_FOUND}};
  for (const Bad& bad : all) {
    v1::CheckInvarianceRequest request = Quick();
    bad.change(*request.mutable_invariance_case());
    const grpc::Status status = Check(request);
    EXPECT_EQ(status.error_code(), bad.code) << bad.says;
    EXPECT_EQ(status.error_message(), bad.says);
  }
  StopServer();
  EXPECT_EQ(CountedInAll("CheckInvariance"), static_cast<double>(all.size()));
}

TEST_F(InvarianceRequestTest, BooksTheTimeOfPlainLoopsForTheReference) {
  const auto parsed = Parse({});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_DOUBLE_EQ(parsed->seconds(), 20e-9 * InvarianceElements(parsed->spec));
}

TEST_F(InvarianceRequestTest, RefusesMoreWorkThanALongWait) {
  ServiceLimits limits;
  limits.max_invariance_elements = 1000;
  const auto parsed = Parse(limits);
  EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(parsed.status().message()),
              HasSubstr("elements; allowed: at most 1000; take fewer or smaller ones"));
}

}  // namespace
}  // namespace normbench
