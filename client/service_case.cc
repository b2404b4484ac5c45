// SPDX-License-Identifier: Apache-2.0
#include "client/service_case.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "bench/load/closed_loop.h"
#include "bench/norm/case_data.h"
#include "bench/report/norm_accuracy.h"
#include "bench/report/norm_case.h"
#include "bench/report/summarize.h"
#include "client/message.h"
#include "client/status.h"
#include "client/unary_target.h"
#include "normbench/v1/normalization.pb.h"

namespace normbench {
namespace {

// Distinct inputs, so that no answer is right by accident of the one before; fewer where they are
// big.
constexpr int64_t kMaxInputs = 4;
constexpr int64_t kInputBytes = 64 << 20;
constexpr size_t kAnswerBytes = 256 << 20;

std::span<const std::byte> Bytes(const std::vector<float>& values) {
  return std::as_bytes(std::span(values));
}

std::string Copy(const std::vector<float>& values) {
  const auto bytes = Bytes(values);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<std::unique_ptr<CaseData>> MakeInputs(const NormProblem& problem) {
  const int64_t bytes = problem.shape.elements() * int64_t{sizeof(float)};
  const int64_t count = std::clamp<int64_t>(kInputBytes / bytes, 1, kMaxInputs);
  std::vector<std::unique_ptr<CaseData>> inputs;
  for (int64_t i = 0; i < count; ++i) {
    inputs.push_back(std::make_unique<CaseData>(problem.spec, problem.shape, problem.distribution,
                                                problem.seed, i));
  }
  return inputs;
}

// Refers to the x of `data`.
grpc::ByteBuffer RequestOf(const v1::NormCase& norm_case, const CaseData& data) {
  v1::NormalizeRequest request;
  *request.mutable_spec() = norm_case.spec();
  for (const int32_t dim : norm_case.shape()) request.add_shape(dim);
  request.set_dtype(norm_case.dtype());
  request.set_layout(norm_case.layout());
  request.set_impl(norm_case.impl());
  request.set_device(norm_case.device());
  request.set_gamma(Copy(data.gamma()));
  request.set_beta(Copy(data.beta()));
  request.set_mean(Copy(data.mean()));
  request.set_variance(Copy(data.variance()));
  return WithTensor(request, v1::NormalizeRequest::kXFieldNumber, Bytes(data.x()));
}

UnaryTargetOptions TargetOf(const v1::ServiceCase& service,
                            const std::vector<std::unique_ptr<CaseData>>& inputs) {
  UnaryTargetOptions options{.method = "/normbench.v1.Normalization/Normalize",
                             .requests = {},
                             .payload_field = v1::NormalizeResponse::kYFieldNumber,
                             .slots = service.in_flight()};
  for (const auto& input : inputs) {
    options.requests.push_back(RequestOf(service.norm_case(), *input));
  }
  return options;
}

// Which implementation answers where the server chooses: the loop looks at the tensors only, so one
// more request asks. Empty where that fails.
std::string ImplOf(const Session& session, const UnaryTargetOptions& options) {
  constexpr double kTimeout = 2;
  UnaryTarget target(session.channel, {.method = options.method,
                                       .requests = {options.requests[0]},
                                       .payload_field = v1::NormalizeResponse::kImplFieldNumber,
                                       .slots = 1,
                                       .timeout_seconds = kTimeout});
  target.Send(0, 0);
  const auto done = target.Wait(Clock::now() + std::chrono::seconds(10));
  if (!done || done->code != 0) return "";
  return {reinterpret_cast<const char*>(done->payload.data()), done->payload.size()};
}

// The spec of the result is the one that ran, as in kernel cases.
void SetImpl(const Session& session, const UnaryTargetOptions& options, v1::CaseResult* result) {
  auto* norm_case = result->mutable_service()->mutable_norm_case();
  if (norm_case->impl() != "auto" || result->requests() == 0) return;
  const std::string impl = ImplOf(session, options);
  if (!impl.empty()) norm_case->set_impl(impl);
}

}  // namespace

CaseRun RunServiceCase(const Case& c, const Session& session) {
  const auto& service = std::get<v1::ServiceCase>(c.spec);
  const auto problem = ToNormProblem(service.norm_case());
  if (!problem.ok()) return {FailedCase(c, problem.status()), false};
  session.progress->Phase("prepare", 0);
  const auto inputs = MakeInputs(*problem);
  const auto count = static_cast<int64_t>(inputs.size());
  const UnaryTargetOptions options = TargetOf(service, inputs);
  UnaryTarget target(session.channel, options);
  OutputLedger answers(count, kAnswerBytes);
  const int samples = static_cast<int>(problem->shape.n());
  LoopResult loop = RunClosedLoop(target,
                                  {.in_flight = service.in_flight(),
                                   .warmup_seconds = c.warmup_seconds,
                                   .seconds = c.seconds,
                                   .inputs = count,
                                   .samples_of = [samples](int64_t) { return samples; }},
                                  &answers, session.stop, ShowLoop(session));
  ExplainLoss(target, &loop);
  session.progress->Phase("verify", 1);
  const auto accuracy = CompareNormAnswers(*problem, answers);
  CaseRun run{SummarizeLoop(c, {.loop = &loop,
                                .outputs = &answers,
                                .norm_accuracy = accuracy ? &*accuracy : nullptr}),
              !loop.lost.ok()};
  ExplainErrors(target.last_error(), &run.result);
  if (!run.lost) SetImpl(session, options, &run.result);
  return run;
}

}  // namespace normbench
