// SPDX-License-Identifier: Apache-2.0
#include "bench/host/cgroup.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "bench/host/text_file.h"

namespace normbench {
namespace {

bool IsAmong(absl::string_view word, absl::string_view words) {
  for (const absl::string_view other : absl::StrSplit(words, ',')) {
    if (other == word) return true;
  }
  return false;
}

// The group of this process: version 2 has one for all controllers that version 1 has not taken.
struct Group {
  bool version_2 = false;
  std::string path;  // "/" or "/system.slice/x.service"
};

// "4:cpu,cpuacct:/docker/1a2b" is of version 1, "0::/user.slice" of version 2.
std::optional<Group> GroupOf(absl::string_view proc_cgroup, absl::string_view controller) {
  std::optional<Group> group;
  for (const absl::string_view line : absl::StrSplit(proc_cgroup, '\n')) {
    const std::vector<std::string> fields = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (fields.size() != 3) continue;
    if (IsAmong(controller, fields[1])) return Group{false, fields[2]};
    if (fields[0] == "0" && fields[1].empty()) group = Group{true, fields[2]};
  }
  return group;
}

struct Mount {
  std::string root;  // the group that is mounted
  std::string point;
};

// "32 31 0:29 ROOT POINT rw,relatime shared:1 - cgroup cgroup rw,cpu": any number of words before
// the dash.
std::optional<Mount> MountOf(absl::string_view mountinfo, bool version_2,
                             absl::string_view controller) {
  for (const absl::string_view line : absl::StrSplit(mountinfo, '\n')) {
    const std::vector<std::string> halves = absl::StrSplit(line, absl::MaxSplits(" - ", 1));
    if (halves.size() != 2) continue;
    const std::vector<std::string> place = absl::StrSplit(halves[0], ' ');
    const std::vector<std::string> type = absl::StrSplit(halves[1], ' ');
    if (place.size() < 6 || type.size() < 3) continue;
    const bool fits =
        version_2 ? type[0] == "cgroup2" : type[0] == "cgroup" && IsAmong(controller, type[2]);
    if (fits) return Mount{place[3], place[4]};
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> CgroupFolders(absl::string_view controller) {
  return ParseCgroupFolders(ReadTextFile("/proc/self/cgroup"), ReadTextFile("/proc/self/mountinfo"),
                            controller);
}

std::vector<std::string> ParseCgroupFolders(absl::string_view proc_cgroup,
                                            absl::string_view mountinfo,
                                            absl::string_view controller) {
  const auto group = GroupOf(proc_cgroup, controller);
  if (!group) return {};
  const auto mount = MountOf(mountinfo, group->version_2, controller);
  if (!mount) return {};
  absl::string_view path = group->path;
  absl::ConsumePrefix(&path, mount->root);
  absl::ConsumePrefix(&path, "/");
  std::vector<std::string> folders;
  while (!path.empty()) {
    folders.push_back(absl::StrCat(mount->point, "/", path));
    const size_t slash = path.rfind('/');
    path = path.substr(0, slash == absl::string_view::npos ? 0 : slash);
  }
  folders.push_back(mount->point);
  return folders;
}

}  // namespace normbench
