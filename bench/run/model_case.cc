// SPDX-License-Identifier: Apache-2.0
#include "bench/run/model_case.h"

#include <cstddef>
#include <memory>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "bench/report/batching_accuracy.h"
#include "bench/report/canonical.h"
#include "bench/report/model_accuracy.h"
#include "bench/report/summarize.h"
#include "bench/run/batches.h"
#include "bench/run/case_loop.h"
#include "bench/run/find_max.h"
#include "bench/run/status.h"
#include "inference/grpc_service.pb.h"

namespace normbench {
namespace {

// Where answers depend on the batch each of them may be another one, and all are compared. Few
// enough to look through their checksums between two answers.
constexpr size_t kMaxKept = 4096;

absl::StatusOr<CaseLoop> LoopOver(const Session& session, const Batches& batches,
                                  const ModelInfo& info, bool ask) {
  auto requests = batches.Requests(info, ask);
  if (!requests.ok()) return requests.status();
  return CaseLoop(
      session,
      {.target = {.method = "/inference.GRPCInferenceService/ModelInfer",
                  .requests = *std::move(requests),
                  .payload_field = inference::ModelInferResponse::kRawOutputContentsFieldNumber,
                  .formed_batch = ask},
       .whole_passes = true,
       .max_kept = kMaxKept,
       .samples_of = [&batches](int64_t input) { return batches.size_of(input); }});
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

ModelTruth TruthOf(const ModelData& data, const ModelInfo& info, const Baseline& baseline) {
  const bool whole = std::ssize(baseline.logits) == data.images * info.classes;
  return {.images = data.images,
          .classes = info.classes,
          .labels = data.labels,
          .baseline = whole ? std::span<const float>(baseline.logits) : std::span<const float>()};
}

v1::BatchingAccuracy BatchingOf(const ModelTruth& truth, int batch, const Baseline& baseline,
                                const OutputLedger& answers) {
  v1::BatchingAccuracy batching = CompareByFormedBatch(truth, batch, answers);
  if (!truth.baseline.empty()) batching.set_baseline(baseline.how);
  return batching;
}

}  // namespace

absl::StatusOr<const ModelData*> ModelCases::DataOf(const v1::ModelCase& model_case) {
  const std::string key = DataKey(model_case);
  if (const auto found = data_.find(key); found != data_.end()) return &found->second;
  session_.watcher->Phase("read data", 0);
  auto data = LoadModelData(model_case);
  if (!data.ok()) return data.status();
  return &data_.emplace(key, *std::move(data)).first->second;
}

bool ModelCases::MayBeJoined(const v1::ModelCase& model_case) const {
  return session_.find_max.has_value() || normbench::MayBeJoined(model_case);
}

bool ModelCases::AsksAlone(const v1::ModelCase& model_case) const {
  return !session_.find_max.has_value() && normbench::AsksAlone(model_case);
}

void ModelCases::MakeBaseline(const v1::ModelCase& model_case, const ModelData& data,
                              const ModelInfo& info) {
  Baseline& baseline = baselines_[BaselineKey(model_case)];
  const bool good_enough = !baseline.logits.empty() && !MayBeJoined(model_case);
  if (info.classes == 0 || baseline.asked || good_enough) return;
  const Batches batches(model_case, data, 1);
  const Session unobserved = Unobserved(session_);
  const auto loop = LoopOver(unobserved, batches, info, /*ask=*/true);
  if (!loop.ok()) return;
  const auto pass = loop->Run({.key = "", .spec = Canonical(AloneCase(model_case)), .expect = {}});
  if (!pass.ok()) return;
  baseline.asked = true;  // once: a pass takes a request for every image
  Baseline made = BaselineFrom(pass->answers);
  if (made.logits.empty()) return;
  baseline.logits = std::move(made.logits);
  baseline.how = made.how;
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
  if (!AsksAlone(model_case)) MakeBaseline(model_case, data, info);
  const Batches batches(model_case, data, batch);
  const auto loop = LoopOver(session_, batches, info, MayBeJoined(model_case));
  if (!loop.ok()) return {FailedCase(c, loop.status()), false};
  const auto measured = MeasureCase(*loop, c, session_);
  if (!measured.ok()) return WithoutResult(c, measured.status(), session_);
  const LoopRun& pass = measured->run;
  Baseline& baseline = baselines_[BaselineKey(model_case)];
  if (AsksAlone(model_case) && baseline.logits.empty()) baseline = BaselineFrom(pass.answers);
  session_.watcher->Phase("verify", 1);
  ModelTruth truth = TruthOf(data, info, baseline);
  truth.list_wrong = session_.list_wrong;
  const v1::ModelAccuracy accuracy = CompareModelAnswers(truth, batch, pass.answers);
  const v1::BatchingAccuracy batching = BatchingOf(truth, batch, baseline, pass.answers);
  LoopMeasurement measurement = measured->measurement();
  measurement.model_accuracy = info.classes > 0 ? &accuracy : nullptr;
  measurement.batching = &batching;
  CaseRun run{.result = {}, .lost = pass.suspect()};
  run.result = SummarizeLoop(measured->c, measurement, &run.kept);
  ExplainErrors(pass.last_error, &run.result);
  return run;
}

}  // namespace normbench
