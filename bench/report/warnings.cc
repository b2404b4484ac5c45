// SPDX-License-Identifier: Apache-2.0
#include "bench/report/warnings.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bench/report/format.h"

namespace normbench {
namespace {

constexpr size_t kLineWidth = 100;
constexpr double kMuchSteal = 0.02;
constexpr double kMuchLoad = 0.7;  // of the CPUs

constexpr std::array kTable = {
    WarningText{warning::kNotSteady, "not_steady",
                "throughput did not settle in the first half: nothing was discarded as warm-up; "
                "measure longer",
                "Measure longer (seconds, warmup_seconds in the sweep), or look for what changes "
                "while it runs: clocks, other load, a cache that fills."},
    WarningText{warning::kFewSamples, "few_samples",
                "too few independent samples for the tail: p90 (kernel cases) needs 36, p99 368; "
                "measure longer",
                "Measure longer, or expect less of the tail: a quantile with too few samples is a "
                "dash, not a guess; [-] behind one: no interval, slow requests came together."},
    WarningText{warning::kSteal, "steal",
                "the hypervisor gave CPU time to others while this was measured",
                "Repeat on a quieter or a dedicated machine, and compare only runs that lost about "
                "equally little CPU time."},
    WarningText{warning::kCoLocated, "co_located",
                "client and server share this machine and take CPU time from each other",
                "Put the client on another machine, or pin both to CPUs of their own; numbers of "
                "one machine compare with each other only."},
    WarningText{warning::kLoaded, "loaded", "the machine was busy before the run began",
                "Wait until the machine is idle and repeat: conditions.runnable in the report says "
                "how many threads wanted a CPU."},
    WarningText{warning::kFromHistogram, "from_histogram",
                "more requests than raw samples are kept for: quantiles have three digits, warm-up "
                "included",
                "Nothing, as a rule. For exact quantiles measure for a shorter time."},
    WarningText{warning::kCopiesOutput, "copies_output",
                "the library writes to memory of its own; copying it out is in the time",
                "Nothing to mend: compare with other rows of the same implementation, or with one "
                "that writes in place."},
    WarningText{warning::kConvertsLayout, "converts_layout",
                "the library answers in another layout; converting it back is in the time",
                "Ask for the layout that the library answers in, if your model can use it; else "
                "the conversion is a real cost of yours, too."},
    WarningText{warning::kOverBound, "over_bound",
                "the error is above the bound derived for this norm, data and length",
                "Treat the answer as wrong until it is explained: rerun the case by its key, "
                "compare --impl reference, and look at the data's mean / std."},
    WarningText{warning::kNonfinite, "nonfinite",
                "NaN or Inf where the reference has none, or the reverse",
                "Treat the answer as wrong: look for overflow in half precision, eps of 0 and "
                "constant groups."},
    WarningText{warning::kOutputsDiffer, "outputs_differ",
                "the same input did not always give the same bits",
                "Expect no bit-equal answers of this implementation; batch size, threads or "
                "neighbours may change them. Compare with tolerances."},
    WarningText{warning::kFlips, "flips",
                "predictions differ from those to each image alone by more than rounding: the "
                "answer depends "
                "on the batch",
                "Serve batch norm with running statistics, or a norm that does not look at other "
                "samples (group, layer, instance, rms)."},
    WarningText{warning::kNotCompared, "not_compared",
                "more distinct answers than are kept: some were not compared",
                "See NB122 first: an implementation with so many different answers to one input is "
                "seldom right. Fewer in_flight lessen the number."},
    WarningText{warning::kNotInvariant, "not_invariant",
                "the bits of a sample's answer depend on the batch it rides in",
                "See in which of batch, threads, neighbours and alignment the case has unequal "
                "answers. Keep that one fixed where answers have to be repeatable, take another "
                "implementation or layout, or compare with tolerances."},
    WarningText{warning::kErrors, "errors", "some requests failed; they count as infinitely slow",
                "Read error_codes and error of the case: RESOURCE_EXHAUSTED or UNAVAILABLE mean "
                "that the server refuses at this load."},
    WarningText{warning::kPartial, "partial", "the case ended before its budget",
                "Repeat the case; what is reported is of the time until then."},
    WarningText{warning::kClientLimited, "client_limited",
                "the client could not keep the schedule: requests were sent late, or one of its "
                "threads used more than 0.8 of a core",
                "Lower the rate, or give the client more CPU: another machine, fewer other "
                "programs. The latencies are the client's own, in part."},
    WarningText{warning::kWaited, "waited",
                "requests were sent late because in_flight others were under way",
                "Raise in_flight if the server should see every request on time; latencies from "
                "the scheduled send have the wait in them."},
    WarningText{warning::kDropped, "dropped",
                "requests were not sent because in_flight others were under way; they count as "
                "infinitely slow",
                "Raise in_flight, lower the rate, or send late instead of dropping (late: send)."},
    WarningText{warning::kOtherTraffic, "other_traffic",
                "other clients had work done on the server during the run",
                "Submit with --other-traffic refuse, so that the server turns others away while "
                "the run lasts, or repeat when it is idle: conditions.other_requests in the "
                "report says how many requests there were."},
};

// Words of `text` behind `head`, in lines of at most kLineWidth; the later ones are indented.
std::string Paragraph(std::string_view head, std::string_view text) {
  std::string lines, line(head);
  for (const absl::string_view word : absl::StrSplit(std::string(text), ' ')) {
    if (line.size() + word.size() > kLineWidth) {
      lines += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
      line = std::string(head.size(), ' ');
    }
    absl::StrAppend(&line, word, " ");
  }
  return lines + line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

void AddRunWarning(std::string_view code, const std::string& detail, v1::Report* report) {
  v1::Warning* added = report->add_warnings();
  added->set_code(std::string(code));
  added->set_text(absl::StrCat(std::string(DescribeWarning(code).text), detail));
}

void CollectRunWarnings(v1::Report* report) {
  const v1::HostConditions& host = report->conditions();
  if (host.steal_ratio() > kMuchSteal) {
    AddRunWarning(warning::kSteal, absl::StrCat(": ", FormatNumber(host.steal_ratio() * 100), " %"),
                  report);
  }
  if (host.co_located()) AddRunWarning(warning::kCoLocated, "", report);
  if (host.runnable() > kMuchLoad * report->client().cpus() && report->client().cpus() > 0) {
    AddRunWarning(warning::kLoaded,
                  absl::StrCat(": ", FormatNumber(host.runnable()), " threads wanted a CPU"),
                  report);
  }
  if (host.other_requests() > 0) {
    AddRunWarning(warning::kOtherTraffic,
                  absl::StrCat(": ", FormatCount(host.other_requests()),
                               host.other_requests() == 1 ? " request" : " requests"),
                  report);
  }
}

}  // namespace

std::span<const WarningText> AllWarnings() {
  return kTable;
}

WarningText DescribeWarning(std::string_view code) {
  for (const WarningText& row : kTable) {
    if (row.code == code) return row;
  }
  return {code, "", ""};
}

void CollectWarnings(v1::Report* report) {
  report->clear_warnings();
  CollectRunWarnings(report);
  for (const v1::CaseResult& result : report->cases()) {
    for (const std::string& code : result.warnings()) {
      v1::Warning* added = report->add_warnings();
      added->set_code(code);
      added->set_text(std::string(DescribeWarning(code).text));
      added->set_case_key(result.key());
    }
  }
}

std::map<std::string, int> CountWarnings(const v1::Report& report) {
  std::map<std::string, int> cases;
  for (const v1::Warning& warning : report.warnings()) {
    cases[warning.code()] += warning.case_key().empty() ? 0 : 1;
  }
  return cases;
}

std::string ExplainWarning(const WarningText& warning) {
  return absl::StrCat(std::string(warning.code), " ", std::string(warning.name), "\n",
                      Paragraph("means  ", warning.text), Paragraph("do     ", warning.advice));
}

}  // namespace normbench
