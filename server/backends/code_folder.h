// SPDX-License-Identifier: Apache-2.0
// A temporary folder for native code that is to be loaded from there.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace normbench {

class CodeFolder {
 public:
  // Makes one under TMPDIR, or /tmp, that nobody else can read. Returns FAILED_PRECONDITION where
  // that is no folder, cannot be written to, or is mounted noexec.
  static absl::StatusOr<std::unique_ptr<CodeFolder>> Create();

  // Removes it with what it holds.
  ~CodeFolder();
  CodeFolder(const CodeFolder&) = delete;
  CodeFolder& operator=(const CodeFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  explicit CodeFolder(std::string path);

  const std::string path_;
};

}  // namespace normbench
