// SPDX-License-Identifier: Apache-2.0
// One run at a time writes to a folder of results: two would mix their files.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace normbench {

// Held from Take to the end of the object, or of the process however it ends (flock).
class FolderLock {
 public:
  // Makes the lock file `folder`/.normbench.lock; `folder` exists. Returns INVALID_ARGUMENT where
  // another process (or another object of this one) holds it, and where the folder cannot be
  // written: this is how a run learns that before it measures.
  static absl::StatusOr<std::unique_ptr<FolderLock>> Take(const std::string& folder);

  // Removes the lock file.
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  FolderLock(std::string path, int file) : path_(std::move(path)), file_(file) {}

  const std::string path_;
  const int file_;
};

}  // namespace normbench
