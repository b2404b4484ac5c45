// SPDX-License-Identifier: Apache-2.0
#include "bench/report/writers/csv.h"

#include <charconv>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/report/batching_accuracy.h"
#include "bench/report/invariance_case.h"

namespace normbench {
namespace {

using Row = std::vector<std::pair<std::string, std::string>>;  // column, text

std::string Number(double value) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
}

std::string Number(bool given, double value) {
  return given ? Number(value) : "";
}

std::string Flag(bool given, bool value) {
  return given ? (value ? "1" : "0") : "";
}

// What the server says of a model, such as the norm in it.
std::string Parameter(const v1::CaseResult& result, const std::string& name) {
  const auto found = result.model().parameters().find(name);
  return found == result.model().parameters().end() ? std::string() : found->second;
}

const v1::NormCase& NormCaseOf(const v1::CaseResult& result) {
  if (result.has_service()) return result.service().norm_case();
  return result.has_invariance() ? result.invariance().norm_case() : result.kernel();
}

std::string Threads(const v1::CaseResult& result) {
  if (result.has_invariance()) return absl::StrJoin(result.invariance().threads(), " ");
  const int threads = NormCaseOf(result).threads();
  return Number(threads > 0, threads);
}

void AddNorm(const v1::CaseResult& result, Row& row) {
  const bool is_norm = result.has_kernel() || result.has_service() || result.has_invariance();
  const v1::NormCase& c = NormCaseOf(result);
  row.insert(row.end(),
             {{"norm", is_norm ? c.spec().norm() : Parameter(result, "norm")},
              {"stats", is_norm ? c.spec().stats() : Parameter(result, "stats")},
              {"groups", Number(c.spec().groups() > 0, c.spec().groups())},
              {"affine", c.spec().affine()},
              {"trailing", Number(c.spec().trailing() > 0, c.spec().trailing())},
              {"eps", Number(is_norm, c.spec().eps())},
              {"shape", absl::StrJoin(c.shape(), "x")},
              {"tensor_n", Number(!c.shape().empty(), c.shape().empty() ? 0 : c.shape(0))},
              {"impl", c.impl()},
              {"dtype", c.dtype()},
              {"layout", c.layout()},
              {"device", c.device()},
              {"cache", c.cache()},
              {"threads", Threads(result)},
              {"seed", Number(is_norm, c.seed())}});
}

void AddModel(const v1::CaseResult& result, Row& row) {
  const v1::ModelCase& c = result.model();
  row.insert(row.end(), {{"data", result.has_model() ? c.data() : NormCaseOf(result).data()},
                         {"model", c.model()},
                         {"version", c.version()},
                         {"network", Parameter(result, "network")},
                         {"train_batch", Parameter(result, "train_batch")},
                         {"labels", c.labels()},
                         {"images", Number(c.images() > 0, c.images())},
                         {"request_batch", Number(result.has_model(), c.request_batch())}});
}

void AddLoad(const v1::CaseResult& result, Row& row) {
  const bool has_load = result.has_service() || result.has_model();
  const v1::Load& load = result.has_service() ? result.service().load() : result.model().load();
  const int in_flight =
      result.has_service() ? result.service().in_flight() : result.model().in_flight();
  row.insert(row.end(),
             {{"in_flight", Number(has_load, in_flight)},
              {"channels", Number(has_load, load.channels())},
              {"arrivals", load.arrivals()},
              {"late", load.late()},
              {"deadline_seconds", Number(load.deadline_seconds() > 0, load.deadline_seconds())}});
}

void AddQuantile(const std::string& name, const v1::Quantile& quantile, Row& row) {
  row.push_back({name + "_seconds",
                 quantile.is_infinite() ? "inf" : Number(quantile.has_value(), quantile.value())});
  row.push_back({name + "_low_seconds", Number(quantile.has_low(), quantile.low())});
  row.push_back({name + "_high_seconds", Number(quantile.has_high(), quantile.high())});
}

void AddTimes(const v1::CaseResult& result, Row& row) {
  const v1::LatencySummary& all = result.latency_all();
  row.insert(
      row.end(),
      {{"visits", Number(result.visits() > 0, result.visits())},
       {"measured_seconds", Number(result.measured_seconds())},
       {"ended_by", result.ended_by()},
       {"first_call_seconds", Number(result.has_first_call_seconds(), result.first_call_seconds())},
       {"warmup_discarded", Number(result.warmup_discarded())},
       {"steady", Flag(result.has_steady(), result.steady())},
       {"requests", Number(result.requests())},
       {"errors", Number(result.errors())},
       {"requests_per_s", Number(result.has_requests_per_s(), result.requests_per_s())},
       {"samples_per_s", Number(result.has_samples_per_s(), result.samples_per_s())},
       {"latency_n", Number(all.n())}});
  AddQuantile("p50", all.p50(), row);
  AddQuantile("p90", all.p90(), row);
  AddQuantile("p99", all.p99(), row);
  AddQuantile("p999", all.p999(), row);
  row.insert(row.end(), {{"min_seconds", Number(all.has_min(), all.min())},
                         {"mean_seconds", Number(all.has_mean(), all.mean())},
                         {"max_seconds", Number(all.has_max(), all.max())}});
}

void AddKernel(const v1::CaseResult& result, Row& row) {
  const v1::KernelNumbers& kernel = result.kernel_numbers();
  row.insert(
      row.end(),
      {{"algorithmic_bytes", Number(result.has_kernel_numbers(), kernel.algorithmic_bytes())},
       {"bytes_per_second", Number(kernel.has_effective_bandwidth(), kernel.effective_bandwidth())},
       {"copy_ratio", Number(kernel.has_copy_ratio(), kernel.copy_ratio())},
       {"iterations_per_sample",
        Number(result.has_kernel_numbers(), kernel.iterations_per_sample())},
       {"time_source", kernel.time_source()}});
}

// Empty for closed loops and kernel cases.
void AddOpenLoop(const v1::CaseResult& result, Row& row) {
  const bool is_open = result.has_open_loop();
  const v1::OpenLoop& open = result.open_loop();
  row.insert(row.end(),
             {{"maximum_per_s", Number(open.has_maximum_per_s(), open.maximum_per_s())},
              {"offered", Number(is_open, open.offered())},
              {"offered_per_s", Number(open.has_offered_per_s(), open.offered_per_s())},
              {"dropped", Number(is_open, open.dropped())},
              {"waited", Number(is_open, open.waited())},
              {"sender_load", Number(open.has_sender_load(), open.sender_load())},
              {"receiver_load", Number(open.has_receiver_load(), open.receiver_load())},
              {"client_limited", Flag(is_open, open.client_limited())},
              {"goodput_per_s", Number(result.has_goodput_per_s(), result.goodput_per_s())},
              {"find_max_rate", Number(result.find_max().has_rate(), result.find_max().rate())}});
  AddQuantile("sent_p99", open.latency_sent().p99(), row);
  AddQuantile("send_lag_p99", open.send_lag().p99(), row);
}

void AddAccuracy(const v1::CaseResult& result, Row& row) {
  const bool is_norm = result.has_norm_accuracy();
  const v1::NormAccuracy& norm = result.norm_accuracy();
  const v1::ModelAccuracy& model = result.model_accuracy();
  row.insert(
      row.end(),
      {{"err_scaled", Number(is_norm, norm.err_scaled())},
       {"err_bound", Number(is_norm, norm.bound())},
       {"max_abs", Number(is_norm, norm.max_abs())},
       {"rel_l2", Number(norm.has_rel_l2(), norm.rel_l2())},
       {"nonfinite_mismatches", Number(is_norm, norm.nonfinite_mismatches())},
       {"misrounded", Number(norm.has_misrounded(), norm.misrounded())},
       {"distinct_outputs", Number(result.has_distinct_outputs(), result.distinct_outputs())},
       {"top1", Number(model.has_top1(), model.top1())},
       {"flips", Number(model.has_flips(), model.flips())},
       {"flips_beyond_tolerance",
        Number(model.has_flips_beyond_tolerance(), model.flips_beyond_tolerance())},
       {"mcnemar_p", Number(model.has_mcnemar_p(), model.mcnemar_p())}});
}

// Answers against those to each sample alone: of invariance cases, and of models whatever the
// batches that the server formed.
void AddEqual(const v1::CaseResult& result, Row& row) {
  const bool is_one = result.has_invariance_numbers();
  const v1::InvarianceTally& checked = result.invariance_numbers().all();
  const v1::FormedBatch served = AllFormed(result.batching());
  const bool given = is_one || served.compared() > 0;
  row.insert(
      row.end(),
      {{"comparisons", Number(given, is_one ? checked.comparisons() : served.compared())},
       {"equal", Number(given, is_one ? EqualShare(checked) : served.equal_share())},
       {"max_diff", Number(given, is_one ? checked.max_abs() : served.max_abs_difference())}});
}

// Empty for all but invariance cases.
void AddInvariance(const v1::CaseResult& result, Row& row) {
  const bool is_one = result.has_invariance_numbers();
  const v1::InvarianceNumbers& numbers = result.invariance_numbers();
  const v1::InvarianceTally& all = numbers.all();
  row.push_back({"batch_sizes", absl::StrJoin(result.invariance().batch_sizes(), " ")});
  AddEqual(result, row);
  row.insert(row.end(),
             {{"max_diff_scaled", Number(is_one, all.max_scaled())},
              {"first_failing_n", Number(all.has_first_failing_n(), all.first_failing_n())}});
  const auto add_cause = [&row](const char* column, const v1::InvarianceTally& tally) {
    row.emplace_back(column, Number(tally.comparisons() > 0, EqualShare(tally)));
  };
  add_cause("equal_batch", numbers.batch());
  add_cause("equal_threads", numbers.threads());
  add_cause("equal_neighbours", numbers.neighbours());
  add_cause("equal_alignment", numbers.alignment());
}

void AddVerdict(const v1::CaseResult& result, Row& row) {
  int missed = 0;
  for (const v1::Expectation& expectation : result.expectations()) missed += !expectation.holds();
  row.insert(row.end(), {{"expectations", Number(result.expectations_size())},
                         {"expectations_missed", Number(missed)},
                         {"warnings", absl::StrJoin(result.warnings(), " ")}});
}

Row RowOf(const v1::Report& report, const v1::CaseResult& result) {
  Row row = {{"run_id", report.run_id()},
             {"started", report.started()},
             {"sweep", report.sweep().name()},
             {"server_version", report.server().normbench_version()},
             {"server_sha", report.server().git_sha()},
             {"key", result.key()},
             {"kind", result.kind()},
             {"status", result.status()},
             {"error_code", result.error_code()},
             {"error", result.error()}};
  AddNorm(result, row);
  AddModel(result, row);
  AddLoad(result, row);
  AddTimes(result, row);
  AddKernel(result, row);
  AddOpenLoop(result, row);
  AddAccuracy(result, row);
  AddInvariance(result, row);
  AddVerdict(result, row);
  return row;
}

// Quoted where the text would end its field otherwise.
std::string Field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

std::string ReportToCsv(const v1::Report& report) {
  const auto column = [](std::string* out, const auto& cell) { out->append(cell.first); };
  const auto field = [](std::string* out, const auto& cell) { out->append(Field(cell.second)); };
  std::string csv = absl::StrCat(
      absl::StrJoin(RowOf(report, v1::CaseResult::default_instance()), ",", column), "\r\n");
  for (const v1::CaseResult& result : report.cases()) {
    absl::StrAppend(&csv, absl::StrJoin(RowOf(report, result), ",", field), "\r\n");
  }
  return csv;
}

}  // namespace normbench
