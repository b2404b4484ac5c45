// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/rpc/model_cases.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/micro/rpc/stage_times.h"
#include "bench/micro/rpc/stub_loop.h"
#include "bench/stats/quantile.h"
#include "inference/grpc_service.pb.h"

namespace normbench {
namespace {

namespace fs = std::filesystem;

void WriteIdentity(const fs::path& model, const std::string& dims) {
  fs::create_directories(model / "1");
  std::ofstream(model / "config.pbtxt")
      << "backend: 'identity' input { name: 'x' data_type: TYPE_FP32 dims: [ " << dims
      << " ] } output { name: 'y' data_type: TYPE_FP32 dims: [ " << dims << " ] }\n";
}

grpc::ByteBuffer Request(const ModelCall& call) {
  inference::ModelInferRequest request;
  request.set_model_name(call.model);
  auto& input = *request.add_inputs();
  input.set_name("x");
  input.set_datatype("FP32");
  input.mutable_shape()->Add(call.shape.begin(), call.shape.end());
  size_t elements = 1;
  for (const int64_t dim : call.shape) elements *= static_cast<size_t>(dim);
  std::vector<float> values(elements);
  for (size_t i = 0; i < elements; ++i) values[i] = static_cast<float>(i % 17) / 8 - 1;
  request.add_raw_input_contents(
      std::string(reinterpret_cast<const char*>(values.data()), elements * sizeof(float)));
  const grpc::Slice slice(request.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

absl::StatusOr<StubLoopResult> Call(const RpcBenchSetup& setup, const ModelCall& call) {
  return RunStubLoop(setup.server, Request(call),
                     {.method = "/inference.GRPCInferenceService/ModelInfer",
                      .in_flight = call.in_flight,
                      .seconds = setup.seconds});
}

// The echo answers whatever it gets.
absl::StatusOr<StubLoopResult> CallEcho(const RpcBenchSetup& setup, const ModelCall& call) {
  return RunStubLoop(setup.echo, Request(call),
                     {.in_flight = call.in_flight, .seconds = setup.seconds});
}

absl::StatusOr<double> P50(absl::StatusOr<StubLoopResult> result) {
  if (!result.ok()) return result.status();
  std::ranges::sort(result->latencies);
  return result->latencies.empty() ? 0 : NearestRank(result->latencies, 0.5);
}

absl::StatusOr<double> Rate(absl::StatusOr<StubLoopResult> result, int64_t samples) {
  if (!result.ok()) return result.status();
  return result->calls_per_s * static_cast<double>(samples);
}

// Of the model itself, in one run of an arm.
struct Measured {
  double p50 = 0;
  double compute = 0;  // mean seconds
};

absl::StatusOr<Measured> Measure(const RpcBenchSetup& setup, const ModelCall& call) {
  const auto before = ReadModelTimes(setup.http_address, call.model);
  if (!before.ok()) return before.status();
  const auto p50 = P50(Call(setup, call));
  if (!p50.ok()) return p50.status();
  const auto after = ReadModelTimes(setup.http_address, call.model);
  if (!after.ok()) return after.status();
  return Measured{*p50, (after->compute - before->compute) / (after->requests - before->requests)};
}

}  // namespace

absl::Status WriteBenchModels(const std::string& folder, const std::string& more) {
  std::error_code error;
  fs::remove_all(folder, error);
  WriteIdentity(fs::path(folder) / "small", "16");
  WriteIdentity(fs::path(folder) / "large", "64, 56, 56");
  if (more.empty()) return absl::OkStatus();
  fs::copy(more, folder, fs::copy_options::recursive, error);
  if (!error) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("--models: '", more, "': ", error.message()));
}

absl::StatusOr<PairedRatio> CompareModelLatency(const RpcBenchSetup& setup, const ModelCall& call) {
  return RunPairs(
      setup.pairs, [&] { return P50(Call(setup, call)); },
      [&] { return P50(CallEcho(setup, call)); });
}

absl::StatusOr<PairedRatio> CompareModelRate(const RpcBenchSetup& setup, const ModelCall& call) {
  return RunPairs(
      setup.pairs, [&] { return Rate(Call(setup, call), 1); },
      [&] { return Rate(CallEcho(setup, call), 1); });
}

absl::StatusOr<PairedRatio> CompareModelToKernel(const RpcBenchSetup& setup,
                                                 const ModelCall& call) {
  std::vector<double> model, allowed;
  for (int pair = 0; pair < setup.pairs; ++pair) {
    const auto echo_first = pair % 2 == 0 ? P50(CallEcho(setup, call)) : 0.0;
    if (!echo_first.ok()) return echo_first.status();
    const auto measured = Measure(setup, call);
    if (!measured.ok()) return measured.status();
    const auto echo = pair % 2 == 0 ? echo_first : P50(CallEcho(setup, call));
    if (!echo.ok()) return echo.status();
    model.push_back(measured->p50);
    allowed.push_back(*echo + 1.3 * measured->compute);
  }
  return RatioOfPairs(model, allowed);
}

absl::StatusOr<PairedRatio> CompareModels(const RpcBenchSetup& setup, const ModelCall& a,
                                          const ModelCall& b) {
  return RunPairs(
      setup.pairs, [&] { return Rate(Call(setup, a), a.shape[0]); },
      [&] { return Rate(Call(setup, b), b.shape[0]); });
}

absl::StatusOr<PairedRatio> CompareModelLatencies(const RpcBenchSetup& setup, const ModelCall& a,
                                                  const ModelCall& b) {
  return RunPairs(
      setup.pairs, [&] { return P50(Call(setup, a)); }, [&] { return P50(Call(setup, b)); });
}

}  // namespace normbench
