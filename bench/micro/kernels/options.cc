// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/options.h"

#include <CLI/CLI.hpp>
#include <map>

namespace normbench {
namespace {

constexpr int kBindingRounds = 15;
constexpr double kBindingSeconds = 2;

const std::map<std::string, Stores> kStores = {
    {"plain", Stores::kPlain}, {"streaming", Stores::kStreaming}, {"chosen", Stores::kChosen}};
const std::map<std::string, Cache> kCaches = {{"hot", Cache::kHot}, {"cold", Cache::kCold}};

void AddWhat(CLI::App& app, BenchOptions& options) {
  app.add_option("--suite", options.suites,
                 "peers, odd (sweeps in bench/sweeps), fused, or sweep files; default all three")
      ->delimiter(',');
  app.add_option("--filter", options.filter,
                 "only cases with this in their label or key; * stands for anything");
  app.add_option("--contenders", options.contenders,
                 "of reference, torch, native, copy, torch-copy; default all but torch-copy")
      ->delimiter(',')
      ->check(CLI::IsMember({"reference", "torch", "native", "copy", "torch-copy"}));
  app.add_option("--threads", options.run.threads, "default 1,2")
      ->delimiter(',')
      ->check(CLI::Range(1, 256));
  app.add_option("--cache", options.run.cache,
                 "hot (default), or cold: calls go round more than twice the last-level cache")
      ->transform(CLI::CheckedTransformer(kCaches));
  app.add_option("--stores", options.stores,
                 "of native: plain (default), streaming, chosen; each one is a contender")
      ->delimiter(',')
      ->transform(CLI::CheckedTransformer(kStores));
  app.add_option("--isa", options.isa, "of native: SSE4, AVX2, AVX512; default the best here");
}

void AddHow(CLI::App& app, BenchOptions& options) {
  app.add_option("--pairs", options.run.rounds.rounds,
                 "rounds in which every contender has a turn, 6 to 1000; default 15")
      ->check(CLI::Range(6, 1000));
  app.add_option("--seconds", options.run.rounds.seconds,
                 "of each turn; default 0.2. Verdicts on a target bind from 15 pairs of 2 s on")
      ->check(CLI::Range(0.001, 60.0));
  app.add_flag("--verify,!--no-verify", options.run.verify,
               "compare every contender with float64 before it is timed (the default)");
  app.add_flag("!--verify-only", options.run.time, "do not time anything");
  app.add_option("--target", options.target,
                 "that torch / native shall reach; exit 3 if a row misses it")
      ->check(CLI::PositiveNumber);
  app.add_option("--json", options.json, "write the results to this file, too");
  app.add_flag("--list", options.list, "print the cases and their keys, run nothing");
}

}  // namespace

bool IsBinding(const RoundsOptions& rounds) {
  return rounds.rounds >= kBindingRounds && rounds.seconds >= kBindingSeconds;
}

Parsed ParseOptions(int argc, const char* const* argv) {
  CLI::App app(
      "Times normalizations of LibTorch and of normbench's native kernel beside a copy of the same "
      "bytes, in turn, in one process.\nExit: 0; 1 could not run; 2 wrong flag, or nothing to do; "
      "3 "
      "a target missed; 4 native is off by more than its bound (LibTorch's own failures are shown, "
      "and change nothing).");
  Parsed parsed;
  AddWhat(app, parsed.options);
  AddHow(app, parsed.options);
  constexpr int kParsed = -1;
  const auto parse = [&] {
    CLI11_PARSE(app, argc, argv);
    return kParsed;
  };
  if (const int code = parse(); code != kParsed) parsed.exit = code == 0 ? 0 : 2;
  if (!parsed.options.run.time) parsed.options.run.verify = true;
  return parsed;
}

}  // namespace normbench
