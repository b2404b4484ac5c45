// SPDX-License-Identifier: Apache-2.0
#include "client/model_case.h"

#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "bench/report/canonical.h"
#include "bench/report/model_accuracy.h"
#include "bench/report/summarize.h"
#include "client/batches.h"
#include "client/case_loop.h"
#include "client/find_max.h"
#include "client/status.h"
#include "inference/grpc_service.pb.h"

namespace normbench {
namespace {

constexpr int kBaselineInFlight = 4;

absl::StatusOr<CaseLoop> LoopOver(const Session& session, const Batches& batches,
                                  const ModelInfo& info) {
  auto requests = batches.Requests(info);
  if (!requests.ok()) return requests.status();
  return CaseLoop(
      session,
      {.target = {.method = "/inference.GRPCInferenceService/ModelInfer",
                  .requests = *std::move(requests),
                  .payload_field = inference::ModelInferResponse::kRawOutputContentsFieldNumber},
       .whole_passes = true,
       .samples_of = [&batches](int64_t input) { return batches.size_of(input); }});
}

// One pass at request_batch 1, untimed.
Case BaselineCase(const v1::ModelCase& model_case) {
  v1::ModelCase baseline = model_case;
  baseline.set_request_batch(1);
  baseline.set_in_flight(kBaselineInFlight);
  baseline.clear_load();
  return {.key = "", .spec = Canonical(baseline), .expect = {}};
}

// The first answer to each input, joined; empty if one is missing.
std::vector<float> Logits(const OutputLedger& answers) {
  std::vector<float> logits;
  for (int64_t input = 0; input < answers.inputs(); ++input) {
    const auto& of = answers.of(input);
    if (of.empty() || of[0].payload.empty() || of[0].payload.size() % sizeof(float) != 0) return {};
    const size_t begin = logits.size();
    logits.resize(begin + of[0].payload.size() / sizeof(float));
    std::memcpy(logits.data() + begin, of[0].payload.data(), of[0].payload.size());
  }
  return logits;
}

std::string DataKey(const v1::ModelCase& c) {
  return absl::StrCat(c.data(), "\n", c.labels(), "\n", c.images());
}

std::string BaselineKey(const v1::ModelCase& c) {
  return absl::StrCat(c.model(), "\n", c.version(), "\n", DataKey(c));
}

absl::Status CheckBatch(const v1::ModelCase& model_case, const ModelInfo& info) {
  if (info.max_batch_size == 0 || model_case.request_batch() <= info.max_batch_size) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("request_batch: ", model_case.request_batch(),
                                                 "; allowed: 1 .. ", info.max_batch_size,
                                                 " for model '", model_case.model(), "'"));
}

struct AnswerShape {
  int batch = 1;
  int64_t classes = 0;
};

std::optional<v1::ModelAccuracy> AccuracyOf(const ModelData& data, const AnswerShape& shape,
                                            const std::vector<float>& baseline,
                                            const OutputLedger& answers) {
  if (shape.classes == 0) return std::nullopt;
  const bool whole = static_cast<int64_t>(baseline.size()) == data.images * shape.classes;
  const ModelTruth truth{
      .images = data.images,
      .classes = shape.classes,
      .labels = data.labels,
      .baseline = whole ? std::span<const float>(baseline) : std::span<const float>()};
  return CompareModelAnswers(truth, shape.batch, answers);
}

}  // namespace

absl::StatusOr<const ModelData*> ModelCases::DataOf(const v1::ModelCase& model_case) {
  const std::string key = DataKey(model_case);
  if (const auto found = data_.find(key); found != data_.end()) return &found->second;
  session_.progress->Phase("read data", 0);
  auto data = LoadModelData(model_case);
  if (!data.ok()) return data.status();
  return &data_.emplace(key, *std::move(data)).first->second;
}

void ModelCases::MakeBaseline(const v1::ModelCase& model_case, const ModelData& data,
                              const ModelInfo& info) {
  std::vector<float>& baseline = baselines_[BaselineKey(model_case)];
  if (!baseline.empty() || info.classes == 0) return;
  const Batches batches(model_case, data, 1);
  const Session unobserved = Unobserved(session_);
  const auto loop = LoopOver(unobserved, batches, info);
  if (!loop.ok()) return;
  const auto pass = loop->Run(BaselineCase(model_case));
  if (pass.ok()) baseline = Logits(pass->answers);
}

CaseRun ModelCases::Run(const Case& c) {
  const auto& model_case = std::get<v1::ModelCase>(c.spec);
  const auto info = AskModel(session_.channel, model_case);
  if (!info.ok()) return {FailedCase(c, info.status()), IsLost(info.status())};
  if (auto status = CheckBatch(model_case, *info); !status.ok())
    return {FailedCase(c, status), false};
  const auto data = DataOf(model_case);
  if (!data.ok()) return {FailedCase(c, data.status()), false};
  CaseRun run = Measure(c, **data, *info);
  for (const auto& [name, value] : info->parameters) {
    (*run.result.mutable_model()->mutable_parameters())[name] = value;
  }
  return run;
}

CaseRun ModelCases::Measure(const Case& c, const ModelData& data, const ModelInfo& info) {
  const auto& model_case = std::get<v1::ModelCase>(c.spec);
  const int batch = model_case.request_batch();
  if (batch > 1) MakeBaseline(model_case, data, info);
  const Batches batches(model_case, data, batch);
  const auto loop = LoopOver(session_, batches, info);
  if (!loop.ok()) return {FailedCase(c, loop.status()), false};
  const auto measured = MeasureCase(*loop, c, session_);
  if (!measured.ok()) return WithoutResult(c, measured.status(), session_);
  const LoopRun& pass = measured->run;
  std::vector<float>& baseline = baselines_[BaselineKey(model_case)];
  if (batch == 1 && baseline.empty()) baseline = Logits(pass.answers);
  session_.progress->Phase("verify", 1);
  const auto accuracy = AccuracyOf(data, {batch, info.classes}, baseline, pass.answers);
  LoopMeasurement measurement = measured->measurement();
  measurement.model_accuracy = accuracy ? &*accuracy : nullptr;
  CaseRun run{.result = {}, .lost = pass.suspect()};
  run.result = SummarizeLoop(measured->c, measurement, &run.kept);
  ExplainErrors(pass.last_error, &run.result);
  return run;
}

}  // namespace normbench
