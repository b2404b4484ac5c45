// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "bench/data/photometric.h"
#include "bench/report/case_table.h"

namespace normbench {
namespace {

std::string Parameter(const v1::ModelCase& model, const std::string& name) {
  const auto found = model.parameters().find(name);
  return found == model.parameters().end() ? "" : found->second;
}

std::string ShortNorm(const std::string& norm) {
  if (norm == "batch") return "BN";
  if (norm == "group") return "GN";
  if (norm == "layer") return "LN";
  if (norm == "instance") return "IN";
  return norm == "rms" ? "RMS" : norm;
}

// "BN  2", or the model's name where the server does not say how it was trained.
std::string TrainBatch(const v1::ModelCase& model) {
  const std::string norm = Parameter(model, "norm");
  if (norm.empty()) return model.model();
  return absl::StrFormat("%-3s %2s", ShortNorm(norm), Parameter(model, "train_batch"));
}

std::string Stats(const v1::ModelCase& model) {
  const std::string stats = Parameter(model, "stats");
  return stats.empty() || Parameter(model, "norm") != "batch" ? "-" : stats;
}

std::string ModelName(const v1::ModelCase& model) {
  return absl::StrCat(model.model(), model.version().empty() ? "" : ":", model.version());
}

// True if two models share what the rows say of them.
bool NeedNames(const ResultList& results) {
  std::map<std::string, std::set<std::string>> names;
  for (const v1::CaseResult* result : results) {
    const v1::ModelCase& model = result->model();
    names[absl::StrCat(TrainBatch(model), "\n", Stats(model))].insert(ModelName(model));
  }
  for (const auto& [row, models] : names) {
    if (models.size() > 1) return true;
  }
  return false;
}

std::vector<Cell> Row(const v1::CaseResult& result, const TimeUnit& unit) {
  const v1::ModelAccuracy& accuracy = result.model_accuracy();
  return {{TrainBatch(result.model()), ""},
          {Stats(result.model()), ""},
          CountCell(true, result.model().request_batch()),
          NumberCell(result.has_samples_per_s(), result.samples_per_s()),
          QuantileCell(result.latency_all().p50(), unit),
          QuantileCell(result.latency_all().p99(), unit),
          NumberCell(accuracy.has_top1(), accuracy.top1() * 100),
          CountCell(accuracy.has_flips(), accuracy.flips()),
          OutputsCell(result)};
}

// What the server measured when it loaded the model, bytes of a request of request_batch samples:
// "1=BYTES,2=BYTES". Nothing if it ran no such batch.
std::optional<double> Memory(const v1::ModelCase& model) {
  const std::string points = Parameter(model, "memory_bytes");
  const std::string batch = absl::StrCat(model.request_batch(), "=");
  for (absl::string_view point : absl::StrSplit(points, ',')) {
    double bytes = 0;
    if (absl::ConsumePrefix(&point, batch) && absl::SimpleAtod(point, &bytes)) return bytes;
  }
  return std::nullopt;
}

Cell MemoryCell(const v1::ModelCase& model) {
  const std::optional<double> bytes = Memory(model);
  return NumberCell(bytes.has_value(), bytes.value_or(0) / 1e6);
}

bool AnyMemory(const ResultList& results) {
  return std::any_of(results.begin(), results.end(),
                     [](const v1::CaseResult* r) { return Memory(r->model()).has_value(); });
}

std::vector<std::string> Caption(const v1::ModelCase& model) {
  std::vector<std::string> lines = {
      "train_batch is the paper's axis. With running statistics, and for norms that use none,",
      "a prediction does not depend on request_batch; flips: predictions that differ from"
      " those to each image alone."};
  if (model.data() == kFashionMnistWideKey) {
    lines.insert(lines.begin(), "fmnist-wide is Fashion-MNIST with photometric variation (WIDE).");
  }
  return lines;
}

// What the accuracy is over: rows of one block share it.
std::string ImagesOf(const v1::CaseResult& result) {
  const v1::ModelCase& model = result.model();
  if (model.images() > 0) return absl::StrCat("the first ", model.images(), " images");
  if (!result.has_model_accuracy()) return "all images";
  return absl::StrCat("all ", FormatCount(result.model_accuracy().planned_images()), " images");
}

}  // namespace

std::string ModelTitle(const v1::CaseResult& result) {
  const v1::ModelCase& model = result.model();
  const std::string network = Parameter(model, "network");
  const std::string loop = result.has_open_loop() ? "open"
                                                  : absl::StrCat(LoopWords(model.load()), ", ",
                                                                 model.in_flight(), " in flight");
  return absl::StrCat("model ", network.empty() ? "" : network + " ", model.data(), "   ", loop,
                      "   top-1 over ", ImagesOf(result));
}

Table ModelTable(const ResultList& results) {
  if (results.front()->has_open_loop()) return OpenTable(results);
  const TimeUnit unit = UnitOf(results);
  std::vector<Column> columns = {{"train_batch", false},
                                 {"stats", false},
                                 {"request_batch"},
                                 {"img/s"},
                                 {absl::StrCat("p50 ", unit.name, " [95% CI]")},
                                 {absl::StrCat("p99 ", unit.name, " [95% CI]")},
                                 {"top-1 %"},
                                 {"flips"},
                                 {"outputs"}};
  const bool errors = AnyErrors(results);
  const bool names = NeedNames(results);
  const bool memory = AnyMemory(results);
  if (memory) columns.push_back({"peak MB"});
  if (errors) columns.push_back({"errors"});
  if (names) columns.insert(columns.begin(), {"model", false});
  Table table(columns);
  for (const v1::CaseResult* result : results) {
    std::vector<Cell> row = Row(*result, unit);
    if (names) row.insert(row.begin(), {ModelName(result->model()), ""});
    if (memory) row.push_back(MemoryCell(result->model()));
    if (errors) row.push_back(CountCell(true, result->errors()));
    table.AddRow(std::move(row));
  }
  std::vector<std::string> caption = Caption(results.front()->model());
  if (memory) {
    caption.push_back(
        "peak MB: what LibTorch held at once for one request beside its tensors, on zeros,"
        " as the model was loaded;");
    caption.push_back("a dash: it ran no batch of that size then.");
  }
  table.SetCaption(std::move(caption));
  return table;
}

}  // namespace normbench
