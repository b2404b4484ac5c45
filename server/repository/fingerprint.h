// SPDX-License-Identifier: Apache-2.0
// What a model's folder holds, as far as a change of it shows without reading a file: the names,
// inodes, sizes and times of the files. Cheap enough to be taken every few seconds.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace normbench {

// Bounds of a look: what lies deeper, or behind so many entries, is not seen.
inline constexpr int kFingerprintDepth = 4;
inline constexpr size_t kFingerprintEntries = 4096;

// Of a folder only path and inode: its time changes with every file that somebody puts there for a
// moment.
struct FileStamp {
  std::string path;  // in the model's folder; empty: the folder itself
  uint64_t inode = 0;
  int64_t bytes = 0;
  int64_t modified_ns = 0;

  bool operator==(const FileStamp&) const = default;
};

using Fingerprint = std::vector<FileStamp>;
using FolderFingerprints = std::map<std::string, Fingerprint>;  // by the name of the folder

// Level by level, each folder in the order of its names. Links count as what they lead to: mounted
// configurations are made of them. Hidden entries are skipped: copying tools write to them first.
// What cannot be read is missing, a link that leads nowhere has zeros.
Fingerprint FingerprintOf(const std::filesystem::path& folder);

}  // namespace normbench
