// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/history/sample_history.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "server/history/history.h"

namespace normbench {
namespace {

// About what a service case of a report holds: most of it is its histogram.
v1::CaseResult SampleResult(int number) {
  v1::CaseResult result;
  result.set_key(absl::StrCat("service/group?impl=native&shape=", number + 1,
                              "x64x56x56&g=32&dtype=f32&layout=nchw&dev=cpu&in_flight=1"));
  result.set_kind("service");
  result.set_status("ok");
  for (int i = 0; i < 150; ++i) {
    v1::HistogramBucket* bucket = result.mutable_latency_ok()->add_histogram();
    bucket->set_upper_seconds(1e-4 * (i + 1));
    bucket->set_count(i);
  }
  return result;
}

absl::Status WriteRun(History& history, const SampleHistory& sample, v1::Run run) {
  v1::SubmitRequest request;
  request.mutable_sweep()->set_name(run.name());
  if (absl::Status status = history.Insert(request, run); !status.ok()) return status;
  v1::Report report;
  report.set_schema_version(1);
  report.set_run_id(run.run_id());
  for (int i = 0; i < sample.cases; ++i) report.add_cases()->set_status("skipped");
  for (int i = 0; i < sample.cases; ++i) {
    run.set_cases_done(i + 1);
    v1::RunEvent event;
    *event.mutable_case_result() = SampleResult(i);
    if (absl::Status status = history.Append(run, i, &event); !status.ok()) return status;
  }
  run.set_state("complete");
  run.set_ended(run.submitted());
  return history.Finish(run, &report);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> WriteSampleHistory(const SampleHistory& sample) {
  const auto history = History::Open(sample.file);
  if (!history.ok()) return history.status();
  std::vector<std::string> ids;
  for (int i = 0; i < sample.runs; ++i) {
    v1::Run run;
    run.set_run_id(absl::StrFormat("00000000-0000-4000-8000-%012d", i));
    run.set_state("queued");
    run.set_name(absl::StrCat("sweep", i % 7));
    if (i % 10 == 0) (*run.mutable_labels())["tenth"] = "yes";
    run.set_submitted(FormatRunTime(absl::Now() - absl::Seconds(sample.runs - 1 - i)));
    run.set_cases(sample.cases);
    if (absl::Status status = WriteRun(**history, sample, run); !status.ok()) return status;
    ids.push_back(run.run_id());
  }
  return ids;
}

}  // namespace normbench
