// SPDX-License-Identifier: Apache-2.0
#include "bench/paper/train_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bench/data/fashion_mnist.h"
#include "bench/data/photometric.h"
#include "bench/norm/nearest.h"

namespace normbench {
namespace {

struct Flags {
  std::string preset;
  std::string out;
  std::string data = FashionMnistFolder();
  uint64_t seed = 1;
  int threads = static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, 64U));
};

std::string Description() {
  std::string text = absl::StrCat("Trains networks on ", kFashionMnistWideTitle,
                                  " and writes them into a model repository.\nPresets:\n");
  for (const Preset& preset : Presets()) {
    absl::StrAppend(&text, "  ", preset.name, ": ", preset.summary, "\n");
  }
  return text;
}

void AddFlags(CLI::App& app, Flags& flags) {
  app.add_option("--preset", flags.preset, "What to train");
  app.add_option("--out", flags.out,
                 "The model repository: models of the same name are replaced, others stay");
  app.add_option("--seed", flags.seed, "Of weights, image order and training exposures")
      ->capture_default_str();
  app.add_option("--threads", flags.threads, "Runs side by side, one thread each")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--data", flags.data, "The folder of Fashion-MNIST's four idx.gz files")
      ->capture_default_str();
  app.allow_extras();  // looked at here, because CLI11 suggests nothing
}

absl::Status UnknownFlag(const std::string& flag) {
  const std::vector<std::string> known = {"--preset",  "--out",  "--seed",
                                          "--threads", "--data", "--help"};
  return absl::InvalidArgumentError(
      UnknownWord("command line", flag.substr(0, flag.find('=')), known));
}

absl::StatusOr<TrainOptions> Check(const CLI::App& app, const Flags& flags) {
  const std::vector<std::string> extra = app.remaining();
  if (!extra.empty()) return UnknownFlag(extra[0]);
  if (flags.preset.empty() || flags.out.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(flags.preset.empty() ? "--preset" : "--out", " is missing; see --help"));
  }
  absl::StatusOr<Preset> preset = FindPreset(flags.preset);
  if (!preset.ok()) return preset.status();
  preset->recipe.seed = flags.seed;
  return TrainOptions{.preset = *std::move(preset),
                      .out = flags.out,
                      .data_folder = flags.data,
                      .threads = flags.threads,
                      .help = ""};
}

}  // namespace

absl::StatusOr<TrainOptions> ParseTrainOptions(int argc, const char* const* argv) {
  CLI::App app(Description(), "normbench-train");
  Flags flags;
  AddFlags(app, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    TrainOptions options;
    options.help = app.help();
    return options;
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(error.what());
  }
  return Check(app, flags);
}

}  // namespace normbench
