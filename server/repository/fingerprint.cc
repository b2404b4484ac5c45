// SPDX-License-Identifier: Apache-2.0
#include "server/repository/fingerprint.h"

#include <sys/stat.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace normbench {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> VisibleNames(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (const fs::directory_iterator end; !error && entry != end; entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (name[0] != '.') names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

// A walk, with the folders that are still to be listed.
class Walk {
 public:
  explicit Walk(fs::path root) : root_(std::move(root)) { Add(fs::path()); }

  // Lists the folders that the level above has; returns whether there was one.
  bool Descend() {
    const std::vector<fs::path> level = std::exchange(folders_, {});
    for (const fs::path& folder : level) {
      for (const std::string& name : VisibleNames(root_ / folder)) Add(folder / name);
    }
    return !level.empty();
  }

  Fingerprint stamps;

 private:
  void Add(const fs::path& path) {
    if (stamps.size() == kFingerprintEntries) return;
    struct stat found = {};
    FileStamp stamp{.path = path.string()};
    if (::stat((root_ / path).c_str(), &found) == 0) {
      stamp.inode = found.st_ino;
      if (S_ISDIR(found.st_mode)) {
        folders_.push_back(path);
      } else {
        stamp.bytes = found.st_size;
        stamp.modified_ns = found.st_mtim.tv_sec * 1'000'000'000 + found.st_mtim.tv_nsec;
      }
    }
    stamps.push_back(std::move(stamp));
  }

  const fs::path root_;
  std::vector<fs::path> folders_;
};

}  // namespace

Fingerprint FingerprintOf(const fs::path& folder) {
  Walk walk(folder);
  for (int depth = 0; depth < kFingerprintDepth && walk.Descend(); ++depth) {
  }
  return std::move(walk.stamps);
}

}  // namespace normbench
