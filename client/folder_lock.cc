// SPDX-License-Identifier: Apache-2.0
#include "client/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

absl::Status Unwritable(const std::string& folder) {
  return absl::InvalidArgumentError(absl::StrCat(
      "--out: '", folder, "' cannot be written: ", std::generic_category().message(errno)));
}

// False where the holder before has removed the file in the meantime.
bool IsStillThere(const std::string& path, int file) {
  struct stat at_path {};
  struct stat opened {};
  return stat(path.c_str(), &at_path) == 0 && fstat(file, &opened) == 0 &&
         at_path.st_ino == opened.st_ino && at_path.st_dev == opened.st_dev;
}

}  // namespace

absl::StatusOr<std::unique_ptr<FolderLock>> FolderLock::Take(const std::string& folder) {
  const std::string path = absl::StrCat(folder, "/.normbench.lock");
  while (true) {
    const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) return Unwritable(folder);
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
      const bool taken = errno == EWOULDBLOCK;
      const absl::Status why =
          taken ? absl::InvalidArgumentError(
                      absl::StrCat("--out: another run is writing to '", folder, "' (it holds ",
                                   path, "); wait for its end, or name another folder"))
                : Unwritable(folder);
      close(file);
      return why;
    }
    if (IsStillThere(path, file)) return std::unique_ptr<FolderLock>(new FolderLock(path, file));
    close(file);
  }
}

FolderLock::~FolderLock() {
  unlink(path_.c_str());
  close(file_);
}

}  // namespace normbench
