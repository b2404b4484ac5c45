// SPDX-License-Identifier: Apache-2.0
// An AOTInductor package: a zip file that torch._inductor.aoti_compile_and_package has written,
// with a shared library of native code and a note of what it was compiled for. Nothing of it is
// loaded or run here. Needs no torch header.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/backends/aoti_host.h"
#include "server/backends/code_folder.h"

namespace normbench {

class AotiPackage {
 public:
  // Unpacks the model "model" of the package, the only one where its maker gave no names, into a
  // folder of its own. LibTorch's loader would do that itself, but leaves its folder behind where
  // the load fails. Returns INVALID_ARGUMENT for what is no such package, is of another version of
  // the format, or has no compiled code (LibTorch would start a compiler), and what
  // CodeFolder::Create does. Not thread-safe: LibTorch reads the note into a static variable.
  static absl::StatusOr<AotiPackage> Open(const std::string& path);

  // Where its records are; removed with this object.
  const std::string& folder() const { return folder_->path(); }
  const AotiMetadata& metadata() const { return metadata_; }

 private:
  AotiPackage(std::unique_ptr<CodeFolder> folder, AotiMetadata metadata);

  std::unique_ptr<CodeFolder> folder_;
  AotiMetadata metadata_;
};

}  // namespace normbench
