// SPDX-License-Identifier: Apache-2.0
// gate_study: how often the gate is right, simulated and real. Resumable: what --out has is not
// done again.
#include <CLI/CLI.hpp>

#include "bench/gate/study/real.h"
#include "bench/gate/study/simulated.h"

namespace normbench {
namespace {

constexpr int kMostGates = 900'000;

CLI::App* AddSimulated(CLI::App& app, SimulatedStudyOptions* options) {
  CLI::App* simulated = app.add_subcommand("simulated", "Gates of simulated rounds");
  simulated->add_option("--gates", options->gates, "of each noise level and effect (default 2000)")
      ->check(CLI::Range(1, kMostGates));
  simulated->add_option("--policy", options->policy_file,
                        "instead of four cells and every default");
  simulated->add_option("--noise", options->noise, "only this level: quiet, noisy, bad")
      ->check(CLI::IsMember({"quiet", "noisy", "bad"}));
  simulated->add_flag(
      "--common", options->common,
      "noise is of the visit to a cell and common to its metrics (default: of each)");
  simulated->add_option("--out", options->out, "verdicts as JSON lines");
  return simulated;
}

CLI::App* AddReal(CLI::App& app, RealStudyOptions* options) {
  CLI::App* real = app.add_subcommand("real", "Comparisons of a server with itself, here");
  real->add_option("--client", options->client, "normbench")->required();
  real->add_option("--server", options->server, "normbench-server, with flags")->required();
  real->add_option("--policy", options->policy_file, "POLICY.json")->required();
  real->add_option("--out", options->out, "verdicts as JSON lines")->required();
  real->add_option("--gates", options->gates, "of this effect (default 100)")
      ->check(CLI::Range(1, kMostGates));
  real->add_option("--effect", options->effect, "B computes longer by this share (default 0)")
      ->check(CLI::Range(0.0, 10.0));
  real->add_option("--load", options->load, "share of one processor taken meanwhile (default 0)")
      ->check(CLI::Range(0.0, 1.0));
  return real;
}

int Main(int argc, char** argv) {
  CLI::App app("How often the gate is right: many gates, and the shares of their verdicts.");
  app.require_subcommand(1);
  SimulatedStudyOptions simulated;
  RealStudyOptions real;
  const CLI::App* is_simulated = AddSimulated(app, &simulated);
  AddReal(app, &real);
  constexpr int kParsed = -1;
  const auto parse = [&] {
    CLI11_PARSE(app, argc, argv);
    return kParsed;
  };
  if (const int code = parse(); code != kParsed) return code == 0 ? 0 : 2;
  return is_simulated->parsed() ? SimulatedStudy(simulated) : RealStudy(real);
}

}  // namespace
}  // namespace normbench

int main(int argc, char** argv) {
  return normbench::Main(argc, argv);
}
