// SPDX-License-Identifier: Apache-2.0
// Rounds and cells for tests of the gate, from numbers and text.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "bench/gate/gated_cell.h"
#include "bench/gate/pair_series.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "normbench/v1/comparison.pb.h"

namespace normbench {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// What one visit to each arm found of one metric of one cell.
struct Found {
  double a = 1;
  double again = 1;
  double b = 1;
};

struct Where {
  std::string phase = "main";
  std::string key = "cell";
  std::string metric = "p50";
};

// Adds to the visits of `round`, and makes them where there are none.
inline void AddTo(const Found& found, const Where& where, v1::Round* round) {
  round->set_phase(where.phase);
  const std::pair<const char*, double> arms[] = {
      {"A", found.a}, {"A'", found.again}, {"B", found.b}};
  for (int i = 0; i < 3; ++i) {
    v1::ArmVisit& visit =
        i < round->visits_size() ? *round->mutable_visits(i) : *round->add_visits();
    visit.set_arm(arms[i].first);
    v1::CellSample* sample = nullptr;
    for (v1::CellSample& known : *visit.mutable_cells()) {
      if (known.key() == where.key) sample = &known;
    }
    if (sample == nullptr) sample = visit.add_cells();
    sample->set_key(where.key);
    (*sample->mutable_metrics())[where.metric] = arms[i].second;
  }
}

inline void Add(const std::vector<Found>& found, const Where& where, Rounds* rounds) {
  for (const Found& values : found) {
    v1::Round* round = rounds->Add();
    round->set_number(rounds->size());
    AddTo(values, where, round);
  }
}

inline Rounds RoundsOf(const std::vector<Found>& found, const Where& where = {}) {
  Rounds rounds;
  Add(found, where, &rounds);
  return rounds;
}

// `n` rounds in which B is slower by `effect`. Differences scatter by at most `scatter` about it,
// and are all different: 13 is odd, so that up to 13 rounds have every step once.
inline std::vector<Found> Steady(int n, double effect, double scatter = 0.01) {
  std::vector<Found> found;
  for (int i = 0; i < n; ++i) {
    const double step = scatter * ((5 * i) % 13 - 6) / 6;
    found.push_back({.a = 1, .again = 1 - step, .b = (1 + effect) * (1 + step)});
  }
  return found;
}

struct MetricOf {
  std::string metric = "p50";
  double margin = 0.05;
};

inline GatedCell CellOf(const std::string& key, const std::vector<MetricOf>& metrics = {{}}) {
  GatedCell cell;
  cell.c.key = key;
  for (const MetricOf& metric : metrics) {
    v1::GatedMetric& gated = cell.metrics.emplace_back();
    gated.set_metric(metric.metric);
    gated.set_margin(metric.margin);
  }
  return cell;
}

}  // namespace normbench
