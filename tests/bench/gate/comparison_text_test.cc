// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/comparison_text.h"

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/bench/gate/sample.h"
#include "tests/bench/report/golden.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string Golden(const std::string& name) {
  return std::string(NORMBENCH_GOLDEN) + "/" + name;
}

v1::Comparison Hostile() {
  v1::Comparison comparison = SampleComparison();
  comparison.set_why(kHostile);
  comparison.set_verdict(kHostile);
  comparison.mutable_a()->mutable_server()->set_normbench_version(kHostile);
  comparison.mutable_cells(0)->set_key(kHostile);
  comparison.mutable_accuracy()->add_worse(kHostile);
  return comparison;
}

TEST(ComparisonConsole, IsTheGoldenText) {
  ExpectGolden(Golden("console.txt"), ComparisonConsole(SampleComparison()));
}

TEST(ComparisonMarkdown, IsTheGoldenText) {
  ExpectGolden(Golden("comparison.md"), ComparisonMarkdown(SampleComparison()));
}

TEST(ComparisonMarkdown, NothingInItIsMarkup) {
  const std::string markdown = ComparisonMarkdown(Hostile());
  EXPECT_THAT(markdown,
              StartsWith("<!-- normbench gate nightly -->\n### normbench gate nightly: a"));
  EXPECT_THAT(markdown, HasSubstr("\\<b\\> \\| \\`c\\` @\xE2\x80\x8B"
                                  "d"));
  EXPECT_THAT(markdown, Not(HasSubstr("<b>")));
  for (const absl::string_view line : absl::StrSplit(markdown, '\n')) {
    EXPECT_FALSE(absl::StartsWith(line, "::error")) << line;
  }
}

TEST(ComparisonAnnotations, AreTheGoldenText) {
  ExpectGolden(Golden("annotations.txt"), ComparisonAnnotations(SampleComparison()));
}

TEST(ComparisonAnnotations, NothingBeginsACommandOfItsOwn) {
  const std::vector<std::string> lines =
      absl::StrSplit(ComparisonAnnotations(Hostile()), '\n', absl::SkipEmpty());
  EXPECT_EQ(lines.size(), 7U) << "one regressed, three open, two wrong, one verdict";
  for (const std::string& line : lines) {
    EXPECT_TRUE(line.starts_with("::error title=normbench%3A ") ||
                line.starts_with("::warning title=normbench%3A ") ||
                line.starts_with("::notice title=normbench gate nightly::"))
        << line;
    EXPECT_EQ(line.find('\r'), std::string::npos);
  }
  EXPECT_THAT(lines[0], HasSubstr("a%0A::error::x%0D"));
  EXPECT_THAT(lines[0], HasSubstr("100%25, e:f p50: +11.2 %25 [+8.1, +13.9], margin 5 %25"));
}

TEST(ComparisonBadge, IsTheGoldenText) {
  ExpectGolden(Golden("badge.json"), ComparisonBadge(SampleComparison()));
}

TEST(ComparisonBadge, ColoursAreByVerdict) {
  v1::Comparison comparison = SampleComparison();
  for (const auto& [verdict, color] :
       std::vector<std::pair<std::string, std::string>>{{"OK", "brightgreen"},
                                                        {"IMPROVED", "blue"},
                                                        {"INCONCLUSIVE", "lightgrey"},
                                                        {"UNSTABLE", "lightgrey"},
                                                        {"ACCURACY", "red"},
                                                        {"FAILED", "red"}}) {
    comparison.set_verdict(verdict);
    const auto badge = nlohmann::json::parse(ComparisonBadge(comparison));
    EXPECT_EQ(badge["color"], color);
    EXPECT_EQ(badge["message"], verdict);
  }
  comparison.set_verdict("\xff");
  EXPECT_FALSE(nlohmann::json::parse(ComparisonBadge(comparison), nullptr, false).is_discarded());
}

TEST(ComparisonToJson, IsTheGoldenText) {
  v1::Comparison comparison = SampleComparison();
  comparison.mutable_rounds()->DeleteSubrange(1, comparison.rounds_size() - 1);
  ExpectGolden(Golden("comparison.json"), ComparisonToJson(comparison));
}

TEST(ComparisonFromJson, ReadsWhatWasWritten) {
  const v1::Comparison comparison = SampleComparison();
  const auto read = ComparisonFromJson(ComparisonToJson(comparison));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->DebugString(), comparison.DebugString());
  EXPECT_EQ(read->cells(3).worse(), kInfinity);
  EXPECT_EQ(read->rounds(0).visits(0).cells(0).metrics().at("p99"), kInfinity);
  EXPECT_FALSE(read->cells(4).has_worse());
}

TEST(ComparisonFromJson, RefusesWhatIsNone) {
  EXPECT_THAT(std::string(ComparisonFromJson("[").status().message()),
              StartsWith("not a comparison"));
  EXPECT_EQ(ComparisonFromJson("{}").status().message(), "schema_version: 0; allowed: 1");
  EXPECT_EQ(ComparisonFromJson(R"({"schema_version": 1, "policy": {"name": "--><b>"}})")
                .status()
                .message(),
            "policy.name: '--><b>'; allowed: 1 to 64 of a-z 0-9 _ -");
  EXPECT_TRUE(ComparisonFromJson(
                  R"({"schema_version": 1, "policy": {"name": "g"}, "of_a_later_version": 1})")
                  .ok());
}

}  // namespace
}  // namespace normbench
