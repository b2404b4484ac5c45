// SPDX-License-Identifier: Apache-2.0
#include "bench/report/case.h"

namespace normbench {

CaseKind KindOf(const CaseSpec& spec) {
  return static_cast<CaseKind>(spec.index());
}

std::string_view Name(CaseKind kind) {
  switch (kind) {
    case CaseKind::kKernel:
      return "kernel";
    case CaseKind::kService:
      return "service";
    case CaseKind::kModel:
      return "model";
  }
  return "";
}

}  // namespace normbench
