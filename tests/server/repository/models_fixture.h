// SPDX-License-Identifier: Apache-2.0
// A folder of models for a test, and a backend that needs no more of them than their folders.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/repository/model_loader.h"

namespace normbench {

class NothingModel : public Model {
 public:
  absl::Status Infer(std::span<const TensorIn>, const AllocateOutput&) override {
    return absl::OkStatus();
  }
  int64_t WorkspaceBytes(int64_t) const override { return 0; }
  std::vector<MemoryPoint> MeasuredMemory() const override { return {{1, 110}, {4, 350}}; }
};

// Loads everything but versions with a file "broken".
class FakeBackend : public Backend {
 public:
  FakeBackend(std::vector<ModelSpec>* loaded, const std::function<void()>* during)
      : loaded_(loaded), during_(during) {}
  std::string name() const override { return "identity"; }
  absl::StatusOr<std::unique_ptr<Model>> Load(const ModelSpec& spec) override {
    if (std::filesystem::exists(std::filesystem::path(spec.version_folder) / "broken")) {
      return absl::InvalidArgumentError(spec.version_folder + "/weights.pt: broken");
    }
    if (*during_) (*during_)();
    const std::lock_guard lock(mutex_);
    loaded_->push_back(spec);
    return std::make_unique<NothingModel>();
  }

 private:
  std::vector<ModelSpec>* loaded_;
  const std::function<void()>* during_;
  std::mutex mutex_;  // of loaded_: several load at once
};

class ModelsFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(base_);
    std::filesystem::create_directories(root_);
  }
  void TearDown() override { std::filesystem::remove_all(base_); }

  void AddModel(const std::string& name, const std::vector<std::string>& versions,
                const std::string& more = "") {
    for (const std::string& version : versions) {
      std::filesystem::create_directories(root_ / name / version);
    }
    std::filesystem::create_directories(root_ / name);
    std::ofstream(root_ / name / "config.pbtxt")
        << "backend: \"identity\"\nmax_batch_size: 4\n"
        << "input { name: \"x\" data_type: TYPE_FP32 dims: 2 }\n"
        << "output { name: \"y\" data_type: TYPE_FP32 dims: 2 }\n"
        << more;
  }

  std::vector<std::unique_ptr<Backend>> Backends() {
    std::vector<std::unique_ptr<Backend>> backends;
    backends.push_back(std::make_unique<FakeBackend>(&loaded_, &during_load_));
    return backends;
  }

  const std::filesystem::path base_ =
      std::filesystem::path(::testing::TempDir()) /
      (std::string("models_") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
  const std::filesystem::path root_ = base_ / "models";
  std::vector<ModelSpec> loaded_;
  std::function<void()> during_load_;  // of each version; null: nothing
};

}  // namespace normbench
