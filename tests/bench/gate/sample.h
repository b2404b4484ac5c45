// SPDX-License-Identifier: Apache-2.0
// A comparison with something of everything, for the writers.
#pragma once

#include "tests/bench/gate/rounds_builder.h"

namespace normbench {

inline v1::Comparison SampleComparison() {
  auto comparison = Parse<v1::Comparison>(R"(
      schema_version: 1 run_id: "0b6f" started: "2026-11-30T12:00:00Z" duration_seconds: 251.6
      policy { version: 1 name: "nightly" alpha: 0.05 rounds: 12 extension_rounds: 12
               inconclusive: "exit5" budget_seconds: 300 }
      a { source: "./old/normbench-server" started_by_us: true
          server { normbench_version: "0.1.0" git_sha: "3f2c9a1b77" } }
      b { source: "10.0.0.7:8001" }
      outcome: "complete" looks: 2
      verdict: "ACCURACY" exit_code: 4
      why: "norm/rms?shape=1x4: err_scaled 4.00 -> 40.1, its bound is 28.1"
      cells { key: "service/rms?shape=1x4|a" metric: "p50" margin: 0.05 a: 0.000371 b: 0.000413
              worse: 0.112 low: 0.081 high: 0.139 rounds: 23 verdict: "REGRESSED"
              confirmation: "confirmed" floor: 0.002 floor_low: -0.009 floor_high: 0.013
              noise_sd: 0.024 detectable: 0.068 }
      cells { key: "service/rms?shape=1x4|a" metric: "samples_per_s" margin: 0.05 a: 2650 b: 2710
              worse: -0.022 low: -0.04 high: 0.001 rounds: 23 verdict: "OK" floor: -0.001
              floor_low: -0.012 floor_high: 0.01 noise_sd: 0.031 detectable: 0.075 }
      cells { key: "norm/rms?shape=1x4" metric: "p50" margin: 0.05 a: 1.21e-6 b: 1.27e-6
              worse: 0.049 low: 0.02 high: 0.08 rounds: 23 verdict: "INCONCLUSIVE"
              more_rounds: 41 }
      cells { key: "service/group?shape=1x4&g=2" metric: "p99" margin: 0.1 a: 0.001 b: inf
              worse: inf low: inf high: inf rounds: 23 verdict: "INCONCLUSIVE"
              confirmation: "not confirmed" }
      cells { key: "service/group?shape=1x4&g=2" metric: "cpu_s_per_request" margin: 0.1
              verdict: "INCONCLUSIVE" }
      accuracy { worse: "norm/rms?shape=1x4: err_scaled 4.00 -> 40.1, its bound is 28.1"
                 notes: "service/rms?shape=1x4|a: err_scaled 4.00 -> 4.10" })");
  *comparison.mutable_rounds() = RoundsOf(Steady(24, 0));
  v1::ArmVisit& visit = *comparison.mutable_rounds(0)->mutable_visits(0);
  *visit.mutable_host() = Parse<v1::HostWindow>("seconds: 2.5 steal_ratio: 0.01 load_average: 1.5");
  (*visit.mutable_cells(0)->mutable_metrics())["p99"] = kInfinity;
  *visit.mutable_cells(0)->mutable_accuracy() =
      Parse<v1::CellAccuracy>("images: 4 top1: 0.5 wrong: [1, 3] distinct_outputs: 1");
  comparison.mutable_rounds(4)->set_why_void("steal 12.5 % while B was visited, above 10 %");
  Add(Steady(8, 0.1), {.phase = "confirmation"}, comparison.mutable_rounds());
  return comparison;
}

// What a server, a file or a system may have said.
inline constexpr char kHostile[] = "a\n::error::x\r\x1b[2J <b> | `c` @d \x01 100%, e:f";

}  // namespace normbench
