// SPDX-License-Identifier: Apache-2.0
// gate_study: how often the gate is right, by simulated rounds (simulation.h): noise levels x
// effects, many gates each, through the course, the plan and the budget of a real one.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/gate/gate_plan.h"
#include "bench/gate/gate_run.h"
#include "bench/gate/policy.h"
#include "bench/gate/simulation.h"
#include "bench/report/json.h"
#include "bench/report/table.h"
#include "bench/stats/clopper_pearson.h"
#include "nlohmann/json.hpp"

namespace normbench {
namespace {

// Four cells, every default.
constexpr char kDefaultPolicy[] = R"({"version": 1, "name": "study", "cells": [{"key": [
  "service/group?shape=1x64x56x56&g=32", "service/batch?shape=1x64x56x56",
  "service/rms?shape=8x768", "norm/group?shape=8x64x56x56&g=32"]}]})";

struct Gate {
  v1::Policy policy;
  std::vector<GatedCell> cells;
  GatePlan plan;
};

struct StudyOptions {
  int gates = 2000;
  std::string policy_file, noise, out;
  bool common = false;  // see SimulationOptions
};

struct Setting {
  NoiseLevel noise;
  double effect = 0;
  uint64_t seed = 0;  // of its gate number 0
};

// How many gates ended with which verdict, by noise and effect.
using Tallies = std::map<std::pair<std::string, double>, std::map<std::string, int>>;

absl::StatusOr<Gate> GateOf(const std::string& policy_file) {
  Gate gate;
  auto policy = policy_file.empty() ? ParsePolicy(kDefaultPolicy) : ReadPolicyFile(policy_file);
  if (!policy.ok()) return policy.status();
  gate.policy = *std::move(policy);
  auto cells = GatedCells(gate.policy, {});
  if (!cells.ok()) return cells.status();
  gate.cells = *std::move(cells);
  const auto plan = PlanGate(gate.policy, &gate.cells);
  if (!plan.ok()) return plan.status();
  gate.plan = *plan;
  return gate;
}

std::vector<Setting> SettingsOf(const v1::Policy& policy, const std::string& noise) {
  const double margin = policy.metrics(0).margin();
  std::vector<Setting> settings;
  uint64_t number = 0;
  for (const NoiseLevel& level : NoiseLevels()) {
    for (const double effect : std::set<double>{0, margin, 2 * margin, 0.1}) {
      // Far enough apart that no two gates have a seed in common.
      const uint64_t seed = 1'000'000 * ++number;
      if (noise.empty() || noise == level.name) settings.push_back({level, effect, seed});
    }
  }
  return settings;
}

std::string VerdictOf(const Gate& gate, const Setting& setting, uint64_t number, bool common) {
  v1::Comparison comparison;
  *comparison.mutable_policy() = gate.policy;
  SimulatedRounds source(gate.cells, {.noise = setting.noise,
                                      .effect = setting.effect,
                                      .seed = setting.seed + number,
                                      .visit_seconds = gate.plan.visit_seconds,
                                      .common = common});
  RunGate(gate.cells, gate.plan, source, nullptr, &comparison);
  return comparison.verdict();
}

// Verdicts as JSON lines behind the policy and the model that they are of; what a file has is not
// done again.
class Record {
 public:
  // An empty path keeps nothing.
  explicit Record(std::string path) : path_(std::move(path)) {}

  absl::Status Open(const v1::Policy& policy, bool common, Tallies* tallies) {
    if (path_.empty()) return absl::OkStatus();
    const nlohmann::ordered_json head = {
        {"policy", nlohmann::ordered_json::parse(MessageToJson(policy), nullptr, false)},
        {"common", common}};
    const bool is_new = !std::filesystem::exists(path_);
    if (!is_new) {
      CutTornLine();
      if (absl::Status read = Read(head, tallies); !read.ok()) return read;
    }
    file_.open(path_, std::ios::app);
    if (is_new) file_ << head.dump() << "\n";
    if (file_) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("--out: ", path_, " cannot be written"));
  }

  void Add(const Setting& setting, const std::string& verdict) {
    if (path_.empty()) return;
    const nlohmann::ordered_json line = {
        {"noise", setting.noise.name}, {"effect", setting.effect}, {"verdict", verdict}};
    file_ << line.dump() << std::endl;
  }

 private:
  // Of a study that was killed while it wrote.
  void CutTornLine() const {
    std::ifstream file(path_, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    std::filesystem::resize_file(path_, text.rfind('\n') + 1);
  }

  absl::Status Read(const nlohmann::ordered_json& head, Tallies* tallies) const {
    std::ifstream file(path_);
    std::string line;
    std::getline(file, line);
    if (line != head.dump()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--out: ", path_, " is of another policy or model, or no study"));
    }
    while (std::getline(file, line)) {
      const auto entry = nlohmann::json::parse(line, nullptr, false);
      if (!entry.is_object() || !entry.contains("effect") || !entry["effect"].is_number()) continue;
      ++(*tallies)[{entry.value("noise", ""), entry["effect"].get<double>()}]
                  [entry.value("verdict", "")];
    }
    return absl::OkStatus();
  }

  std::string path_;
  std::ofstream file_;
};

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

void PrintTable(const std::vector<Setting>& settings, Tallies& tallies) {
  Table table({{"noise", false},
               {"effect %"},
               {"gates"},
               {"REGRESSED %"},
               {"OK %"},
               {"INCONCLUSIVE %"},
               {"others", false}});
  for (const Setting& setting : settings) {
    std::map<std::string, int> verdicts = tallies[{setting.noise.name, setting.effect}];
    const int gates = Sum(verdicts);
    std::vector<Cell> row = {{setting.noise.name, ""},
                             {absl::StrFormat("%+.3g", 100 * setting.effect), ""},
                             {absl::StrCat(gates), ""}};
    for (const char* verdict : {"REGRESSED", "OK", "INCONCLUSIVE"}) {
      row.push_back(Share(verdicts[verdict], gates));
      verdicts.erase(verdict);
    }
    std::string others;
    for (const auto& [verdict, count] : verdicts)
      absl::StrAppend(&others, verdict, " ", count, " ");
    row.push_back({others, ""});
    table.AddRow(std::move(row));
  }
  std::printf("%s", table.ToString().c_str());
}

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "gate_study: %s\n", std::string(status.message()).c_str());
  return 2;
}

// Those that `tallies` has are not done again.
void Simulate(const Gate& gate, const std::vector<Setting>& settings, const StudyOptions& options,
              Record* record, Tallies* tallies) {
  for (const Setting& setting : settings) {
    std::map<std::string, int>& verdicts = (*tallies)[{setting.noise.name, setting.effect}];
    for (int number = Sum(verdicts); number < options.gates; ++number) {
      const std::string verdict =
          VerdictOf(gate, setting, static_cast<uint64_t>(number), options.common);
      record->Add(setting, verdict);
      ++verdicts[verdict];
    }
  }
}

int Study(const StudyOptions& options) {
  const auto gate = GateOf(options.policy_file);
  if (!gate.ok()) return Fail(gate.status());
  Record record(options.out);
  Tallies tallies;
  if (absl::Status opened = record.Open(gate->policy, options.common, &tallies); !opened.ok())
    return Fail(opened);
  size_t comparisons = 0;
  for (const GatedCell& cell : gate->cells) comparisons += cell.metrics.size();
  std::printf("%s", GatePlanLines(gate->policy, gate->plan, comparisons).c_str());
  const std::vector<Setting> settings = SettingsOf(gate->policy, options.noise);
  Simulate(*gate, settings, options, &record, &tallies);
  PrintTable(settings, tallies);
  return 0;
}

int Main(int argc, char** argv) {
  CLI::App app("Simulates gates and counts their verdicts.");
  StudyOptions options;
  app.add_option("--gates", options.gates, "of each noise level and effect (default 2000)")
      ->check(CLI::Range(1, 900'000));
  app.add_option("--policy", options.policy_file, "instead of four cells and every default");
  app.add_option("--noise", options.noise, "only this level: quiet, noisy, bad")
      ->check(CLI::IsMember({"quiet", "noisy", "bad"}));
  app.add_flag("--common", options.common,
               "noise is of the visit to a cell and common to its metrics (default: of each)");
  app.add_option("--out", options.out, "verdicts as JSON lines; what it has is not done again");
  constexpr int kParsed = -1;
  const auto parse = [&] {
    CLI11_PARSE(app, argc, argv);
    return kParsed;
  };
  if (const int code = parse(); code != kParsed) return code == 0 ? 0 : 2;
  return Study(options);
}

}  // namespace
}  // namespace normbench

int main(int argc, char** argv) {
  return normbench::Main(argc, argv);
}
