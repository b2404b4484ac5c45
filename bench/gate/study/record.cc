// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/study/record.h"

#include <filesystem>
#include <iterator>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/report/table.h"
#include "bench/stats/clopper_pearson.h"

namespace normbench {
namespace {

using Json = nlohmann::ordered_json;

// Empty where there is no file.
std::string TextOf(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return "";
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

bool IsGate(const Json& line) {
  return line.is_object() && line.contains("noise") && line["noise"].is_string() &&
         line.contains("effect") && line["effect"].is_number() && line.contains("verdict") &&
         line["verdict"].is_string();
}

int Sum(const std::map<std::string, int>& verdicts) {
  int sum = 0;
  for (const auto& [verdict, count] : verdicts) sum += count;
  return sum;
}

Cell Share(int count, int gates) {
  const Interval interval = ClopperPearson(count, gates, 0.95);
  return {absl::StrFormat("%.1f", 100.0 * count / gates),
          absl::StrFormat("[%.1f, %.1f]", 100 * interval.low, 100 * interval.high)};
}

std::vector<Cell> RowOf(const StudySetting& setting, std::map<std::string, int> verdicts) {
  const int gates = Sum(verdicts);
  std::vector<Cell> row = {{setting.noise, ""},
                           {absl::StrFormat("%+.3g", 100 * setting.effect), ""},
                           {absl::StrCat(gates), ""}};
  for (const char* verdict : {"REGRESSED", "OK", "INCONCLUSIVE"}) {
    row.push_back(gates == 0 ? Cell{"-", ""} : Share(verdicts[verdict], gates));
    verdicts.erase(verdict);
  }
  std::string others;
  for (const auto& [verdict, count] : verdicts) absl::StrAppend(&others, verdict, " ", count, " ");
  row.push_back({others, ""});
  return row;
}

}  // namespace

absl::Status StudyRecord::Open(const Json& head) {
  if (path_.empty()) return absl::OkStatus();
  const std::string text = TextOf(path_);
  if (!text.empty()) {
    // Without the line that was torn, if one was.
    const size_t whole = text.rfind('\n') + 1;
    if (absl::Status read = Read(head, text.substr(0, whole)); !read.ok()) return read;
    std::error_code error;
    std::filesystem::resize_file(path_, whole, error);
    if (error) return Unwritable();
  }
  file_.open(path_, std::ios::app);
  if (text.empty()) file_ << head.dump() << std::endl;
  return file_ ? absl::OkStatus() : Unwritable();
}

absl::Status StudyRecord::Unwritable() const {
  return absl::InvalidArgumentError(absl::StrCat("--out: ", path_, " cannot be written"));
}

absl::Status StudyRecord::Read(const Json& head, const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  if (line != head.dump()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--out: ", path_, " is of another policy or model, or no study"));
  }
  while (std::getline(lines, line)) {
    Json gate = Json::parse(line, nullptr, false);
    if (IsGate(gate)) Count(std::move(gate));
  }
  return absl::OkStatus();
}

void StudyRecord::Count(Json line) {
  const StudySetting setting{line["noise"].get<std::string>(), line["effect"].get<double>()};
  ++verdicts_[setting][line["verdict"].get<std::string>()];
  gates_.push_back(std::move(line));
}

absl::Status StudyRecord::Add(const StudySetting& setting, const std::string& verdict,
                              const Json& more) {
  Json line = {{"noise", setting.noise}, {"effect", setting.effect}, {"verdict", verdict}};
  line.update(more);
  if (!path_.empty()) file_ << line.dump() << std::endl;
  Count(std::move(line));
  return path_.empty() || file_ ? absl::OkStatus() : Unwritable();
}

int StudyRecord::CountOf(const StudySetting& setting) const {
  const auto found = verdicts_.find(setting);
  return found == verdicts_.end() ? 0 : Sum(found->second);
}

std::string StudyRecord::Table(const std::vector<StudySetting>& settings) const {
  normbench::Table table({{"noise", false},
                          {"effect %"},
                          {"gates"},
                          {"REGRESSED %"},
                          {"OK %"},
                          {"INCONCLUSIVE %"},
                          {"others", false}});
  for (const StudySetting& setting : settings) {
    const auto found = verdicts_.find(setting);
    table.AddRow(
        RowOf(setting, found == verdicts_.end() ? std::map<std::string, int>() : found->second));
  }
  return table.ToString();
}

}  // namespace normbench
