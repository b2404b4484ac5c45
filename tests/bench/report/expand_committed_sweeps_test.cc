// SPDX-License-Identifier: Apache-2.0
// The sweeps in bench/sweeps: they expand, are named and listed as their README says, and ci.json
// covers what it promises in the time that it promises.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "bench/report/expand.h"
#include "bench/report/plan.h"
#include "bench/report/sweep_file.h"
#include "gmock/gmock.h"
#include "tests/bench/report/golden.h"

namespace normbench {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::filesystem::path> Files() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(NORMBENCH_SWEEPS)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<Case> CasesOf(const std::filesystem::path& file) {
  const auto sweep = ReadSweepFile(file.string());
  EXPECT_TRUE(sweep.ok()) << sweep.status();
  if (!sweep.ok()) return {};
  EXPECT_EQ(sweep->name(), file.stem().string());
  const auto cases = Expand(*sweep);
  EXPECT_TRUE(cases.ok()) << file << ": " << cases.status();
  return cases.ok() ? *cases : std::vector<Case>();
}

std::vector<Case> CasesOfNamed(const std::string& name) {
  return CasesOf(std::filesystem::path(NORMBENCH_SWEEPS) / (name + ".json"));
}

TEST(CommittedSweeps, ExpandAndAreNamedAsTheirFiles) {
  EXPECT_GE(Files().size(), 9u);
  for (const auto& file : Files()) EXPECT_FALSE(CasesOf(file).empty()) << file;
}

TEST(CommittedSweeps, OfTheTourHaveTheCasesThatItTellsOf) {
  EXPECT_EQ(CasesOfNamed("quickstart").size(), 2 * 18u + 2 * 2 + 12);
  EXPECT_EQ(CasesOfNamed("smoke").size(), 18u + 2 + 2 + 2);
}

// What native promises: within its bound, and the same bits in every batch.
void ExpectHeldToItsPromise(const Case& c) {
  if (std::holds_alternative<v1::InvarianceCase>(c.spec)) {
    EXPECT_THAT(c.expect, ::testing::IsSupersetOf({"equal==1", "max_diff==0"})) << c.key;
  } else {
    EXPECT_THAT(c.expect, Contains("err_scaled<=bound")) << c.key;
  }
}

TEST(CommittedSweeps, ShowTorchBesideNativeAndHoldNativeToItsPromises) {
  for (const char* name : {"ci", "conditioning_ci", "invariance_ci", "quickstart", "service_ci",
                           "shapes_ci", "shapes_full", "shapes_smoke"}) {
    std::set<std::string> keys;
    for (const Case& c : CasesOfNamed(name)) keys.insert(c.key);
    size_t native = 0;
    for (const Case& c : CasesOfNamed(name)) {
      if (!absl::StrContains(c.key, "impl=native")) continue;
      ++native;
      ExpectHeldToItsPromise(c);
      const std::string torch = absl::StrReplaceAll(c.key, {{"impl=native", "impl=torch"}});
      EXPECT_THAT(keys, Contains(torch));
    }
    EXPECT_GT(native, 0u) << name;
  }
}

std::set<std::string> FormatsOfNative(const std::string& name) {
  std::set<std::string> formats;
  for (const Case& c : CasesOfNamed(name)) {
    const v1::NormCase* const norm_case = NormCaseOf(c.spec);
    if (norm_case->impl() != "native") continue;
    formats.insert(
        absl::StrCat(norm_case->spec().norm(), " ", norm_case->dtype(), " ", norm_case->layout()));
  }
  return formats;
}

TEST(CommittedSweeps, OfConditioningAndInvarianceCoverTheFormatsOfAllNorms) {
  EXPECT_EQ(FormatsOfNative("conditioning_ci").size(), 5u * 3 * 2);
  EXPECT_EQ(FormatsOfNative("invariance_ci").size(), 5u * 3 * 2);
}

TEST(CommittedSweeps, AreTheRowsOfTheReadme) {
  const std::string readme = ReadFile(std::string(NORMBENCH_SWEEPS) + "/README.md");
  size_t rows = 0;
  for (size_t at = 0; (at = readme.find("\n| `", at)) != std::string::npos; ++at) ++rows;
  EXPECT_EQ(rows, Files().size());
  for (const auto& file : Files()) {
    EXPECT_THAT(readme, HasSubstr(absl::StrCat("\n| `", file.filename().string(), "` | ")));
  }
}

TEST(CommittedSweeps, TakeAsLongAsTheirGradeSays) {
  for (const auto& file : Files()) {
    const std::string name = file.stem().string();
    const double most = absl::EndsWith(name, "_smoke") ? 60
                        : absl::EndsWith(name, "_ci")  ? 600
                                                       : HUGE_VAL;
    EXPECT_LT(PlanOf(CasesOf(file)).seconds, most) << file;
  }
}

TEST(CommittedSweeps, CiCoversFormatsAndCachesOfAllNormsInUnderFiveMinutes) {
  std::set<std::string> kernels, loops;
  const std::vector<Case> cases = CasesOfNamed("ci");
  for (const Case& c : cases) {
    EXPECT_FALSE(c.expect.empty()) << c.key;
    EXPECT_THAT(c.expect, Contains("err_scaled<=bound")) << c.key;
    if (const auto* norm_case = std::get_if<v1::NormCase>(&c.spec)) {
      kernels.insert(absl::StrCat(norm_case->spec().norm(), " ", norm_case->dtype(), " ",
                                  norm_case->layout(), " ", norm_case->cache()));
    } else {
      loops.insert(LoadOf(c.spec)->arrivals());
    }
  }
  EXPECT_EQ(kernels.size(), 5u * 3 * 2 * 2);
  EXPECT_THAT(loops, ElementsAre("", "constant:50%")) << "a closed loop and an open one";
  EXPECT_LT(PlanOf(cases).seconds, 300);
}

}  // namespace
}  // namespace normbench
