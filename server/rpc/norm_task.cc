// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/norm_task.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/norm/trailing.h"

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

std::string Text(DType dtype) {
  return std::string(Name(dtype));
}
std::string Text(Layout layout) {
  return std::string(Name(layout));
}
std::string Text(int rank) {
  return absl::StrCat(rank);
}

// Names the pair of an implementation and what it does not do.
template <typename Word>
absl::Status CheckOffered(const char* field, Word wanted, const std::vector<Word>& offered,
                          const KernelEntry& entry) {
  if (std::ranges::find(offered, wanted) != offered.end()) return absl::OkStatus();
  std::vector<std::string> allowed;
  for (const Word word : offered) allowed.push_back(Text(word));
  return absl::UnimplementedError(absl::StrCat(field, ": ", Text(wanted), " with impl ", entry.name,
                                               "; allowed: ", absl::StrJoin(allowed, ", ")));
}

absl::Status CheckCapabilities(const KernelEntry& entry, TensorFormat format, int rank) {
  const KernelCapabilities& can = entry.capabilities;
  if (absl::Status s = CheckOffered("dtype", format.dtype, can.dtypes, entry); !s.ok()) return s;
  if (absl::Status s = CheckOffered("layout", format.layout, can.layouts, entry); !s.ok()) return s;
  return CheckOffered("rank of shape", rank, can.ranks, entry);
}

absl::StatusOr<TensorFormat> ReadFormat(const NormWords& words) {
  TensorFormat format;
  if (absl::Status s = Read(ParseDType, words.dtype, format.dtype); !s.ok()) return s;
  if (absl::Status s = Read(ParseLayout, words.layout, format.layout); !s.ok()) return s;
  return format;
}

// The shape that statistics are computed of.
absl::StatusOr<Shape> ReadShape(const NormWords& words, const NormSpec& spec, TensorFormat format) {
  const absl::StatusOr<Shape> shape = Shape::Create(words.shape);
  if (!shape.ok()) return shape.status();
  absl::StatusOr<Shape> over =
      OverTrailing(words.spec.trailing(), spec.method, format.layout, *shape);
  if (!over.ok()) return over.status();
  if (absl::Status status = Validate(spec, *over); !status.ok()) return status;
  if (absl::Status status = Validate(format, *over); !status.ok()) return status;
  return over;
}

}  // namespace

absl::StatusOr<NormTask> ParseNormTask(const NormWords& words, const OfferedKernels& kernels) {
  NormSpec spec;
  if (absl::Status status = ReadSpec(words.spec, spec); !status.ok()) return status;
  const absl::StatusOr<TensorFormat> format = ReadFormat(words);
  if (!format.ok()) return format.status();
  absl::StatusOr<Shape> shape = ReadShape(words, spec, *format);
  if (!shape.ok()) return shape.status();
  const absl::StatusOr<const KernelEntry*> entry = kernels.Find(words.impl);
  if (!entry.ok()) return entry.status();
  const int rank = static_cast<int>(words.shape.size());
  if (absl::Status s = CheckCapabilities(**entry, *format, rank); !s.ok()) return s;
  absl::StatusOr<std::string> device = kernels.Device(**entry, words.device);
  if (!device.ok()) return device.status();
  return NormTask{.entry = *entry,
                  .plan = {.kernel = (*entry)->kernel,
                           .spec = spec,
                           .shape = *std::move(shape),
                           .dtype = format->dtype,
                           .layout = format->layout,
                           .device = *std::move(device)}};
}

}  // namespace normbench
