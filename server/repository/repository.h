// SPDX-License-Identifier: Apache-2.0
// The models that serve, and what became of those that do not. Models are loaded beside what serves
// and then take its place: a request keeps the model that it was planned with.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "server/repository/load_threads.h"
#include "server/repository/model_loader.h"

namespace normbench {

// Told of each version that was tried, whoever asked for it, before it serves. Called on the thread
// that loads; thread-safe.
using LoadObserver = std::function<void(const ModelStatus& tried)>;

// Thread-safe.
class ModelRepository {
 public:
  // Opens `folder` ("" for none), for models on `device` or another one of `here` that they ask
  // for; loads nothing yet. Returns NOT_FOUND if the folder cannot be read.
  static absl::StatusOr<std::unique_ptr<ModelRepository>> Open(
      const std::string& folder, const std::string& device,
      std::vector<std::unique_ptr<Backend>> backends, LoadObserver observer = nullptr,
      std::vector<std::string> here = {"cpu"});

  // `changed` is called after each change of index(), on the thread that makes it; thread-safe. Set
  // it before anything is loaded.
  void OnChange(std::function<void()> changed) { changed_ = std::move(changed); }

  // Loads every model that the folder has now, several at once. One that cannot be loaded does not
  // stop the others: index() says why.
  void LoadAll(const LoadThreads& threads = {});

  // Loads `name` as its folder is now, and replaces what served. Returns NOT_FOUND where there is
  // no such folder; UNAVAILABLE while another load of it runs, and with the reason where a version
  // cannot be loaded: then what served goes on, or, where nothing did, those versions serve that
  // can be loaded.
  absl::Status LoadModel(const std::string& name);

  // Ends serving `name`. Returns NOT_FOUND for a name that is not known, UNAVAILABLE while it is
  // being loaded.
  absl::Status UnloadModel(const std::string& name);

  // Of the folders as they are now. Returns NOT_FOUND if the repository cannot be read.
  absl::StatusOr<FolderFingerprints> Fingerprints() const { return loader_.Fingerprints(); }

  // `version` is a decimal number, or empty for the newest that serves. Returns NOT_FOUND naming
  // the nearest model or the versions there are, INVALID_ARGUMENT for what is no version;
  // UNAVAILABLE, with the reason, for one that failed to load or is not loaded. `name` and
  // `version` may come from anybody.
  absl::StatusOr<ModelHandle> Find(const std::string& name, const std::string& version) const;

  std::vector<int64_t> versions(const std::string& name) const;  // that serve, ascending
  std::vector<ModelHandle> models() const;                       // that serve, by name and version
  std::vector<ModelStatus> index() const;                        // by name

  // Whether all that should serve does: no line of index() is neither ready nor unloaded.
  bool AllLoaded() const;

 private:
  struct Entry {
    LoadedFolder folder;
    bool loading = false;
  };

  ModelRepository(ModelLoader loader, LoadObserver observer)
      : loader_(std::move(loader)), observer_(std::move(observer)) {}

  void TellChange() const;
  absl::Status CheckFolder(const std::string& name) const;
  void Keep(const std::string& name, LoadedFolder loaded);
  absl::Status WhyNot(const std::string& name, int64_t version) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  std::vector<std::string> Serving(const std::string& name) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  const ModelLoader loader_;
  const LoadObserver observer_;
  std::function<void()> changed_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace normbench
