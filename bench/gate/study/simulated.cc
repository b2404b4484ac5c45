// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/study/simulated.h"

#include <cstdint>
#include <cstdio>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/gate/gate_plan.h"
#include "bench/gate/gate_run.h"
#include "bench/gate/policy.h"
#include "bench/gate/simulation.h"
#include "bench/gate/study/record.h"
#include "bench/report/json.h"

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

struct SimulatedSetting {
  NoiseLevel noise;
  double effect = 0;
  uint64_t seed = 0;  // of its gate number 0

  StudySetting key() const { return {noise.name, effect}; }
};

absl::StatusOr<Gate> GateOf(const std::string& policy_file) {
  Gate gate;
  auto policy = policy_file.empty() ? ParsePolicy(kDefaultPolicy) : ReadPolicyFile(policy_file);
  if (!policy.ok()) return policy.status();
  gate.policy = *std::move(policy);
  auto cells = GatedCells(gate.policy, {});
  if (!cells.ok()) return cells.status();
  gate.cells = *std::move(cells);
  const auto plan = PlanGate(&gate.policy, &gate.cells);
  if (!plan.ok()) return plan.status();
  gate.plan = *plan;
  return gate;
}

std::vector<SimulatedSetting> SettingsOf(const v1::Policy& policy, const std::string& noise) {
  const double margin = policy.metrics(0).margin();
  std::vector<SimulatedSetting> settings;
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

std::string VerdictOf(const Gate& gate, const SimulatedSetting& setting, uint64_t number,
                      bool common) {
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

absl::Status Simulate(const Gate& gate, const std::vector<SimulatedSetting>& settings,
                      const SimulatedStudyOptions& options, StudyRecord* record) {
  for (const SimulatedSetting& setting : settings) {
    for (int number = record->CountOf(setting.key()); number < options.gates; ++number) {
      const std::string verdict =
          VerdictOf(gate, setting, static_cast<uint64_t>(number), options.common);
      if (absl::Status s = record->Add(setting.key(), verdict); !s.ok()) return s;
    }
  }
  return absl::OkStatus();
}

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "gate_study: %s\n", std::string(status.message()).c_str());
  return 2;
}

}  // namespace

int SimulatedStudy(const SimulatedStudyOptions& options) {
  const auto gate = GateOf(options.policy_file);
  if (!gate.ok()) return Fail(gate.status());
  StudyRecord record(options.out);
  const absl::Status opened = record.Open(
      {{"policy", nlohmann::ordered_json::parse(MessageToJson(gate->policy), nullptr, false)},
       {"common", options.common}});
  if (!opened.ok()) return Fail(opened);
  std::printf("%s", GatePlanLines(gate->policy, gate->plan, gate->cells).c_str());
  const std::vector<SimulatedSetting> settings = SettingsOf(gate->policy, options.noise);
  if (absl::Status s = Simulate(*gate, settings, options, &record); !s.ok()) return Fail(s);
  std::vector<StudySetting> rows;
  for (const SimulatedSetting& setting : settings) rows.push_back(setting.key());
  std::printf("%s", record.Table(rows).c_str());
  return 0;
}

}  // namespace normbench
