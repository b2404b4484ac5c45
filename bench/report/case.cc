// SPDX-License-Identifier: Apache-2.0
#include "bench/report/case.h"

namespace normbench {

CaseKind KindOf(const CaseSpec& spec) {
  return static_cast<CaseKind>(spec.index());
}

v1::NormCase* MutableNormCase(CaseSpec* spec) {
  if (auto* service = std::get_if<v1::ServiceCase>(spec)) return service->mutable_norm_case();
  if (auto* check = std::get_if<v1::InvarianceCase>(spec)) return check->mutable_norm_case();
  return std::get_if<v1::NormCase>(spec);
}

const v1::NormCase* NormCaseOf(const CaseSpec& spec) {
  if (const auto* service = std::get_if<v1::ServiceCase>(&spec)) return &service->norm_case();
  if (const auto* check = std::get_if<v1::InvarianceCase>(&spec)) return &check->norm_case();
  return std::get_if<v1::NormCase>(&spec);
}

const v1::Load* LoadOf(const CaseSpec& spec) {
  if (const auto* service = std::get_if<v1::ServiceCase>(&spec)) return &service->load();
  if (const auto* model = std::get_if<v1::ModelCase>(&spec)) return &model->load();
  return nullptr;
}

v1::Load* MutableLoad(CaseSpec* spec) {
  if (auto* service = std::get_if<v1::ServiceCase>(spec)) return service->mutable_load();
  if (auto* model = std::get_if<v1::ModelCase>(spec)) return model->mutable_load();
  return nullptr;
}

std::string_view Name(CaseKind kind) {
  switch (kind) {
    case CaseKind::kKernel:
      return "kernel";
    case CaseKind::kService:
      return "service";
    case CaseKind::kModel:
      return "model";
    case CaseKind::kInvariance:
      return "invariance";
  }
  return "";
}

}  // namespace normbench
