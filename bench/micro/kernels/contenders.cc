// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/contenders.h"

#include <algorithm>
#include <utility>

#include "bench/micro/kernels/copy_contender.h"
#include "bench/micro/kernels/native_contender.h"
#include "bench/micro/kernels/reference_contender.h"
#include "bench/micro/kernels/torch_contender.h"
#include "bench/micro/kernels/torch_copy_contender.h"

namespace normbench {
namespace {

absl::Status AddNative(const BenchOptions& options, Contenders& contenders) {
  for (const Stores stores : options.stores) {
    absl::StatusOr<std::unique_ptr<Contender>> native = MakeNativeContender(stores, options.isa);
    if (!native.ok()) return native.status();
    contenders.push_back(*std::move(native));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Contenders> MakeContenders(const BenchOptions& options) {
  const auto wanted = [&](const char* name) {
    const auto& names = options.contenders;
    return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
  };
  Contenders contenders;
  if (wanted("reference")) contenders.push_back(MakeReferenceContender());
  if (wanted("torch")) contenders.push_back(MakeTorchContender());
  if (wanted("native")) {
    if (absl::Status status = AddNative(options, contenders); !status.ok()) return status;
  }
  if (wanted("copy")) contenders.push_back(MakeCopyContender(CopyKind::kPlain));
  if (wanted("copy") && options.stores != std::vector{Stores::kPlain}) {
    contenders.push_back(MakeCopyContender(CopyKind::kStreaming));
  }
  if (wanted("torch-copy") && !options.contenders.empty()) {
    contenders.push_back(MakeTorchCopyContender());
  }
  return contenders;
}

}  // namespace normbench
