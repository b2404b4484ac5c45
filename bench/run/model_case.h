// SPDX-License-Identifier: Apache-2.0
// Model cases: ModelInfer with every image exactly once a pass, on any KServe V2 server.
// The timed answers are compared with labels and with the same model's answers to each image alone,
// also by the batch in which each of them rode.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/report/case.h"
#include "bench/run/baseline.h"
#include "bench/run/model_data.h"
#include "bench/run/model_info.h"
#include "bench/run/session.h"

namespace normbench {

// Keeps the images and the answers to each alone from case to case of one run. Not thread-safe.
class ModelCases {
 public:
  explicit ModelCases(const Session& session) : session_(session) {}

  // REQUIRES: c.spec is a ModelCase.
  CaseRun Run(const Case& c);

 private:
  absl::StatusOr<const ModelData*> DataOf(const v1::ModelCase& model_case);
  // --find-max sends many at once, whatever the case says.
  bool MayBeJoined(const v1::ModelCase& model_case) const;
  bool AsksAlone(const v1::ModelCase& model_case) const;
  CaseRun Measure(const Case& c, const ModelData& data, const ModelInfo& info);
  // Leaves the answers to each image alone in baselines_, by an untimed pass of its own where no
  // case has left them there, or where the server may join requests and was not asked about them.
  void MakeBaseline(const v1::ModelCase& model_case, const ModelData& data, const ModelInfo& info);

  const Session& session_;
  std::map<std::string, ModelData> data_;
  std::map<std::string, Baseline> baselines_;
};

}  // namespace normbench
