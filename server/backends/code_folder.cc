// SPDX-License-Identifier: Apache-2.0
#include "server/backends/code_folder.h"

#include <stdlib.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

namespace fs = std::filesystem;

// Which folder it is stays untold: what is said here reaches clients.
absl::Status Unfit(const std::string& why) {
  return absl::FailedPreconditionError(
      absl::StrCat("the temporary folder (TMPDIR) ", why,
                   "; allowed: one that can be written to and holds programs"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<CodeFolder>> CodeFolder::Create() {
  std::error_code error;
  const fs::path parent = fs::temp_directory_path(error);
  if (error) return Unfit(absl::StrCat("is none: ", error.message()));
  struct statvfs mount = {};
  if (statvfs(parent.c_str(), &mount) == 0 && (mount.f_flag & ST_NOEXEC) != 0) {
    return Unfit("is mounted noexec");
  }
  std::string path = parent / "normbench-aoti-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) {
    return Unfit(absl::StrCat("takes no files: ", std::generic_category().message(errno)));
  }
  return std::unique_ptr<CodeFolder>(new CodeFolder(std::move(path)));
}

CodeFolder::CodeFolder(std::string path) : path_(std::move(path)) {}

CodeFolder::~CodeFolder() {
  std::error_code error;
  fs::remove_all(path_, error);
}

}  // namespace normbench
