// SPDX-License-Identifier: Apache-2.0
// Which kernel cases can be asked for, as a client of the service sees it.
#include "server/rpc/measure_request.h"

#include "bench/report/warnings.h"
#include "server/rpc/codec.h"
#include "tests/server/rpc/narrow_kernel.h"
#include "tests/server/rpc/service_fixture.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;

class MeasureRequestTest : public ServiceFixture {
 protected:
  // Small enough to be done in milliseconds.
  static v1::MeasureRequest Quick(const std::string& norm, const std::string& impl = "reference") {
    v1::MeasureRequest request;
    request.mutable_norm_case()->mutable_spec()->set_norm(norm);
    for (const int dim : {32, 4, 3, 3}) request.mutable_norm_case()->add_shape(dim);
    request.mutable_norm_case()->set_impl(impl);
    request.mutable_budget()->set_warmup_seconds(1e-4);
    request.mutable_budget()->set_max_samples(7);
    return request;
  }

  // Leaves the last event in `result`.
  grpc::Status Measure(const v1::MeasureRequest& request, v1::MeasureResponse* result) {
    grpc::ClientContext context;
    const auto reader = benchmark_stub_->Measure(&context, request);
    while (reader->Read(result)) {
    }
    return reader->Finish();
  }
};

TEST_F(MeasureRequestTest, EchoesWhatWasAskedFor) {
  v1::MeasureRequest request = Quick("rms");
  v1::NormCase& asked = *request.mutable_norm_case();
  asked.mutable_spec()->set_trailing(2);
  asked.set_dtype("bf16");
  asked.set_data("outlier");
  asked.set_cache("cold");
  v1::MeasureResponse event;
  const grpc::Status status = Measure(request, &event);
  ASSERT_TRUE(status.ok()) << status.error_message();
  const v1::MeasureResult& result = event.result();
  const v1::NormCase& done = result.norm_case();
  EXPECT_THAT(done.shape(), ElementsAre(32, 4, 3, 3)) << "not that of what is reduced";
  EXPECT_EQ(done.spec().trailing(), 2);
  EXPECT_EQ(done.dtype(), "bf16");
  EXPECT_EQ(done.data(), "outlier");
  EXPECT_EQ(done.cache(), "cold");
  EXPECT_EQ(result.algorithmic_bytes(), 2 * 32 * 36 * 2);
  EXPECT_TRUE(result.accuracy().has_misrounded());
  EXPECT_LE(result.accuracy().err_scaled(), 1);
}

TEST_F(MeasureRequestTest, WarnsThatTheLibraryConvertsTheLayout) {
  OpenGate();
  v1::MeasureRequest request = Quick("instance", "gate");
  request.mutable_norm_case()->set_layout("nhwc");
  v1::MeasureResponse event;
  ASSERT_TRUE(Measure(request, &event).ok());
  EXPECT_THAT(event.result().warnings(), ElementsAre(std::string(warning::kConvertsLayout)));
}

// Needs a lot while it runs, and keeps nothing.
class LightKernel final : public NormKernel {
 public:
  static constexpr int64_t kWorkspace = 1 << 20;

  std::string name() const override { return "light"; }
  KernelCapabilities capabilities() const override { return inner_->capabilities(); }
  int64_t WorkspaceBytes(const NormSpec&, const Shape&, TensorFormat) const override {
    return kWorkspace;
  }
  int64_t BoundBytes(const NormSpec&, const Shape&, TensorFormat) const override { return 0; }
  absl::StatusOr<std::shared_ptr<const NormPlan>> Plan(const NormSpec& spec, const Shape& shape,
                                                       DType dtype, Layout layout,
                                                       const std::string& device) const override {
    return inner_->Plan(spec, shape, dtype, layout, device);
  }

 private:
  const std::unique_ptr<NormKernel> inner_ = MakeReferenceKernel();
};

// Only one of the many pairs of x and y of a cold case is worked on at a time.
TEST_F(MeasureRequestTest, AColdCaseTakesOneWorkspace) {
  std::vector<std::unique_ptr<NormKernel>> kernels;
  kernels.push_back(std::make_unique<LightKernel>());
  const KernelRegistry registry(std::move(kernels));
  const ServerMetrics metrics(
      {.rpcs = {}, .impls = {"light"}, .devices = {"cpu"}, .version = "", .sha = "", .torch = ""});
  v1::MeasureRequest request = Quick("rms", "light");
  request.mutable_norm_case()->set_cache("cold");
  const auto cold = ParseMeasure(*Encode(request, {}), OfferedKernels(registry, metrics, "cpu"),
                                 services_.limits);
  ASSERT_TRUE(cold.ok()) << cold.status();
  EXPECT_GT(LanesOf(cold->spec), 10);
  EXPECT_EQ(cold->bytes, MeasureBytes(cold->spec) + LightKernel::kWorkspace + cold->answer_bytes());
}

// The caches of a GPU are its own.
TEST(ParseMeasure, ColdIsOfTheCachesOfTheDevice) {
  const NarrowOffer offer;
  ServiceLimits limits;
  limits.cold_bytes = 1000000;
  limits.cold_bytes_cuda = 9000000;
  for (const auto& [device, bytes] : {std::pair{"cpu", 1000000}, std::pair{"cuda", 9000000}}) {
    v1::MeasureRequest request;
    v1::NormCase& asked = *request.mutable_norm_case();
    asked.mutable_spec()->set_norm("layer");
    for (const int dim : {2, 4, 16, 16}) asked.add_shape(dim);
    asked.set_cache("cold");
    asked.set_device(device);
    const grpc::Slice slice(request.SerializeAsString());
    const auto parsed = ParseMeasure(grpc::ByteBuffer(&slice, 1), offer.kernels, limits);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->spec.cold_bytes, bytes) << device;
  }
}

struct Bad {
  std::function<void(v1::NormCase&)> change;
  const char* says;
};

TEST_F(MeasureRequestTest, NamesWhatCannotBe) {
  using C = v1::NormCase;
  const std::vector<Bad> all = {
      {[](C& c) { c.set_dtype("f33"); },
       "dtype: unknown 'f33'; allowed: f32, f16, bf16; nearest: f32"},
      {[](C& c) { c.set_layout("nhcw"); }, "layout: unknown 'nhcw'; allowed: nchw, nhwc"},
      {[](C& c) { c.mutable_spec()->set_norm("batch"), c.mutable_spec()->set_trailing(1); },
       "trailing: 1 with norm batch; allowed: absent (layer and rms have it)"},
      {[](C& c) { c.set_dtype("f16"), c.set_data("mean1e5"); },
       "data: mean1e5 with dtype f16; allowed: up to mean1e4, as f16 ends at 65504"},
      {[](C& c) {
         c.mutable_shape()->Truncate(2);
         c.set_shape(0, 1);
         c.set_shape(1, 1);
         c.set_cache("cold");
         c.set_dtype("f16");
       },
       "cache: cold with a tensor of 2 bytes; allowed: from 4 bytes on, or hot"},
      {[](C& c) { c.set_cache("warm"); }, "cache: unknown 'warm'; allowed: hot, cold"},
      {[](C& c) { c.set_data("norml"); },
       "data: unknown 'norml'; allowed: normal, uniform, mean1e1, mean1e2, mean1e3, mean1e4, "
       "mean1e5, outlier, constant; nearest: normal"}};
  for (const Bad& bad : all) {
    v1::MeasureRequest request = Quick("layer");
    bad.change(*request.mutable_norm_case());
    v1::MeasureResponse event;
    const grpc::Status status = Measure(request, &event);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << bad.says;
    EXPECT_EQ(status.error_message(), bad.says);
  }
}

}  // namespace
}  // namespace normbench
