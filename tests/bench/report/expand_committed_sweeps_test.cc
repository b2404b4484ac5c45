// SPDX-License-Identifier: Apache-2.0
// The sweeps in bench/sweeps: they expand, are named and listed as their README says, and ci.json
// covers what it promises in the time that it promises.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bench/report/expand.h"
#include "bench/report/plan.h"
#include "bench/report/sweep_file.h"
#include "gmock/gmock.h"
#include "tests/bench/report/golden.h"

namespace normbench {
namespace {

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
  EXPECT_EQ(CasesOfNamed("quickstart").size(), 18u + 2 + 12);
  EXPECT_EQ(CasesOfNamed("smoke").size(), 12u + 2 + 2 + 1);
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
    EXPECT_THAT(c.expect, ::testing::Contains("err_scaled<=bound")) << c.key;
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
