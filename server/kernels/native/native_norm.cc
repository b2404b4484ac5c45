// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/native_norm.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/host/cache_size.h"
#include "server/kernels/native/buffer_check.h"
#include "server/kernels/native/columns.h"
#include "server/kernels/native/planes.h"
#include "server/kernels/native/rows.h"
#include "server/kernels/native/scheme.h"
#include "server/kernels/native/setting.h"
#include "server/kernels/native/steps.h"

namespace normbench {

struct NativeNorm::Implementation {
  Setting setting;
  Isa isa;
  std::unique_ptr<const Steps> steps;
};

namespace {

std::unique_ptr<const Steps> MakeSteps(const Setting& setting) {
  switch (setting.scheme.form) {
    case Form::kShortRows:
      return MakeShortRows(setting);
    case Form::kRows:
      return MakeRows(setting);
    case Form::kColumns:
      return MakeColumns(setting);
    case Form::kScaledColumns:
      return MakeScaledColumns(setting);
    case Form::kPlanes:
      return MakePlanes(setting);
    case Form::kScaledPlanes:
      return MakeScaledPlanes(setting);
  }
  return nullptr;
}

// Every store a whole pack: no chunk, row or segment begins or ends inside one.
bool CanStream(const Scheme& scheme) {
  const auto whole = [](int64_t n) { return n % kPackLanes == 0; };
  switch (scheme.form) {
    case Form::kShortRows:
      return false;
    case Form::kRows:
      return whole(scheme.length) && (scheme.segment == 1 || whole(scheme.segment));
    case Form::kColumns:
    case Form::kScaledColumns:
      return whole(scheme.channels);
    case Form::kPlanes:
    case Form::kScaledPlanes:
      return whole(scheme.plane);
  }
  return false;
}

// x and y.
int64_t BytesOfBoth(const NativeProblem& problem) {
  return 2 * PackedBytes(problem.format, problem.shape);
}

// Others use the last-level cache, too.
bool ExceedsCaches(const NativeProblem& problem) {
  return BytesOfBoth(problem) > LastLevelCacheBytes() / 4 * 3;
}

bool ChoosesStreams(const NativeProblem& problem, Stores stores, const Scheme& scheme) {
  if (stores == Stores::kPlain || !CanStream(scheme)) return false;
  return stores == Stores::kStreaming || BytesOfBoth(problem) > LastLevelCacheBytes();
}

absl::Status CheckFusion(const NativeProblem& problem) {
  const Fusion& fusion = problem.fusion;
  const Method method = problem.spec.method;
  if (fusion.add_before && fusion.add_after)
    return absl::UnimplementedError("fusion: add_before with add_after; allowed: one of them");
  if (fusion.add_before && method != Method::kLayer && method != Method::kRms) {
    return absl::UnimplementedError(absl::StrCat(
        "fusion: add_before with norm ", std::string(Name(method)), "; allowed: layer, rms"));
  }
  if (fusion.add_before && problem.format.layout == Layout::kNhwc)
    return absl::UnimplementedError("fusion: add_before with layout nhwc; allowed: nchw");
  return absl::OkStatus();
}

}  // namespace

NativeNorm::NativeNorm(std::shared_ptr<const Implementation> implementation)
    : implementation_(std::move(implementation)) {}

absl::StatusOr<NativeNorm> NativeNorm::Plan(const NativeProblem& problem,
                                            const NativeOptions& options) {
  if (absl::Status s = CheckFusion(problem); !s.ok()) return s;
  const absl::StatusOr<Isa> isa = ChooseIsa(options.isa);
  if (!isa.ok()) return isa.status();
  const Scheme scheme = SchemeOf(problem.spec, problem.shape, problem.format);
  const Setting setting = {.problem = problem,
                           .scheme = scheme,
                           .loops = &LoopsFor(*isa, problem.format.dtype),
                           .streams = ChoosesStreams(problem, options.stores, scheme),
                           .from_memory = options.from_memory.value_or(ExceedsCaches(problem))};
  return NativeNorm(
      std::make_shared<const Implementation>(Implementation{setting, *isa, MakeSteps(setting)}));
}

std::string NativeNorm::description() const {
  return absl::StrCat(implementation_->setting.scheme.ToString(), ", ", std::string(Name(isa())),
                      streams() ? ", streaming stores" : ", plain stores",
                      implementation_->setting.from_memory ? ", from memory" : "");
}

Isa NativeNorm::isa() const {
  return implementation_->isa;
}

bool NativeNorm::streams() const {
  return implementation_->setting.streams;
}

size_t NativeNorm::ScratchBytes(int threads) const {
  return normbench::ScratchBytes(implementation_->steps->sizes(), threads);
}

absl::Status NativeNorm::Check(const NativeBuffers& buffers) const {
  return CheckBuffers(implementation_->setting.problem, buffers);
}

absl::Status NativeNorm::Check(const NativeBuffers& buffers, const NativeSizes& sizes) const {
  if (absl::Status s = Check(buffers); !s.ok()) return s;
  return CheckSizes(implementation_->setting.problem, buffers, sizes);
}

void NativeNorm::Run(const NativeBuffers& buffers, std::byte* scratch, ThreadPool* pool,
                     int threads) const {
  RunSteps(*implementation_->steps, buffers, scratch, pool, threads);
}

}  // namespace normbench
