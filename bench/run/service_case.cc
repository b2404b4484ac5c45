// SPDX-License-Identifier: Apache-2.0
#include "bench/run/service_case.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "bench/norm/case_data.h"
#include "bench/report/case_result.h"
#include "bench/report/norm_accuracy.h"
#include "bench/report/norm_case.h"
#include "bench/report/summarize.h"
#include "bench/report/warnings.h"
#include "bench/run/case_loop.h"
#include "bench/run/find_max.h"
#include "bench/run/message.h"
#include "bench/run/unary_target.h"
#include "bench/run/utf8.h"
#include "normbench/v1/normalization.pb.h"

namespace normbench {
namespace {

// Distinct inputs, so that no answer is right by accident of the one before; fewer where they are
// big.
constexpr int64_t kMaxInputs = 4;
constexpr int64_t kInputBytes = 64 << 20;

std::span<const std::byte> Bytes(const std::vector<float>& values) {
  return std::as_bytes(std::span(values));
}

std::string Copy(const std::vector<float>& values) {
  const auto bytes = Bytes(values);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<std::unique_ptr<CaseData>> MakeInputs(const NormProblem& problem) {
  const int64_t bytes = PackedBytes(problem.format, problem.shape);
  const int64_t count = std::clamp<int64_t>(kInputBytes / bytes, 1, kMaxInputs);
  std::vector<std::unique_ptr<CaseData>> inputs;
  for (int64_t i = 0; i < count; ++i) {
    inputs.push_back(std::make_unique<CaseData>(problem.spec, problem.shape, problem.distribution,
                                                problem.seed, i, problem.format));
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
  return WithTensor(request, v1::NormalizeRequest::kXFieldNumber, data.packed_x());
}

UnaryTargetOptions TargetOf(const v1::ServiceCase& service,
                            const std::vector<std::unique_ptr<CaseData>>& inputs) {
  UnaryTargetOptions options{.method = "/normbench.v1.Normalization/Normalize",
                             .requests = {},
                             .payload_field = v1::NormalizeResponse::kYFieldNumber};
  for (const auto& input : inputs) {
    options.requests.push_back(RequestOf(service.norm_case(), *input));
  }
  return options;
}

// A word of an answer: the loop looks at the tensors only, so one more request asks. Empty where
// that fails, and where the field is.
std::string WordOf(const Session& session, const UnaryTargetOptions& options, int field) {
  constexpr double kTimeout = 2;
  UnaryTarget target(session.channel, {.method = options.method,
                                       .requests = {options.requests[0]},
                                       .payload_field = field,
                                       .slots = 1,
                                       .timeout_seconds = kTimeout});
  target.Send(0, 0);
  const auto done = target.Wait(Clock::now() + std::chrono::seconds(10));
  if (!done || done->code != 0) return "";
  return ValidUtf8({reinterpret_cast<const char*>(done->payload.data()), done->payload.size()});
}

// The spec of the result is the one that ran, as in kernel cases.
void SetImpl(const Session& session, const UnaryTargetOptions& options, v1::CaseResult* result) {
  auto* norm_case = result->mutable_service()->mutable_norm_case();
  if (norm_case->impl() != "auto" || result->requests() == 0) return;
  const std::string impl = WordOf(session, options, v1::NormalizeResponse::kImplFieldNumber);
  if (!impl.empty()) norm_case->set_impl(impl);
}

// Whether the library answered in another layout, as kernel cases say it.
void SetConverts(const Session& session, const UnaryTargetOptions& options,
                 v1::CaseResult* result) {
  if (result->service().norm_case().layout() == "nchw" || result->requests() == 0) return;
  const std::string code = WordOf(session, options, v1::NormalizeResponse::kWarningsFieldNumber);
  if (code == warning::kConvertsLayout) AddWarning(code, result);
}

}  // namespace

CaseRun RunServiceCase(const Case& c, const Session& session) {
  const auto& service = std::get<v1::ServiceCase>(c.spec);
  const auto problem = ToNormProblem(service.norm_case());
  if (!problem.ok()) return {FailedCase(c, problem.status()), false};
  session.watcher->Phase("prepare", 0);
  const auto inputs = MakeInputs(*problem);
  const UnaryTargetOptions options = TargetOf(service, inputs);
  const int samples = service.norm_case().shape(0);
  const CaseLoop loop(session,
                      {.target = options, .samples_of = [samples](int64_t) { return samples; }});
  const auto measured = MeasureCase(loop, c, session);
  if (!measured.ok()) return WithoutResult(c, measured.status(), session);
  session.watcher->Phase("verify", 1);
  const auto accuracy = CompareNormAnswers(*problem, measured->run.answers);
  LoopMeasurement measurement = measured->measurement();
  measurement.norm_accuracy = accuracy ? &*accuracy : nullptr;
  CaseRun summary{.result = {}, .lost = measured->run.suspect()};
  summary.result = SummarizeLoop(measured->c, measurement, &summary.kept);
  ExplainErrors(measured->run.last_error, &summary.result);
  if (measured->run.lost().ok()) {
    SetImpl(session, options, &summary.result);
    SetConverts(session, options, &summary.result);
  }
  return summary;
}

}  // namespace normbench
