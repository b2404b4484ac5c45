// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/rpc/rpc_cases.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/load/recorder.h"
#include "bench/micro/rpc/process.h"
#include "bench/micro/rpc/stage_times.h"
#include "bench/micro/rpc/stub_loop.h"
#include "bench/norm/case_data.h"
#include "bench/stats/quantile.h"
#include "nlohmann/json.hpp"
#include "normbench/v1/normalization.pb.h"

namespace normbench {
namespace {

constexpr int64_t kSmall[] = {1, 16, 8, 8};     // 4 KiB
constexpr int64_t kLarge[] = {8, 256, 56, 56};  // 25.7 MB
constexpr char kSmallKey[] =
    "service/group?impl=reference&shape=1x16x8x8&g=4&dtype=f32&layout=nchw&dev=cpu&in_flight=1";

void SetBytes(const std::vector<float>& values, std::string* field) {
  field->assign(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
}

grpc::ByteBuffer GroupNormRequest(std::span<const int64_t> dims, int groups,
                                  const std::string& impl) {
  const Shape shape = *Shape::Create(dims);
  const NormSpec spec{.method = Method::kGroup, .groups = groups};
  const CaseData data(spec, shape, Distribution::kNormal, 1);
  v1::NormalizeRequest request;
  request.mutable_spec()->set_norm("group");
  request.mutable_spec()->set_groups(groups);
  request.mutable_shape()->Add(dims.begin(), dims.end());
  request.set_impl(impl);
  SetBytes(data.x(), request.mutable_x());
  SetBytes(data.gamma(), request.mutable_gamma());
  SetBytes(data.beta(), request.mutable_beta());
  const grpc::Slice slice(request.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : NearestRank(values, 0.5);
}

Arm MedianLatency(const std::shared_ptr<grpc::Channel>& channel, const grpc::ByteBuffer& request,
                  const StubLoopOptions& options) {
  return [&channel, &request, options]() -> absl::StatusOr<double> {
    auto result = RunStubLoop(channel, request, options);
    if (!result.ok()) return result.status();
    return Median(std::move(result->latencies));
  };
}

Arm CallRate(const std::shared_ptr<grpc::Channel>& channel, const grpc::ByteBuffer& request,
             const StubLoopOptions& options) {
  return [&channel, &request, options]() -> absl::StatusOr<double> {
    auto result = RunStubLoop(channel, request, options);
    if (!result.ok()) return result.status();
    return result->calls_per_s;
  };
}

// Mean time from handler start to Finish that was not the kernel's.
absl::StatusOr<double> TimeOutsideKernel(const RpcBenchSetup& setup,
                                         const grpc::ByteBuffer& request) {
  auto before = ReadStageTimes(setup.http_address);
  if (!before.ok()) return before.status();
  auto result = RunStubLoop(setup.server, request, {.seconds = setup.seconds});
  if (!result.ok()) return result.status();
  auto after = ReadStageTimes(setup.http_address);
  if (!after.ok()) return after.status();
  return ((after->duration - before->duration) - (after->compute - before->compute)) /
         (after->requests - before->requests);
}

double MemcpySeconds(size_t bytes, double seconds) {
  std::vector<char> from(bytes, 1), to(bytes, 2);
  std::vector<double> times;
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  for (auto start = std::chrono::steady_clock::now(); start < end;) {
    std::memcpy(to.data(), from.data(), bytes);
    asm volatile("" : : "r"(to.data()) : "memory");
    const auto now = std::chrono::steady_clock::now();
    times.push_back(std::chrono::duration<double>(now - start).count());
    start = now;
  }
  return Median(std::move(times));
}

// Seconds that one Recorder::Add takes, over so many that samples and histograms both fill up.
double RecordSeconds() {
  constexpr int kRequests = 1 << 21;
  Recorder recorder(/*open=*/true);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kRequests; ++i) {
    recorder.Add({.start_seconds = i * 1e-4,
                  .latency_seconds = 1e-4 * (1 + i % 977),
                  .samples = 1,
                  .lag_seconds = 1e-6 * (1 + i % 89)});
  }
  const auto end = std::chrono::steady_clock::now();
  return std::chrono::duration<double>(end - start).count() / kRequests;
}

absl::StatusOr<double> ClientRate(const RpcBenchSetup& setup) {
  const std::string out = absl::StrCat(setup.scratch, "/client");
  auto client = Process::Start(
      {setup.client_program, "run", kSmallKey, "--server", setup.server_address, "--out", out},
      setup.scratch + "/client.log");
  if (!client.ok()) return client.status();
  if (const int code = client->Wait(); code != 0) {
    return absl::InternalError(
        absl::StrCat("normbench run ended with ", code, ": see ", setup.scratch, "/client.log"));
  }
  std::ifstream file(out + "/report.json");
  const auto report = nlohmann::json::parse(file, nullptr, false);
  if (report.is_discarded()) return absl::InternalError("normbench run wrote no report");
  return report["cases"][0]["requests_per_s"].get<double>();
}

}  // namespace

absl::StatusOr<PairedRatio> CompareLatency(const RpcBenchSetup& setup, const std::string& impl) {
  const grpc::ByteBuffer request = GroupNormRequest(kSmall, 4, impl);
  const StubLoopOptions options{.seconds = setup.seconds};
  return RunPairs(setup.pairs, MedianLatency(setup.server, request, options),
                  MedianLatency(setup.echo, request, options));
}

absl::StatusOr<PairedRatio> CompareThroughput(const RpcBenchSetup& setup, const std::string& impl) {
  const grpc::ByteBuffer request = GroupNormRequest(kSmall, 4, impl);
  const StubLoopOptions options{.in_flight = 64, .seconds = setup.seconds};
  return RunPairs(setup.pairs, CallRate(setup.server, request, options),
                  CallRate(setup.echo, request, options));
}

absl::StatusOr<PairedRatio> CompareCopies(const RpcBenchSetup& setup) {
  const grpc::ByteBuffer request = GroupNormRequest(kLarge, 32, "torch");
  const size_t bytes = 8 * 256 * 56 * 56 * sizeof(float);
  return RunPairs(
      setup.pairs, [&] { return TimeOutsideKernel(setup, request); },
      [&]() -> absl::StatusOr<double> { return MemcpySeconds(bytes, setup.seconds); });
}

absl::StatusOr<PairedRatio> CompareClient(const RpcBenchSetup& setup) {
  const grpc::ByteBuffer request = GroupNormRequest(kSmall, 4, "reference");
  return RunPairs(
      setup.pairs, [&] { return ClientRate(setup); },
      CallRate(setup.server, request, {.seconds = setup.seconds}));
}

absl::StatusOr<PairedRatio> CompareRecording(const RpcBenchSetup& setup) {
  const grpc::ByteBuffer request = GroupNormRequest(kSmall, 4, "reference");
  const StubLoopOptions options{.in_flight = 64, .seconds = setup.seconds};
  return RunPairs(
      setup.pairs, []() -> absl::StatusOr<double> { return RecordSeconds(); },
      [&]() -> absl::StatusOr<double> {
        auto result = RunStubLoop(setup.server, request, options);
        if (!result.ok()) return result.status();
        return result->cpu_seconds_per_call;
      });
}

}  // namespace normbench
