// SPDX-License-Identifier: Apache-2.0
// Model cases: ModelInfer with every image exactly once a pass, on any KServe V2 server.
// Predictions of the timed answers are compared with labels and with the same model's answers at
// request_batch 1.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/report/case.h"
#include "client/model_data.h"
#include "client/model_info.h"
#include "client/session.h"

namespace normbench {

// Keeps the images and the batch 1 answers from case to case of one run. Not thread-safe.
class ModelCases {
 public:
  explicit ModelCases(const Session& session) : session_(session) {}

  // REQUIRES: c.spec is a ModelCase.
  CaseRun Run(const Case& c);

 private:
  absl::StatusOr<const ModelData*> DataOf(const v1::ModelCase& model_case);
  CaseRun Measure(const Case& c, const ModelData& data, const ModelInfo& info);
  // Leaves the logits at request_batch 1 in baselines_, by an untimed pass of its own where no case
  // has left them there.
  void MakeBaseline(const v1::ModelCase& model_case, const ModelData& data, const ModelInfo& info);

  const Session& session_;
  std::map<std::string, ModelData> data_;
  std::map<std::string, std::vector<float>> baselines_;  // empty: cannot be had
};

}  // namespace normbench
