// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/result_table.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/micro/kernels/judgement.h"
#include "bench/report/format.h"

namespace normbench {
namespace {

constexpr double kMicro = 1e6;

std::string Microseconds(double seconds) {
  return absl::StrFormat("%.*f", seconds < 1e-4 ? 2 : 1, seconds * kMicro);
}

std::string TimesText(const ContenderResult& row) {
  const std::string copy = row.part_of_copy ? absl::StrFormat("%.0f", *row.part_of_copy * 100) : "";
  return absl::StrFormat("%9s %9s %9s %5d %6.1f %6s", Microseconds(row.times->min),
                         Microseconds(row.times->p50), Microseconds(row.times->p90),
                         row.times->calls_per_sample, row.gigabytes_per_s, copy);
}

std::string RatioText(const ContenderResult& row) {
  if (!row.over_torch) return "";
  const PairedRatio& ratio = *row.over_torch;
  return absl::StrFormat("%6.2f [%.2f, %.2f]", ratio.ratio, ratio.low, ratio.high);
}

std::string AccuracyText(const ContenderResult& row) {
  if (!row.verification) return "";
  const Verification& seen = *row.verification;
  std::string text = absl::StrFormat("%s of %s %s", FormatNumber(seen.accuracy.err_scaled),
                                     FormatNumber(seen.bound), CorrectnessOf(row));
  if (seen.accuracy.nonfinite_mismatches > 0) absl::StrAppend(&text, ", NaN or Inf");
  if (!seen.sum_right) absl::StrAppend(&text, ", sum");
  return text;
}

std::string Line(const BenchOptions& options, const ContenderResult& row, int threads) {
  std::string line = absl::StrFormat("  %3d  %-17s", threads, row.contender);
  if (!row.not_offered.empty()) return line + " not offered: " + row.not_offered;
  const std::string times = row.times ? TimesText(row) : std::string(49, ' ');
  absl::StrAppendFormat(&line, " %s  %-21s  %-9s  %s", times, RatioText(row),
                        VerdictOf(row, options), AccuracyText(row));
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string HostLine(const Surroundings& surroundings) {
  const HostFacts& host = surroundings.host;
  return absl::StrFormat(
      "norm_bench on %s, %d CPUs, %s, last-level cache %s; LibTorch %s; %s; load %.2f\n",
      host.cpu_model, host.cpus, host.isa,
      FormatBytes(static_cast<double>(surroundings.cache_bytes)), surroundings.torch,
      surroundings.allocator, surroundings.load_before.value_or(NAN));
}

std::string TimingLines(const RunOptions& run, const Surroundings& surroundings) {
  std::string lines =
      absl::StrFormat("caches %s; %d rounds, in each a turn of %g s for every contender.\n",
                      Name(run.cache), run.rounds.rounds, run.rounds.seconds);
  if (surroundings.others.value_or(0) > kMaxOthers) {
    absl::StrAppendFormat(&lines,
                          "WARNING: %.1f other threads want the CPUs: do not trust times, "
                          "LibTorch's with 2 threads least.\n",
                          *surroundings.others);
  }
  return lines;
}

std::string Legend(const BenchOptions& options) {
  std::string legend =
      "us: per call, nearest-rank quantiles over all samples; n: calls in a sample.\n"
      "GB/s: 1e9 bytes that the definition must move (x and a residual read, y and a kept sum "
      "written), over p50.\n"
      "%copy: GB/s against the copy's, of as many threads and the same kind of stores.\n"
      "torch/it: time of torch over its time, median over pairs of turns [95 % interval].\n"
      "error: err_scaled of its bound against float64 (bench/norm/README.md). torch may FAIL, "
      "native must not.\n";
  if (options.target) {
    absl::StrAppendFormat(
        &legend, "target: torch/it >= %.2f: met by the median, missed by the whole interval%s.\n",
        *options.target, IsBinding(options.run.rounds) ? "" : " (not binding: under 15 x 2 s)");
  }
  return legend;
}

// By contender: torch over native.
std::map<std::string, std::vector<double>> RatiosOf(const std::vector<CaseResult>& results) {
  std::map<std::string, std::vector<double>> ratios;
  for (const CaseResult& result : results) {
    for (const ContenderResult& row : result.contenders) {
      if (!IsNative(row) || !row.over_torch) continue;
      ratios[absl::StrCat(row.contender, ", ", result.threads,
                          result.threads == 1 ? " thread" : " threads")]
          .push_back(row.over_torch->ratio);
    }
  }
  return ratios;
}

std::map<std::string, int> VerdictsOf(const std::vector<CaseResult>& results,
                                      const BenchOptions& options) {
  std::map<std::string, int> verdicts;
  for (const CaseResult& result : results) {
    for (const ContenderResult& row : result.contenders) {
      if (const std::string verdict = VerdictOf(row, options); !verdict.empty()) {
        ++verdicts[verdict];
      }
      if (CorrectnessOf(row) == "FAIL") ++verdicts[row.contender + " FAIL"];
      if (IsNative(row) && !row.not_offered.empty()) ++verdicts["not offered"];
    }
  }
  return verdicts;
}

}  // namespace

std::string TableHead(const BenchOptions& options, const Surroundings& surroundings) {
  std::string head = HostLine(surroundings);
  if (options.run.time) absl::StrAppend(&head, TimingLines(options.run, surroundings));
  absl::StrAppend(&head, Legend(options));
  absl::StrAppendFormat(&head, "\n  %3s  %-17s %9s %9s %9s %5s %6s %6s  %-21s  %-9s  %s\n", "thr",
                        "contender", "min us", "p50 us", "p90 us", "n", "GB/s", "%copy", "torch/it",
                        options.target ? "target" : "", "error");
  return head;
}

std::string TableRows(const BenchOptions& options, const std::vector<CaseResult>& results) {
  const BenchCase& bench_case = results.front().bench_case;
  std::string text =
      absl::StrCat(Label(bench_case), "  ",
                   FormatBytes(static_cast<double>(TensorBytes(bench_case))), " a tensor\n");
  for (const CaseResult& result : results) {
    for (const ContenderResult& row : result.contenders) {
      if (row.contender == "reference" && !row.not_offered.empty()) continue;
      absl::StrAppend(&text, Line(options, row, result.threads), "\n");
      if (&result != &results.front() || row.description.empty()) continue;
      absl::StrAppend(&text, "         = ", row.description, "\n");
    }
  }
  return text;
}

std::string TableFoot(const BenchOptions& options, const std::vector<CaseResult>& results) {
  std::string foot = "\n";
  for (const auto& [name, ratios] : RatiosOf(results)) {
    double logs = 0;
    for (const double ratio : ratios) logs += std::log(ratio);
    absl::StrAppendFormat(&foot, "torch/it, %s: geometric mean %.2f over %d rows, worst %.2f\n",
                          name, std::exp(logs / static_cast<double>(ratios.size())), ratios.size(),
                          *std::min_element(ratios.begin(), ratios.end()));
  }
  for (const auto& [verdict, rows] : VerdictsOf(results, options)) {
    absl::StrAppend(&foot, verdict, ": ", rows, rows == 1 ? " row\n" : " rows\n");
  }
  return foot;
}

}  // namespace normbench
