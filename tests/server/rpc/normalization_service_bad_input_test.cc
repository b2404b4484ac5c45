// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "grpcpp/generic/generic_stub.h"
#include "tests/server/rpc/service_fixture.h"

namespace normbench {
namespace {

using grpc::StatusCode;
using ::testing::HasSubstr;

class NormalizationBadInputTest : public ServiceFixture {
 protected:
  // Of all metrics.
  size_t Series() {
    size_t series = 0;
    for (const auto& family : metrics_.registry().Collect()) series += family.metric.size();
    return series;
  }
};

struct Bad {
  std::function<void(v1::NormalizeRequest&)> change;
  const char* says;
  StatusCode code = StatusCode::INVALID_ARGUMENT;
};

std::vector<Bad> BadFormats() {
  using R = v1::NormalizeRequest;
  return {{[](R& r) { r.mutable_spec()->set_trailing(2); },
           "trailing: 2 with shape 1x2; allowed: 1 .. 1"},
          {[](R& r) { r.set_dtype("bf16"); }, "x: 8 bytes; allowed: 4 (2 bf16) for the shape"},
          {[](R& r) {
             r.mutable_spec()->set_norm("batch");
             r.mutable_spec()->set_stats("folded");
             r.mutable_spec()->set_affine("none");
           },
           "affine: none with stats folded; allowed: channel, the scale and bias it is about"},
          {[](R& r) {
             r.set_impl("gate");
             r.set_dtype("f16");
           },
           "dtype: f16 with impl gate; allowed: f32", StatusCode::UNIMPLEMENTED},
          {[](R& r) {
             r.set_impl("gate");
             Dims(r, {1, 1, 2});
           },
           "rank of shape: 3 with impl gate; allowed: 2, 4", StatusCode::UNIMPLEMENTED}};
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
           "stats: unknown 'runing'; allowed: running, batch, folded; nearest: running"},
          {[](R& r) { r.mutable_spec()->set_affine("chanel"); },
           "affine: unknown 'chanel'; allowed: none, channel, element; nearest: channel"},
          {[](R& r) { r.mutable_spec()->set_groups(2); },
           "groups: 2 with norm layer; allowed: only group norm has groups"},
          {[](R& r) { r.set_dtype("f33"); },
           "dtype: unknown 'f33'; allowed: f32, f16, bf16; nearest: f32"},
          {[](R& r) { r.set_layout("nhwc"); },
           "layout: nhwc with shape 1x2; allowed: nchw (nhwc: ranks 3 to 5)"},
          {[](R& r) { r.set_impl("referense"); }, "nearest: reference", StatusCode::NOT_FOUND},
          {[](R& r) { r.set_device("cuda:0"); },
           "device: 'cuda:0' is not here for impl reference; allowed: cpu",
           StatusCode::FAILED_PRECONDITION},
          {[](R& r) { r.set_device("cuda"); },
           "device: 'cuda:0' is not here for impl reference; allowed: cpu",
           StatusCode::FAILED_PRECONDITION},
          {[](R& r) { r.set_device("Auto"); },
           "device: 'Auto' is not here for impl reference; allowed: cpu",
           StatusCode::FAILED_PRECONDITION}};
}

std::vector<Bad> BadNumbers() {
  using R = v1::NormalizeRequest;
  const int64_t big = int64_t{1} << 31;
  return {{[](R& r) {
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
             Dims(r, {1, 2, 3, 1, 1, 1});
           },
           "shape: rank 6; allowed: 2 (N, C) to 5 (N, C, D, H, W)"},
          {[](R& r) { Dims(r, {}); }, "shape: rank 0; allowed: 2 (N, C) to 5 (N, C, D, H, W)"},
          {[](R& r) {
             Dims(r, {1024, 1024});
           },
           "shape: 1024x1024 is 4194304 bytes; allowed: at most 1048576"},
          {[](R& r) { r.mutable_spec()->set_eps(0); },
           "eps: 0; allowed: finite, at least 1.17549e-38 (2^-126)"},
          {[](R& r) { r.mutable_spec()->set_eps(-1e-5); },
           "eps: -1e-05; allowed: finite, at least 1.17549e-38 (2^-126)"},
          {[](R& r) { r.mutable_spec()->set_eps(std::nan("")); },
           "eps: nan; allowed: finite, at least 1.17549e-38 (2^-126)"},
          {[](R& r) { r.mutable_spec()->set_eps(INFINITY); },
           "eps: inf; allowed: finite, at least 1.17549e-38 (2^-126)"},
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
          {[](R& r) {
             r.mutable_spec()->set_affine("element");
             Dims(r, {1, 1, 1, 2});
             r.set_gamma("1234");
             r.set_beta("1234");
           },
           "gamma: 4 bytes; allowed: 8 (2 f32) with affine element"}};
}

std::vector<Bad> BadStatistics() {
  using R = v1::NormalizeRequest;
  const auto running = [](R& r, std::vector<float> mean, std::vector<float> variance) {
    r.mutable_spec()->set_norm("batch");
    r.set_mean(Bytes(mean));
    r.set_variance(Bytes(variance));
  };
  return {{[](R& r) { r.set_mean("12345678"); },
           "mean: 8 bytes; allowed: absent unless norm is batch with running statistics"},
          {[](R& r) { r.set_variance("12345678"); },
           "variance: 8 bytes; allowed: absent unless norm is batch with running statistics"},
          {[=](R& r) {
             running(r, {0, 0, 0}, {1, 1});
           },
           "mean: 12 bytes; allowed: 8 (2 f32) for the channels"},
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

TEST_F(NormalizationBadInputTest, BadInputIsNamedWithItsValueAndTheAllowedRange) {
  std::vector<Bad> all = BadWords();
  for (const auto& more : {BadFormats(), BadNumbers(), BadTensors(), BadStatistics()})
    all.insert(all.end(), more.begin(), more.end());
  const size_t series = Series();
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
  EXPECT_EQ(Series(), series) << "a word that is no registered name became a label's value";
  EXPECT_EQ(CountedInAll("Normalize"), static_cast<double>(all.size()));
  EXPECT_EQ(Counted("Normalize", StatusCode::INVALID_ARGUMENT),
            static_cast<double>(std::ranges::count(all, StatusCode::INVALID_ARGUMENT, &Bad::code)));
  EXPECT_EQ(admission_.usage().slots, 0);
}

TEST_F(NormalizationBadInputTest, MalformedBytesAreRefusedWithATextAndCounted) {
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

}  // namespace
}  // namespace normbench
