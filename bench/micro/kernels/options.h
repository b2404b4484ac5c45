// SPDX-License-Identifier: Apache-2.0
// The command line.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/micro/kernels/run_case.h"
#include "server/kernels/native/native_norm.h"

namespace normbench {

struct BenchOptions {
  std::vector<std::string> suites = {"peers", "odd", "fused"};
  std::string filter;  // as MatchesFilter; of labels and keys
  // Empty: all but torch-copy.
  std::vector<std::string> contenders;
  std::vector<Stores> stores = {Stores::kPlain};  // of native
  std::string isa;                                // of native; empty: the best
  std::optional<double> target;                   // that torch / native shall reach
  std::string json;                               // file to write; empty: none
  bool list = false;
  RunOptions run;
};

// Whether verdicts on a target are binding: what measurement.md in the handbook asks for.
bool IsBinding(const RoundsOptions& rounds);

// Returns the exit code instead where the program is to end: 0 behind --help, 2 for a mistake.
struct Parsed {
  BenchOptions options;
  std::optional<int> exit;
};
Parsed ParseOptions(int argc, const char* const* argv);

}  // namespace normbench
