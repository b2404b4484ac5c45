// SPDX-License-Identifier: Apache-2.0
// normbench-train: trains the networks of a preset and writes them into a model repository.
// Exit codes: 0 done, 1 data, files or LibTorch, 2 command line, 130 interrupted.
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <iostream>

#include "bench/data/photometric.h"
#include "bench/paper/publish.h"
#include "bench/paper/stop_signals.h"
#include "bench/paper/train_all.h"
#include "bench/paper/train_options.h"

namespace normbench {
namespace {

int Fail(const absl::Status& status, int code) {
  std::cerr << "normbench-train: " << status.message() << std::endl;
  return code;
}

int ExitCode(const absl::Status& status) {
  return absl::IsCancelled(status) ? 130 : 1;
}

double Now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::vector<TrainJob> JobsOf(const Preset& preset, const ModelStaging& staging) {
  std::vector<TrainJob> jobs;
  for (const TrainingRun& run : preset.runs) {
    jobs.push_back({.recipe = preset.recipe,
                    .run = run,
                    .weights_path = staging.Scratch(run.served[0].model + ".pt")});
  }
  return jobs;
}

void Watch(TrainAll& training, int threads, const StopSignals& signals) {
  ProgressPrinter printer(std::cout, isatty(STDOUT_FILENO) == 1);
  while (!training.finished()) {
    if (signals.Wait(std::chrono::milliseconds(100))) training.Stop();
    printer.Show(ProgressText(training.progress(), threads), Now());
  }
  printer.Finish();
}

absl::Status Run(const TrainOptions& options, const StopSignals& signals) {
  const double start = Now();
  const Preset& preset = options.preset;
  const absl::StatusOr<TrainingData> data =
      LoadTrainingData(options.data_folder, preset.recipe.test_images);
  if (!data.ok()) return data.status();
  absl::StatusOr<ModelStaging> staging = ModelStaging::Open(options.out);
  if (!staging.ok()) return staging.status();
  std::cout << "data   " << kFashionMnistWideTitle << ", " << preset.recipe.train_images
            << " training images, " << preset.recipe.test_images << " test images, seed "
            << preset.recipe.seed << std::endl;

  const std::vector<TrainJob> jobs = JobsOf(preset, *staging);
  TrainAll training(jobs, *data, options.threads);
  Watch(training, options.threads, signals);
  const absl::StatusOr<std::vector<RunOutcome>> outcomes = training.Join();
  if (!outcomes.ok()) return outcomes.status();
  const absl::Status status = PublishModels(jobs, *outcomes, *staging);
  if (!status.ok()) return status;

  WriteErrorTable(jobs, *outcomes, std::cout);
  std::cout << "wrote  " << options.out << " in " << std::llround(Now() - start) << " s"
            << std::endl;
  return absl::OkStatus();
}

int Main(int argc, const char* const* argv) {
  const StopSignals signals;
  const absl::StatusOr<TrainOptions> options = ParseTrainOptions(argc, argv);
  if (!options.ok()) return Fail(options.status(), 2);
  if (!options->help.empty()) {
    std::cout << options->help;
    return 0;
  }
  const absl::Status status = Run(*options, signals);
  return status.ok() ? 0 : Fail(status, ExitCode(status));
}

}  // namespace
}  // namespace normbench

int main(int argc, char** argv) {
  return normbench::Main(argc, argv);
}
