// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/registry.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

class NamedKernel final : public NormKernel {
 public:
  explicit NamedKernel(std::string name) : name_(std::move(name)) {}

  std::string name() const override { return name_; }
  KernelCapabilities capabilities() const override { return {}; }
  int64_t WorkspaceBytes(const NormSpec&, const Shape&, TensorFormat) const override { return 0; }
  absl::StatusOr<std::shared_ptr<const NormPlan>> Plan(const NormSpec&, const Shape&, DType, Layout,
                                                       const std::string&) const override {
    return absl::UnimplementedError("only has a name");
  }

 private:
  std::string name_;
};

KernelRegistry Registry() {
  std::vector<std::unique_ptr<NormKernel>> kernels;
  kernels.push_back(std::make_unique<NamedKernel>("torch"));
  kernels.push_back(std::make_unique<NamedKernel>("reference"));
  return KernelRegistry(std::move(kernels));
}

TEST(KernelRegistry, FindsByName) {
  const KernelRegistry registry = Registry();
  EXPECT_EQ(registry.Find("torch").value()->name(), "torch");
  EXPECT_EQ(registry.Find("reference").value()->name(), "reference");
}

TEST(KernelRegistry, TakesTheFirstForAuto) {
  EXPECT_EQ(Registry().Find("auto").value()->name(), "torch");
}

TEST(KernelRegistry, NamesTheNearestOfAnUnknownName) {
  EXPECT_EQ(Registry().Find("refrence").status(),
            absl::NotFoundError("impl: unknown 'refrence'; allowed: auto, torch, reference; "
                                "nearest: reference"));
  EXPECT_EQ(Registry().Find("").status().code(), absl::StatusCode::kNotFound);
}

TEST(KernelRegistry, ListsAllInOrder) {
  const KernelRegistry registry = Registry();
  ASSERT_EQ(registry.all().size(), 2u);
  EXPECT_EQ(registry.all()[0]->name(), "torch");
  EXPECT_EQ(registry.all()[1]->name(), "reference");
}

}  // namespace
}  // namespace normbench
