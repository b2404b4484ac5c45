// SPDX-License-Identifier: Apache-2.0
// Which folders of a repository are to be loaded or unloaded, told from one look at it after the
// other. Pure: knows neither files nor models.
#pragma once

#include <string>
#include <vector>

#include "server/repository/fingerprint.h"

namespace normbench {

struct FolderChanges {
  std::vector<std::string> changed;  // new ones, too
  std::vector<std::string> gone;
  bool settling = false;  // some folder may be one of them at the next look
};

// A folder that is being written differs from look to look: a change counts once two looks in a row
// see the same. So does a folder's end, which may be the first half of a replacement.
class ChangeWatch {
 public:
  // `loaded`: the folders as they were just before they were loaded.
  explicit ChangeWatch(FolderFingerprints loaded);

  // Tells each change once: whether the load that follows succeeds makes no difference, the same
  // files would fail again.
  FolderChanges Look(FolderFingerprints now);

 private:
  void Compare(const std::string& name, const FolderFingerprints& now, FolderChanges& changes);

  FolderFingerprints told_;  // as they were when they were last told, or loaded
  FolderFingerprints last_;  // of the last look
};

}  // namespace normbench
