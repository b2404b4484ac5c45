// SPDX-License-Identifier: Apache-2.0
#include "bench/paper/publish.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/data/photometric.h"

namespace normbench {
namespace {

ModelEntry EntryOf(const TrainJob& job, const ServedAs& served, double test_error) {
  NetSpec net = job.run.net;
  net.stats = served.stats;
  ModelEntry entry = {
      .name = served.model,
      .backend = "builtin",
      .input = {.name = "image", .dims = {net.image_channels, net.image_side, net.image_side}},
      .output = {.name = "logits", .dims = {net.classes}},
      .parameters = ToParameters(net)};
  entry.parameters["train_batch"] = absl::StrCat(job.run.train_batch);
  entry.parameters["data"] = kFashionMnistWideKey;
  entry.parameters["seed"] = absl::StrCat(job.recipe.seed);
  entry.parameters["test_error"] = absl::StrFormat("%.4f", test_error);
  entry.parameters["test_draw"] = absl::StrCat(kTestDrawSeed);
  entry.parameters["test_batch"] = absl::StrCat(TestBatch(job.run, served));
  return entry;
}

ModelEntry IdentityEntry() {
  return {.name = "identity",
          .backend = "identity",
          .input = {.name = "x", .dims = {-1}},
          .output = {.name = "y", .dims = {-1}},
          .parameters = {}};
}

// Batch statistics are the one case in which an error depends on how many images go together.
std::string TestBatchText(const TrainingRun& run, const ServedAs& served) {
  const bool depends = run.net.norm == Method::kBatch && served.stats == StatsSource::kBatch;
  return depends ? absl::StrCat(TestBatch(run, served)) : "any";
}

void WriteLine(const TrainingRun& run, size_t index, const RunOutcome& outcome, std::ostream& out) {
  const ServedAs& served = run.served[index];
  const bool batch = run.net.norm == Method::kBatch;
  out << absl::StrFormat("%-23s%-9s%12d  %-8s%11s%14.2f%9.1f\n", served.model, NormName(run.net),
                         run.train_batch, batch ? std::string(Name(served.stats)) : "-",
                         TestBatchText(run, served), 100 * outcome.outcome.test_errors[index],
                         outcome.seconds);
}

}  // namespace

absl::Status PublishModels(const std::vector<TrainJob>& jobs,
                           const std::vector<RunOutcome>& outcomes, ModelStaging& staging) {
  absl::Status status = staging.Add(IdentityEntry(), "");
  for (size_t i = 0; i < jobs.size(); ++i) {
    for (size_t s = 0; s < jobs[i].run.served.size() && status.ok(); ++s) {
      status =
          staging.Add(EntryOf(jobs[i], jobs[i].run.served[s], outcomes[i].outcome.test_errors[s]),
                      jobs[i].weights_path);
    }
  }
  return status.ok() ? staging.Publish() : status;
}

void WriteErrorTable(const std::vector<TrainJob>& jobs, const std::vector<RunOutcome>& outcomes,
                     std::ostream& out) {
  out << absl::StrFormat("%-23s%-9s%12s  %-8s%11s%14s%9s\n", "model", "norm", "train_batch",
                         "stats", "test_batch", "test error %", "seconds");
  for (size_t i = 0; i < jobs.size(); ++i) {
    for (size_t s = 0; s < jobs[i].run.served.size(); ++s) {
      WriteLine(jobs[i].run, s, outcomes[i], out);
    }
  }
}

}  // namespace normbench
