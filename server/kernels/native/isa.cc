// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/isa.h"

#include <algorithm>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bench/norm/nearest.h"
#include "hwy/targets.h"
#include "server/kernels/native/loops.h"
#include "server/kernels/native/tables.h"

namespace normbench {
namespace {

int64_t TargetOf(Isa isa) {
  switch (isa) {
    case Isa::kSse4:
      return HWY_SSE4;
    case Isa::kAvx2:
      return HWY_AVX2;
    case Isa::kAvx512:
      return HWY_AVX3;
  }
  return HWY_SSE4;
}

}  // namespace

std::string_view Name(Isa isa) {
  switch (isa) {
    case Isa::kSse4:
      return "SSE4";
    case Isa::kAvx2:
      return "AVX2";
    case Isa::kAvx512:
      return "AVX512";
  }
  return "";
}

absl::StatusOr<Isa> ParseIsa(std::string_view name) {
  std::vector<std::string> known;
  for (Isa isa : kIsas) {
    if (Name(isa) == name) return isa;
    known.emplace_back(Name(isa));
  }
  return absl::InvalidArgumentError(UnknownWord("isa", std::string(name), known));
}

std::vector<Isa> SupportedIsas() {
  // Asking the CPU is a trap in a virtual machine: tens of microseconds, and each plan wants to
  // know.
  static const int64_t targets = hwy::SupportedTargets() & HWY_TARGETS;
  std::vector<Isa> isas;
  for (Isa isa : kIsas) {
    if ((targets & TargetOf(isa)) != 0) isas.push_back(isa);
  }
  return isas;
}

absl::StatusOr<Isa> ChooseIsa(std::optional<Isa> wanted) {
  const std::vector<Isa> here = SupportedIsas();
  if (here.empty()) return absl::FailedPreconditionError("isa: this CPU has not even SSE4");
  const Isa isa = wanted.value_or(here.back());
  if (std::find(here.begin(), here.end(), isa) != here.end()) return isa;
  return absl::FailedPreconditionError(absl::StrCat("isa: this CPU has no ", std::string(Name(isa)),
                                                    "; its best is ",
                                                    std::string(Name(here.back()))));
}

const Loops& LoopsFor(Isa isa, DType dtype) {
  hwy::ChosenTarget target;
  target.Update(TargetOf(isa));
  switch (dtype) {
    case DType::kF32:
      return *F32TableFor(target);
    case DType::kF16:
      return *F16TableFor(target);
    case DType::kBf16:
      return *Bf16TableFor(target);
  }
  return *F32TableFor(target);
}

}  // namespace normbench
