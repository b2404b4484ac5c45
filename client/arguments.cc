// SPDX-License-Identifier: Apache-2.0
#include "client/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "bench/norm/nearest.h"
#include "bench/report/exit_code.h"
#include "bench/report/version.h"
#include "bench/report/visits.h"
#include "client/arguments_doctor.h"
#include "client/report_files.h"

namespace normbench {
namespace {

constexpr char kAbout[] =
    "Measures normalization methods and models that use them: latency, throughput, accuracy.";

constexpr char kExamples[] = R"(Examples:
  normbench run bench/sweeps/smoke.json
  normbench run bench/sweeps/quickstart.json --server 127.0.0.1:8001 --out results
  normbench run bench/sweeps/smoke.json --dry-run
  normbench run norm group --shape 64x56x56 --n 1,8,64
  normbench run 'norm/group?impl=torch&shape=8x64x56x56&g=32'
  normbench run 'invariance/group?impl=torch&shape=1x64x56x56&layout=nhwc'
  normbench run --target 127.0.0.1:8001 --model m --input-data x.npy --labels y.npy --request-batch 1,8
  normbench run bench/sweeps/smoke.json --remote
  normbench history --state complete --count 5
  normbench report results --format md
  normbench explain NB104
  normbench doctor

Exit codes: 0 ok, 1 transport or internal, 2 usage or configuration, 3 expectation missed,
4 accuracy failure, 5 unstable host, 6 the client limited a required schedule, 130 interrupted.
)";

constexpr char kNormExamples[] = R"(A LIST is A,B,C: one case for each combination. Examples:
  normbench run norm group --shape 64x56x56 --n 1,8,64
  normbench run norm batch --stats batch --shape 64x56x56 --n 8 --impl torch,reference
  normbench run norm layer --affine element --shape 768 --n 64 --expect 'err_scaled<=bound'
)";

// Where CLI11 puts the values: plain types, turned into messages after parsing.
struct Values {
  RunArguments run;
  SchemaArguments schema;
  ReportArguments report;
  ExplainArguments explain;
  CompareArguments compare;
  GateArguments gate;
  SelftestArguments selftest;
  DoctorArguments doctor;
  std::string method;
  std::vector<std::string> shape, stats, affine, impl, device, expect;
  std::vector<std::string> dtype, layout, data, cache;
  std::vector<int> n, groups, trailing, threads;
  double eps = 0;
  double seconds = 0;
  std::string model, input_data, labels;
  std::vector<int> request_batch, in_flight;
  bool remote = false;
  SubmitOptions submit;
  RemoteValues verbs;
};

template <typename T>
CLI::Option* AddList(CLI::App* app, const std::string& name, T* values, const std::string& about) {
  // Without this a list would swallow the words that follow it.
  return app->add_option(name, *values, about)
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("LIST");
}

void AddNorm(CLI::App* run, Values* values) {
  CLI::App* norm =
      run->add_subcommand("norm", "One kernel case for each combination, without a file");
  norm->fallthrough();
  norm->footer(kNormExamples);
  norm->add_option("method", values->method, "batch, layer, instance, group or rms")->required();
  AddList(norm, "--shape", &values->shape, "Without N: 64x56x56 or 768")->required();
  AddList(norm, "--n", &values->n, "Batch sizes of the tensor (default 1)");
  AddList(norm, "--groups", &values->groups, "Group norm only (default 32)");
  AddList(norm, "--stats", &values->stats, "Batch norm only: running (default), batch, folded");
  AddList(norm, "--affine", &values->affine, "channel (default), element, none");
  AddList(norm, "--trailing", &values->trailing,
          "Layer and RMS norm only: the last so many dimensions (default all but N)");
  AddList(norm, "--dtype", &values->dtype, "f32 (default), f16, bf16");
  AddList(norm, "--layout", &values->layout, "nchw (default), nhwc");
  AddList(norm, "--data", &values->data,
          "normal (default), uniform, mean1e1 .. mean1e5, outlier, constant");
  AddList(norm, "--cache", &values->cache, "hot (default), cold");
  AddList(norm, "--threads", &values->threads, "Intra-op (default 1)");
  AddList(norm, "--impl", &values->impl, "auto (default), native, torch, reference");
  AddList(norm, "--device", &values->device, "cpu, cuda:0 (default: the server's own)");
  norm->add_option("--eps", values->eps, "Default 1e-5");
  norm->add_option("--seconds", values->seconds, "Of measuring, each case (default 0.5)");
  AddList(norm, "--expect", &values->expect, "For example 'p50<2ms','err_scaled<=bound'");
}

void AddRun(CLI::App* app, Values* values) {
  CLI::App* run = app->add_subcommand("run", "Measure the cases of a sweep against a server");
  run->footer(kExamples);
  run->add_option("source", values->run.source, "SWEEP.json or a case key");
  run->add_option("--server,--target", values->run.server, "host:port (default 127.0.0.1:8001)");
  run->add_option("--out", values->run.out,
                  "Folder for report.json and its other forms (default normbench-results/...)");
  run->add_option("--filter", values->run.filter,
                  "Only cases whose key contains this; * for anything");
  run->add_flag("--dry-run", values->run.dry_run, "Print plan and cases, measure nothing");
  run->add_option("--connect-timeout", values->run.connect_timeout_seconds,
                  "Seconds to wait for the server (default 10)")
      ->check(CLI::Range(0.0, 86400.0));
  run->add_option("--visits", values->run.visits,
                  "Times each case is visited, sharing out its seconds, so that intervals hold for "
                  "the next run, too (default: what the sweep says, or 1)")
      ->check(CLI::Range(1, kMaxVisits));
  run->add_option("--find-max", values->run.find_max,
                  "Of one service or model case: the highest rate under, for example, 'p99<20ms'");
  run->add_option("--max-time", values->run.max_time_seconds,
                  "Seconds; a plan that takes longer is refused before measuring, a rate search "
                  "tries none after")
      ->check(CLI::Range(1.0, 1e7));
  run->add_option("--model", values->model, "A model of any KServe V2 server");
  run->add_option("--input-data", values->input_data, "Its input: x.npy, float32, images first");
  run->add_option("--labels", values->labels, "y.npy, integers, for top-1");
  AddList(run, "--request-batch", &values->request_batch, "Images in a request (default 1)");
  AddList(
      run, "--in-flight", &values->in_flight,
      "Requests under way (default 8); where the server joins them, answers are compared by batch");
  run->add_flag("--remote", values->remote,
                "The server executes it by itself and keeps the results; followed from here");
  AddSubmitOptions(run, &values->submit);
  AddNorm(run, values);
}

// The verbs that need no server.
void AddOffline(CLI::App* app, Values* values) {
  CLI::App* report = app->add_subcommand("report", "Print a kept report in another form");
  report->add_option("path", values->report.path, "report.json, or the folder of a run")
      ->required();
  const std::vector<std::string> formats(std::begin(kFormats), std::end(kFormats));
  report
      ->add_option("--format", values->report.format,
                   absl::StrCat(absl::StrJoin(formats, ", "), " (default table)"))
      ->check(CLI::IsMember(formats));
  CLI::App* explain =
      app->add_subcommand("explain", "Say what a warning code means and what to do about it");
  explain->add_option("code", values->explain.code, "NB104 or co_located (default: list all)");
  CLI::App* schema = app->add_subcommand("schema", "Print a JSON Schema");
  schema->add_option("name", values->schema.name, "report, sweep, policy or comparison")
      ->required()
      ->check(CLI::IsMember({"report", "sweep", "policy", "comparison"}));
}

void AddMetrics(CLI::App* run, MetricsArguments* metrics) {
  run->add_option("--metrics-port", metrics->port,
                  "Live metrics on 127.0.0.1:PORT/metrics while the run lasts; 0 takes a free one")
      ->check(CLI::Range(0, 65535));
  run->add_option("--textfile", metrics->textfile,
                  "Results as PATH.prom for node_exporter, when the run has ended");
  run->add_option("--pushgateway", metrics->pushgateway,
                  "Results to [http[s]://]HOST[:PORT], one group for each sweep");
}

template <typename T, typename Field>
void CopyTo(const std::vector<T>& values, Field* field) {
  field->Assign(values.begin(), values.end());
}

v1::KernelSweep NormOf(const CLI::App& norm, const Values& values) {
  v1::KernelSweep sweep;
  sweep.add_norm(values.method);
  CopyTo(values.stats, sweep.mutable_stats());
  CopyTo(values.groups, sweep.mutable_groups());
  CopyTo(values.affine, sweep.mutable_affine());
  CopyTo(values.shape, sweep.mutable_shape());
  CopyTo(values.n, sweep.mutable_tensor_n());
  CopyTo(values.trailing, sweep.mutable_trailing());
  CopyTo(values.dtype, sweep.mutable_dtype());
  CopyTo(values.layout, sweep.mutable_layout());
  CopyTo(values.data, sweep.mutable_data());
  CopyTo(values.cache, sweep.mutable_cache());
  CopyTo(values.threads, sweep.mutable_threads());
  CopyTo(values.impl, sweep.mutable_impl());
  CopyTo(values.device, sweep.mutable_device());
  CopyTo(values.expect, sweep.mutable_expect());
  if (norm.count("--eps") > 0) sweep.set_eps(values.eps);
  sweep.set_seconds(values.seconds);
  return sweep;
}

v1::ModelSweep ModelOf(const Values& values) {
  v1::ModelSweep sweep;
  sweep.add_model(values.model);
  sweep.set_input_data(values.input_data);
  sweep.set_labels(values.labels);
  CopyTo(values.request_batch, sweep.mutable_request_batch());
  CopyTo(values.in_flight, sweep.mutable_in_flight());
  return sweep;
}

// Of the innermost verb that was named, with the words before it in the usage line.
std::string HelpOf(const CLI::App* app) {
  std::string before;
  while (!app->get_subcommands().empty()) {
    before = absl::StrCat(before, before.empty() ? "" : " ", app->get_name());
    app = app->get_subcommands().back();
  }
  return app->help(before);
}

Arguments UsageError(const std::string& text) {
  return {.run = {},
          .schema = {},
          .exit_code = static_cast<int>(ExitCode::kUsage),
          .text = absl::StrCat("normbench: ", text, "\n(normbench --help lists what there is)\n")};
}

// Names of the flags and verbs that are allowed where the parser was: an app and those around it.
std::vector<std::string> AllowedWords(const CLI::App* app, bool flags) {
  std::vector<std::string> words;
  for (; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        if (flags) words.push_back("--" + name);
      }
    }
    for (const CLI::App* verb : app->get_subcommands([](const CLI::App*) { return true; })) {
      if (!flags) words.push_back(verb->get_name());
    }
  }
  return words;
}

std::string DescribeUnknown(const CLI::App& app) {
  const CLI::App* innermost = &app;
  while (!innermost->get_subcommands().empty()) innermost = innermost->get_subcommands().back();
  const std::vector<std::string> left = app.remaining(/*recurse=*/true);
  // A word that belongs to an unknown flag is left over, too: the flag explains it.
  const auto flag = std::find_if(left.begin(), left.end(),
                                 [](const std::string& word) { return word.starts_with("-"); });
  const bool is_flag = flag != left.end();
  const std::string word = is_flag ? flag->substr(0, flag->find('=')) : left.empty() ? "" : left[0];
  const std::string nearest = Nearest(word, AllowedWords(innermost, is_flag));
  return absl::StrCat(is_flag ? "unknown flag " : "unexpected word ", word,
                      nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?"));
}

// What is wrong with a command line that CLI11 accepts; empty: nothing.
std::string Problem(const CLI::App& run, const Values& values) {
  const int ways = (run.got_subcommand("norm") ? 1 : 0) + (values.run.source.empty() ? 0 : 1) +
                   (values.model.empty() ? 0 : 1);
  if (ways == 0) {
    return "nothing to run: name a SWEEP.json, a case key, `norm METHOD` or --model with "
           "--input-data";
  }
  if (ways > 1)
    return "one thing at a time: a SWEEP.json or case key, or `norm METHOD`, or --model";
  if (!values.model.empty() && values.input_data.empty()) {
    return "--model needs --input-data x.npy (a sweep can name built-in data)";
  }
  for (const char* flag : {"--input-data", "--labels", "--request-batch", "--in-flight"}) {
    if (values.model.empty() && run.count(flag) > 0) return absl::StrCat(flag, " needs --model");
  }
  for (const char* flag : {"--key", "--other-traffic", "--label"}) {
    if (!values.remote && run.count(flag) > 0) return absl::StrCat(flag, " needs --remote");
  }
  if (values.remote && !values.run.find_max.empty()) return "--find-max: not with --remote";
  return "";
}

Arguments Collect(const CLI::App& app, const Values& values) {
  Arguments arguments;
  if (app.got_subcommand("schema")) arguments.schema = values.schema;
  if (app.got_subcommand("report")) arguments.report = values.report;
  if (app.got_subcommand("explain")) arguments.explain = values.explain;
  if (app.got_subcommand("compare")) arguments.compare = values.compare;
  if (app.got_subcommand("gate")) {
    const CLI::App& gate = *app.get_subcommand("gate");
    if (const std::string problem = ProblemOf(gate, values.gate); !problem.empty()) {
      return UsageError(problem);
    }
    if (gate.got_subcommand("selftest")) {
      arguments.selftest = values.selftest;
    } else {
      arguments.gate = values.gate;
    }
  }
  if (app.got_subcommand("doctor")) arguments.doctor = values.doctor;
  arguments.remote = CollectRemote(app, values.verbs);
  if (!app.got_subcommand("run")) return arguments;
  const CLI::App& run = *app.get_subcommand("run");
  if (const std::string problem = Problem(run, values); !problem.empty())
    return UsageError(problem);
  arguments.run = values.run;
  if (run.got_subcommand("norm")) arguments.run->norm = NormOf(*run.get_subcommand("norm"), values);
  if (!values.model.empty()) arguments.run->model = ModelOf(values);
  if (values.remote) arguments.run->remote = values.submit;
  return arguments;
}

}  // namespace

Arguments ParseArguments(const std::vector<std::string>& words) {
  Values values;
  CLI::App app(kAbout, "normbench");
  app.footer(kExamples);
  app.require_subcommand(1);
  app.set_version_flag("--version", absl::StrCat("normbench ", std::string(Version()), " (",
                                                 std::string(GitSha()), ")"));
  AddRun(&app, &values);
  AddMetrics(app.get_subcommand("run"), &values.run.metrics);
  AddCompare(&app, &values.compare);
  AddGate(&app, &values.gate, &values.selftest);
  AddRemoteVerbs(&app, &values.verbs);
  AddOffline(&app, &values);
  AddDoctor(&app, &values.doctor);
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::CallForHelp&) {
    return {.run = {}, .schema = {}, .exit_code = 0, .text = HelpOf(&app)};
  } catch (const CLI::CallForVersion& version) {
    return {.run = {}, .schema = {}, .exit_code = 0, .text = absl::StrCat(version.what(), "\n")};
  } catch (const CLI::ExtrasError&) {
    return UsageError(DescribeUnknown(app));
  } catch (const CLI::RequiredError& error) {
    // A misspelt verb reads to CLI11 as a missing one.
    if (!app.remaining(true).empty()) return UsageError(DescribeUnknown(app));
    return UsageError(error.what());
  } catch (const CLI::ParseError& error) {
    return UsageError(error.what());
  }
  return Collect(app, values);
}

}  // namespace normbench
