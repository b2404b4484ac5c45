// SPDX-License-Identifier: Apache-2.0
#include "client/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

absl::Status Failed(const std::string& path, const char* what) {
  return absl::InternalError(
      absl::StrCat(path, ": ", what, ": ", std::generic_category().message(errno)));
}

bool WriteAll(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(file, content.data(), content.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) content.remove_prefix(static_cast<size_t>(written));
  }
  return fsync(file) == 0;
}

// The new content of a file, beside it until Put. Removes what was not put.
class Replacement {
 public:
  explicit Replacement(const std::string& path)
      : path_(path), temporary_(absl::StrCat(path, ".", getpid(), ".tmp")) {}
  ~Replacement() { unlink(temporary_.c_str()); }
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;

  // Returns when the bytes are on disk.
  absl::Status Write(std::string_view content) const {
    const int file = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) return Failed(temporary_, "cannot be opened");
    const absl::Status status =
        WriteAll(file, content) ? absl::OkStatus() : Failed(temporary_, "cannot be written");
    close(file);
    return status;
  }

  absl::Status Put() const {
    if (std::rename(temporary_.c_str(), path_.c_str()) == 0) return absl::OkStatus();
    return Failed(path_, "cannot be replaced");
  }

 private:
  const std::string path_;
  const std::string temporary_;
};

}  // namespace

absl::Status MakeFolder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error && std::filesystem::is_directory(path, error)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": cannot be made a folder: ", error ? error.message() : "it is a file"));
}

absl::Status WriteWhole(const std::string& path, std::string_view content) {
  const Replacement file(path);
  absl::Status status = file.Write(content);
  if (status.ok()) status = file.Put();
  return status;
}

absl::Status CheckWritable(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return absl::InvalidArgumentError(absl::StrCat("'", path, "' is a folder"));
  }
  const absl::Status status = Replacement(path).Write("");
  if (status.ok()) return status;
  return absl::InvalidArgumentError(status.message());
}

absl::Status WriteTogether(const std::string& folder, const std::vector<FileContent>& files) {
  std::vector<std::unique_ptr<Replacement>> replacements;
  for (const FileContent& file : files) {
    replacements.push_back(std::make_unique<Replacement>(absl::StrCat(folder, "/", file.name)));
    if (auto status = replacements.back()->Write(file.content); !status.ok()) return status;
  }
  for (const auto& replacement : replacements) {
    if (auto status = replacement->Put(); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return absl::InvalidArgumentError(absl::StrCat("'", path, "' is a folder"));
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.is_open() && !file.bad()) return text;
  const bool missing = errno == ENOENT;
  const std::string why =
      absl::StrCat("'", path, "' cannot be read: ", std::generic_category().message(errno));
  return missing ? absl::NotFoundError(why) : absl::InvalidArgumentError(why);
}

}  // namespace normbench
