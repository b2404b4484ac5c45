// SPDX-License-Identifier: Apache-2.0
#include "server/backends/libtorch_name.h"

#include <dlfcn.h>

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace normbench {

absl::Status ProvideLibTorchName() {
  if (dlopen("libtorch.so", RTLD_NOW | RTLD_NOLOAD) != nullptr) return absl::OkStatus();
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path stand_in =
      program.parent_path().parent_path() / "lib" / "normbench" / "libtorch.so";
  if (dlopen(stand_in.c_str(), RTLD_NOW | RTLD_GLOBAL) != nullptr) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "lib/normbench/libtorch.so, which belongs to this program, does not load: ", dlerror()));
}

}  // namespace normbench
