// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/comparison_text.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "bench/gate/comparison_table.h"
#include "bench/report/json.h"
#include "bench/report/strict_json.h"
#include "google/protobuf/util/json_util.h"
#include "nlohmann/json.hpp"

namespace normbench {
namespace {

std::string Mark(const v1::Comparison& comparison) {
  return absl::StrCat("<!-- normbench gate ", comparison.policy().name(), " -->");
}

// One command; properties and data are escaped as GitHub's toolkit does.
std::string Command(std::string_view level, const std::string& title, const std::string& text) {
  const std::vector<std::pair<std::string, std::string>> data = {
      {"%", "%25"}, {"\r", "%0D"}, {"\n", "%0A"}};
  auto property = data;
  property.insert(property.end(), {{":", "%3A"}, {",", "%2C"}});
  return absl::StrCat("::", std::string(level), " title=", absl::StrReplaceAll(title, property),
                      "::", absl::StrReplaceAll(text, data), "\n");
}

std::string CellText(const v1::CellVerdict& cell) {
  return absl::StrFormat("%s %s: %s, margin %.3g %%", cell.key(), cell.metric(), ChangeOf(cell),
                         100 * cell.margin());
}

}  // namespace

std::string ComparisonConsole(const v1::Comparison& comparison) {
  std::string text = ArmsLine(comparison) + "\n";
  if (const std::string floor = FloorLine(comparison); !floor.empty()) text += floor + "\n";
  text += VerdictTable(comparison).ToString();
  for (const std::string& remark : Remarks(comparison)) absl::StrAppend(&text, remark, "\n");
  return text + VerdictLine(comparison) + "\n";
}

std::string ComparisonMarkdown(const v1::Comparison& comparison) {
  std::string text = Mark(comparison) + "\n";
  absl::StrAppend(&text, "### normbench gate ", EscapeMarkdown(comparison.policy().name()), ": ",
                  EscapeMarkdown(comparison.verdict()), "\n\n",
                  EscapeMarkdown(VerdictLine(comparison)), "\n\n");
  text += VerdictTable(comparison).ToMarkdown() + "\n";
  for (const std::string& remark : Remarks(comparison)) {
    absl::StrAppend(&text, "- ", EscapeMarkdown(remark), "\n");
  }
  absl::StrAppend(&text, "\n", EscapeMarkdown(ArmsLine(comparison)), "\n");
  if (const std::string floor = FloorLine(comparison); !floor.empty()) {
    absl::StrAppend(&text, "\n", EscapeMarkdown(floor), "\n");
  }
  return text;
}

std::string ComparisonAnnotations(const v1::Comparison& comparison) {
  std::string text;
  for (const v1::CellVerdict& cell : comparison.cells()) {
    if (cell.verdict() == "REGRESSED")
      text += Command("error", "normbench: REGRESSED", CellText(cell));
    if (cell.verdict() == "INCONCLUSIVE") {
      text += Command("warning", "normbench: INCONCLUSIVE", CellText(cell));
    }
  }
  for (const std::string& worse : comparison.accuracy().worse()) {
    text += Command("error", "normbench: wrong answers", worse);
  }
  return text +
         Command("notice", "normbench gate " + comparison.policy().name(), VerdictLine(comparison));
}

std::string ComparisonBadge(const v1::Comparison& comparison) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kColors = {
      {{"OK", "brightgreen"},
       {"IMPROVED", "blue"},
       {"INCONCLUSIVE", "lightgrey"},
       {"UNSTABLE", "lightgrey"}}};
  std::string color = "red";
  for (const auto& [verdict, known] : kColors) {
    if (verdict == comparison.verdict()) color = known;
  }
  const nlohmann::ordered_json badge = {{"schemaVersion", 1},
                                        {"label", "normbench " + comparison.policy().name()},
                                        {"message", comparison.verdict()},
                                        {"color", color}};
  return badge.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string ComparisonToJson(const v1::Comparison& comparison) {
  return MessageToJson(comparison);
}

absl::StatusOr<v1::Comparison> ComparisonFromJson(std::string_view json) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  v1::Comparison comparison;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &comparison, options);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("not a comparison: ", parsed.ToString()));
  }
  if (comparison.schema_version() != kComparisonVersion) {
    return absl::InvalidArgumentError(absl::StrCat("schema_version: ", comparison.schema_version(),
                                                   "; allowed: ", kComparisonVersion));
  }
  // It stands where nothing is escaped: in a comment that a later one looks for.
  if (!IsRegisteredName(comparison.policy().name())) {
    return absl::InvalidArgumentError(absl::StrCat("policy.name: '", comparison.policy().name(),
                                                   "'; allowed: 1 to 64 of a-z 0-9 _ -"));
  }
  return comparison;
}

}  // namespace normbench
