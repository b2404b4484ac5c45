// SPDX-License-Identifier: Apache-2.0
#include "server/repository/change_watch.h"

#include <set>
#include <utility>

namespace normbench {
namespace {

// Whether both have `name` with one fingerprint, or neither has it.
bool Same(const std::string& name, const FolderFingerprints& a, const FolderFingerprints& b) {
  const auto in_a = a.find(name);
  const auto in_b = b.find(name);
  if (in_a == a.end() || in_b == b.end()) return in_a == a.end() && in_b == b.end();
  return in_a->second == in_b->second;
}

}  // namespace

ChangeWatch::ChangeWatch(FolderFingerprints loaded) : told_(std::move(loaded)), last_(told_) {}

FolderChanges ChangeWatch::Look(FolderFingerprints now) {
  std::set<std::string> names;
  for (const auto& [name, fingerprint] : told_) names.insert(name);
  for (const auto& [name, fingerprint] : now) names.insert(name);
  FolderChanges changes;
  for (const std::string& name : names) Compare(name, now, changes);
  last_ = std::move(now);
  return changes;
}

void ChangeWatch::Compare(const std::string& name, const FolderFingerprints& now,
                          FolderChanges& changes) {
  if (Same(name, now, told_)) return;
  if (!Same(name, now, last_)) {
    changes.settling = true;
    return;
  }
  if (const auto found = now.find(name); found != now.end()) {
    changes.changed.push_back(name);
    told_[name] = found->second;
  } else {
    changes.gone.push_back(name);
    told_.erase(name);
  }
}

}  // namespace normbench
