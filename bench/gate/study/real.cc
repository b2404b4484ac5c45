// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/study/real.h"

#include <sys/wait.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "bench/gate/comparison_text.h"
#include "bench/gate/policy.h"
#include "bench/gate/study/background_load.h"
#include "bench/gate/study/record.h"
#include "bench/report/exit_code.h"
#include "bench/report/json.h"
#include "bench/report/table.h"
#include "bench/stats/median.h"

namespace normbench {
namespace {

using Json = nlohmann::ordered_json;

// One word of a shell.
std::string Quoted(const std::string& word) {
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

// One run of the client; its files stay in `folder` until the next. Returns CANCELLED where it was
// interrupted, and INVALID_ARGUMENT where it could not measure or not begin.
absl::StatusOr<v1::Comparison> CompareOnce(const RealStudyOptions& options,
                                           const std::string& folder) {
  std::filesystem::remove_all(folder);
  std::string b = options.server;
  if (options.effect > 0) {
    absl::StrAppend(&b, " --allow-faults --fault-delay ",
                    absl::StrFormat("%g%%", 100 * options.effect));
  }
  const std::string command =
      absl::StrCat(Quoted(options.client), " compare --a ", Quoted(options.server), " --b ",
                   Quoted(b), " --policy ", Quoted(options.policy_file), " --out ", Quoted(folder),
                   " >", Quoted(folder + ".log"), " 2>&1");
  const int status = std::system(command.c_str());
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (code == static_cast<int>(ExitCode::kInterrupted)) return absl::CancelledError("interrupted");
  std::ifstream file(folder + "/comparison.json");
  const std::string json(std::istreambuf_iterator<char>(file), {});
  if (!json.empty() && code != static_cast<int>(ExitCode::kTransport)) {
    return ComparisonFromJson(json);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("the client ended with ", code, ", see ", folder, ".log"));
}

// What a double of the comparison is as JSON, which has no infinity.
Json NumberOf(bool given, double number) {
  if (!given) return Json();
  return std::isfinite(number) ? Json(number) : Json(number > 0 ? "Infinity" : "-Infinity");
}

Json LineOf(const v1::Comparison& comparison) {
  Json cells = Json::array();
  for (const v1::CellVerdict& cell : comparison.cells()) {
    cells.push_back({{"key", cell.key()},
                     {"metric", cell.metric()},
                     {"verdict", cell.verdict()},
                     {"confirmation", cell.confirmation()},
                     {"worse", NumberOf(cell.has_worse(), cell.worse())},
                     {"low", NumberOf(cell.has_low(), cell.low())},
                     {"high", NumberOf(cell.has_high(), cell.high())},
                     {"noise_sd", NumberOf(cell.has_noise_sd(), cell.noise_sd())},
                     {"detectable", NumberOf(cell.has_detectable(), cell.detectable())}});
  }
  return {{"started", comparison.started()},
          {"git_sha", comparison.a().server().git_sha()},
          {"seconds", comparison.duration_seconds()},
          {"rounds", comparison.rounds_size()},
          {"why", comparison.why()},
          {"cells", std::move(cells)}};
}

std::string MedianPercent(const std::vector<double>& shares) {
  return shares.empty() ? "-" : absl::StrFormat("%+.1f", 100 * Median(shares));
}

// What the cells of all gates said: the estimate, and what the gate said it could detect.
std::string CellTable(const std::vector<Json>& gates) {
  struct Values {
    std::vector<double> worse, detectable;
    int gates = 0, regressed = 0;
  };
  std::map<std::tuple<double, std::string, std::string>, Values> all;
  for (const Json& gate : gates) {
    for (Json cell : gate.value("cells", Json::array())) {
      Values& values =
          all[{gate["effect"].get<double>(), cell.value("key", ""), cell.value("metric", "")}];
      ++values.gates;
      if (cell["worse"].is_number()) values.worse.push_back(cell["worse"].get<double>());
      if (cell["detectable"].is_number()) {
        values.detectable.push_back(cell["detectable"].get<double>());
      }
      values.regressed += cell.value("verdict", "") == "REGRESSED" ? 1 : 0;
    }
  }
  Table table({{"cell", false},
               {"metric", false},
               {"effect %"},
               {"gates"},
               {"median B/A %"},
               {"median MDE(80 %) %"},
               {"REGRESSED"}});
  for (const auto& [where, values] : all) {
    const auto& [effect, key, metric] = where;
    table.AddRow({{key, ""},
                  {metric, ""},
                  {absl::StrFormat("%+.3g", 100 * effect), ""},
                  {absl::StrCat(values.gates), ""},
                  {MedianPercent(values.worse), ""},
                  {MedianPercent(values.detectable), ""},
                  {absl::StrCat(values.regressed), ""}});
  }
  return table.ToString();
}

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "gate_study: %s\n", std::string(status.message()).c_str());
  return 2;
}

// Returns the exit code.
int Measure(const RealStudyOptions& options, const StudySetting& setting, StudyRecord* record) {
  const BackgroundLoad load(options.load);
  for (int number = record->CountOf(setting); number < options.gates; ++number) {
    const auto comparison = CompareOnce(options, options.out + ".last");
    if (absl::IsCancelled(comparison.status())) return static_cast<int>(ExitCode::kInterrupted);
    if (!comparison.ok()) return Fail(comparison.status());
    const absl::Status added = record->Add(setting, comparison->verdict(), LineOf(*comparison));
    if (!added.ok()) return Fail(added);
    std::printf("%3d  %+.3g %%  %s, %s (%.0f s)\n", number + 1, 100 * options.effect,
                comparison->verdict().c_str(), comparison->why().c_str(),
                comparison->duration_seconds());
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace

int RealStudy(const RealStudyOptions& options) {
  const auto policy = ReadPolicyFile(options.policy_file);
  if (!policy.ok()) return Fail(policy.status());
  StudyRecord record(options.out);
  const absl::Status opened = record.Open(
      {{"policy", Json::parse(MessageToJson(*policy), nullptr, false)}, {"load", options.load}});
  if (!opened.ok()) return Fail(opened);
  const StudySetting setting{absl::StrFormat("real, load %g %%", 100 * options.load),
                             options.effect};
  if (const int code = Measure(options, setting, &record); code != 0) return code;
  std::set<StudySetting> settings;
  for (const Json& gate : record.gates()) {
    settings.insert({gate["noise"].get<std::string>(), gate["effect"].get<double>()});
  }
  std::printf("%s%s", record.Table({settings.begin(), settings.end()}).c_str(),
              CellTable(record.gates()).c_str());
  return 0;
}

}  // namespace normbench
