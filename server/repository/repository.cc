// SPDX-License-Identifier: Apache-2.0
#include "server/repository/repository.h"

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/norm/printable.h"
#include "server/repository/naming.h"
#include "server/repository/versions.h"

namespace normbench {
namespace {

LoadedFolder NotLoaded(const std::string& name, const char* why) {
  LoadedFolder folder;
  folder.status.push_back({.name = Printable(name), .unloaded = true, .reason = why});
  return folder;
}

absl::Status BeingLoaded(const std::string& name) {
  return absl::UnavailableError(
      absl::StrCat("model_name: '", name, "' is being loaded; try again when it has been"));
}

// The first that failed, "VERSION: why".
std::string FirstFailure(const LoadedFolder& folder) {
  for (const ModelStatus& status : folder.status) {
    if (status.ready) continue;
    return status.version == 0 ? status.reason
                               : absl::StrCat("version ", status.version, ": ", status.reason);
  }
  return "";
}

// What served goes on; the index says that it is not what the folder has now.
void NoteFailedReload(const std::string& why, LoadedFolder& serving) {
  for (ModelStatus& status : serving.status) {
    if (status.ready) status.reason = absl::StrCat("not replaced: ", why);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<ModelRepository>> ModelRepository::Open(
    const std::string& folder, const std::string& device,
    std::vector<std::unique_ptr<Backend>> backends, LoadObserver observer,
    std::vector<std::string> here) {
  auto loader = ModelLoader::Open(folder, device, std::move(backends), std::move(here));
  if (!loader.ok()) return loader.status();
  const auto names = loader->Names();
  if (!names.ok()) return names.status();
  std::unique_ptr<ModelRepository> repository(
      new ModelRepository(*std::move(loader), std::move(observer)));
  const absl::MutexLock lock(&repository->mutex_);
  for (const std::string& name : *names) {
    repository->entries_[name].folder = NotLoaded(name, "not loaded");
  }
  return repository;
}

void ModelRepository::LoadAll(const LoadThreads& threads) {
  const auto present = loader_.Names();
  if (!present.ok()) return;
  const std::vector<std::string> names(present->begin(), present->end());
  ForEachIndex(names.size(), threads,
               [&](size_t index) { Keep(names[index], loader_.Load(names[index])); });
}

absl::Status ModelRepository::LoadModel(const std::string& name) {
  if (absl::Status status = CheckFolder(name); !status.ok()) return status;
  {
    const absl::MutexLock lock(&mutex_);
    Entry& entry = entries_[name];
    if (entry.loading) return BeingLoaded(name);
    if (entry.folder.status.empty()) entry.folder = NotLoaded(name, "being loaded");
    entry.loading = true;
  }
  const absl::Cleanup free = [&] {
    const absl::MutexLock lock(&mutex_);
    entries_[name].loading = false;
  };
  LoadedFolder loaded = loader_.Load(name);
  const std::string failure = FirstFailure(loaded);
  Keep(name, std::move(loaded));
  if (failure.empty()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("model_name: '", name, "' failed to load: ", failure));
}

absl::Status ModelRepository::CheckFolder(const std::string& name) const {
  const auto names = loader_.Names();
  if (!names.ok()) return absl::UnavailableError("the model repository cannot be read");
  if (names->contains(name)) return absl::OkStatus();
  const std::vector<std::string> known(names->begin(), names->end());
  return absl::NotFoundError(
      absl::StrCat("model_name: unknown ", Quoted(name), NearestNote(name, known)));
}

void ModelRepository::TellChange() const {
  if (changed_) changed_();
}

// What is replaced goes when its last request has ended, not under the lock.
void ModelRepository::Keep(const std::string& name, LoadedFolder loaded) {
  if (observer_) std::ranges::for_each(loaded.status, observer_);
  const absl::Cleanup tell = [this] { TellChange(); };  // without the lock
  const absl::MutexLock lock(&mutex_);
  LoadedFolder& serving = entries_[name].folder;
  if (!loaded.complete() && !serving.versions.empty()) {
    NoteFailedReload(FirstFailure(loaded), serving);
    return;
  }
  std::swap(serving, loaded);
}

absl::Status ModelRepository::UnloadModel(const std::string& name) {
  LoadedFolder unloaded;
  const absl::Cleanup tell = [this] { TellChange(); };  // without the lock
  const absl::MutexLock lock(&mutex_);
  const auto entry = entries_.find(name);
  if (entry == entries_.end()) return WhyNot(name, 0);
  if (entry->second.loading) return BeingLoaded(name);
  unloaded = std::exchange(entry->second.folder, NotLoaded(name, "unloaded"));
  return absl::OkStatus();
}

absl::StatusOr<ModelHandle> ModelRepository::Find(const std::string& name,
                                                  const std::string& version) const {
  int64_t number = 0;  // the newest
  if (!version.empty()) {
    const auto parsed = ParseVersion(version);
    if (!parsed) {
      return absl::InvalidArgumentError(absl::StrCat("model_version: ", Quoted(version),
                                                     "; allowed: a decimal number >= 1, or empty"));
    }
    number = *parsed;
  }
  const absl::ReaderMutexLock lock(&mutex_);
  const auto entry = entries_.find(name);
  if (entry == entries_.end() || entry->second.folder.versions.empty()) return WhyNot(name, number);
  const auto& versions = entry->second.folder.versions;
  if (number == 0) return versions.rbegin()->second;
  const auto loaded = versions.find(number);
  if (loaded == versions.end()) return WhyNot(name, number);
  return loaded->second;
}

absl::Status ModelRepository::WhyNot(const std::string& name, int64_t version) const {
  const auto entry = entries_.find(name);
  if (entry == entries_.end()) {
    std::vector<std::string> names;
    for (const auto& [known, other] : entries_) names.push_back(known);
    return absl::NotFoundError(
        absl::StrCat("model_name: unknown ", Quoted(name), NearestNote(name, names)));
  }
  for (const ModelStatus& status : entry->second.folder.status) {
    // Either failed as a whole, or in the version asked for, or in all where the newest was.
    const bool meant = version == 0 || status.version == 0 || status.version == version;
    if (status.ready || !meant) continue;
    return absl::UnavailableError(absl::StrCat(
        "model_name: '", name, "' ", status.unloaded ? "is " : "failed to load: ", status.reason));
  }
  const std::string serving = absl::StrJoin(Serving(name), ", ");
  return absl::NotFoundError(
      absl::StrCat("model_version: ", version, " of '", name,
                   "' is not served; there are: ", serving.empty() ? "none" : serving));
}

std::vector<std::string> ModelRepository::Serving(const std::string& name) const {
  std::vector<std::string> numbers;
  for (const auto& [number, loaded] : entries_.at(name).folder.versions) {
    numbers.push_back(absl::StrCat(number));
  }
  return numbers;
}

std::vector<int64_t> ModelRepository::versions(const std::string& name) const {
  const absl::ReaderMutexLock lock(&mutex_);
  std::vector<int64_t> numbers;
  if (const auto entry = entries_.find(name); entry != entries_.end()) {
    for (const auto& [number, loaded] : entry->second.folder.versions) numbers.push_back(number);
  }
  return numbers;
}

std::vector<ModelHandle> ModelRepository::models() const {
  const absl::ReaderMutexLock lock(&mutex_);
  std::vector<ModelHandle> all;
  for (const auto& [name, entry] : entries_) {
    for (const auto& [number, loaded] : entry.folder.versions) all.push_back(loaded);
  }
  return all;
}

std::vector<ModelStatus> ModelRepository::index() const {
  const absl::ReaderMutexLock lock(&mutex_);
  std::vector<ModelStatus> all;
  for (const auto& [name, entry] : entries_) {
    all.insert(all.end(), entry.folder.status.begin(), entry.folder.status.end());
  }
  return all;
}

bool ModelRepository::AllLoaded() const {
  const absl::ReaderMutexLock lock(&mutex_);
  return std::ranges::all_of(entries_, [](const auto& entry) {
    return std::ranges::all_of(entry.second.folder.status, [](const ModelStatus& status) {
      return status.ready || status.unloaded;
    });
  });
}

}  // namespace normbench
