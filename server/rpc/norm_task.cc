// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/norm_task.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

// Parses `name` unless it is empty, which leaves the default.
template <typename Word>
absl::Status Read(absl::StatusOr<Word> (*parse)(std::string_view), const std::string& name,
                  Word& word) {
  if (name.empty()) return absl::OkStatus();
  const absl::StatusOr<Word> parsed = parse(name);
  if (parsed.ok()) word = *parsed;
  return parsed.status();
}

// Validate cannot see this: its default says `running` for every method.
absl::Status CheckStatsGiven(const v1::NormSpec& words, Method method) {
  if (words.stats().empty() || method == Method::kBatch) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("stats: '", words.stats(), "' with norm ", std::string(Name(method)),
                   "; allowed: absent, only batch norm has a choice of statistics"));
}

absl::Status ReadSpec(const v1::NormSpec& words, NormSpec& spec) {
  const absl::StatusOr<Method> method = ParseMethod(words.norm());
  if (!method.ok()) return method.status();
  spec.method = *method;
  if (absl::Status status = Read(ParseStatsSource, words.stats(), spec.stats); !status.ok()) {
    return status;
  }
  if (absl::Status status = CheckStatsGiven(words, *method); !status.ok()) return status;
  spec.groups = words.groups();
  if (words.has_eps()) spec.eps = words.eps();
  return Read(ParseAffine, words.affine(), spec.affine);
}

}  // namespace

absl::StatusOr<NormTask> ParseNormTask(const NormWords& words, const OfferedKernels& kernels) {
  NormSpec spec;
  if (absl::Status status = ReadSpec(words.spec, spec); !status.ok()) return status;
  absl::StatusOr<Shape> shape = Shape::Create(words.shape);
  if (!shape.ok()) return shape.status();
  if (absl::Status status = Validate(spec, *shape); !status.ok()) return status;
  DType dtype = DType::kF32;
  if (absl::Status status = Read(ParseDType, words.dtype, dtype); !status.ok()) return status;
  Layout layout = Layout::kNchw;
  if (absl::Status status = Read(ParseLayout, words.layout, layout); !status.ok()) return status;
  const absl::StatusOr<const KernelEntry*> entry = kernels.Find(words.impl);
  if (!entry.ok()) return entry.status();
  absl::StatusOr<std::string> device = kernels.Device(**entry, words.device);
  if (!device.ok()) return device.status();
  return NormTask{.entry = *entry,
                  .plan = {.kernel = (*entry)->kernel,
                           .spec = spec,
                           .shape = *std::move(shape),
                           .dtype = dtype,
                           .layout = layout,
                           .device = *std::move(device)}};
}

}  // namespace normbench
