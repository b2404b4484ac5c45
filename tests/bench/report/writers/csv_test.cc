// SPDX-License-Identifier: Apache-2.0
#include "bench/report/writers/csv.h"

#include <algorithm>
#include <regex>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "tests/bench/report/writers/sample.h"

namespace normbench {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::testing::HasSubstr;

// What the row of the first case has in `column`; of texts that need no quotes.
std::string Cell(const v1::Report& report, const std::string& column) {
  const std::vector<std::string> lines = absl::StrSplit(ReportToCsv(report), "\r\n");
  const std::vector<std::string> names = absl::StrSplit(lines[0], ',');
  const std::vector<std::string> cells = absl::StrSplit(lines[1], ',');
  const auto found = std::find(names.begin(), names.end(), column);
  if (found == names.end()) return "no column " + column;
  return cells[static_cast<size_t>(found - names.begin())];
}

// The fields below `message` that are no lists: "open_loop.send_lag.p99.value".
void AddPaths(const Descriptor& message, const std::string& prefix,
              std::vector<std::string>* paths) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (field.is_repeated()) continue;
    const std::string path = prefix + field.name();
    if (field.message_type() == nullptr) {
      paths->push_back(path);
    } else {
      AddPaths(*field.message_type(), path + ".", paths);
    }
  }
}

// A report of one case that has nothing but one of two values in `path`.
v1::Report With(const std::string& path, bool first) {
  v1::Report report;
  Message* message = report.add_cases();
  const std::vector<std::string> names = absl::StrSplit(path, '.');
  for (size_t i = 0; i + 1 < names.size(); ++i) {
    message = message->GetReflection()->MutableMessage(
        message, message->GetDescriptor()->FindFieldByName(names[i]));
  }
  const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(names.back());
  const auto* reflection = message->GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      reflection->SetBool(message, field, first);
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      reflection->SetDouble(message, field, first ? 7.5 : 9.5);
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      reflection->SetInt32(message, field, first ? 7 : 9);
      break;
    default:
      reflection->SetString(message, field, first ? "this" : "that");
  }
  return report;
}

TEST(ReportToCsv, IsTheGoldenText) {
  ExpectGolden(std::string(NORMBENCH_GOLDEN) + "/report.csv", ReportToCsv(SampleReport()));
}

TEST(ReportToCsv, OfNoCasesIsTheHeader) {
  const std::string csv = ReportToCsv(v1::Report());
  EXPECT_THAT(csv, ::testing::StartsWith("run_id,started,sweep,"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1);
}

TEST(ReportToCsv, QuotesWhatWouldEndAField) {
  v1::Report report;
  report.add_cases()->set_error("a \"b\", c\nd");
  EXPECT_THAT(ReportToCsv(report), HasSubstr(",\"a \"\"b\"\", c\nd\","));
}

TEST(ReportToCsv, NumbersComeBackAsTheyWere) {
  v1::Report report;
  report.add_cases()->set_requests_per_s(0.1 + 0.2);
  EXPECT_THAT(ReportToCsv(report), HasSubstr(",0.30000000000000004,"));
}

TEST(ReportToCsv, OpenLoopsSayWhatWasOfferedAndFromWhereTheyCount) {
  v1::Report report;
  v1::CaseResult* result = report.add_cases();
  result->mutable_model()->mutable_load()->set_arrivals("poisson:200");
  result->mutable_open_loop()->set_offered_per_s(201.5);
  result->mutable_open_loop()->set_dropped(3);
  result->mutable_open_loop()->mutable_latency_sent()->mutable_p99()->set_value(0.25);
  result->mutable_open_loop()->mutable_send_lag()->mutable_p99()->set_value(0.125);
  EXPECT_EQ(Cell(report, "arrivals"), "poisson:200");
  EXPECT_EQ(Cell(report, "offered_per_s"), "201.5");
  EXPECT_EQ(Cell(report, "dropped"), "3");
  EXPECT_EQ(Cell(report, "client_limited"), "0");
  EXPECT_EQ(Cell(report, "sent_p99_seconds"), "0.25");
  EXPECT_EQ(Cell(report, "send_lag_p99_seconds"), "0.125");
}

TEST(ReportToCsv, NormsSayWhatTheyWereMeasuredOn) {
  v1::Report report;
  v1::CaseResult* result = report.add_cases();
  result->mutable_kernel()->mutable_spec()->set_trailing(1);
  result->mutable_kernel()->set_data("mean1e3");
  result->mutable_norm_accuracy()->set_misrounded(0.25);
  EXPECT_EQ(Cell(report, "trailing"), "1");
  EXPECT_EQ(Cell(report, "data"), "mean1e3");
  EXPECT_EQ(Cell(report, "misrounded"), "0.25");
}

TEST(ReportToCsv, ModelsHaveTheNormThatTheirServerNames) {
  v1::Report report;
  auto& parameters = *report.add_cases()->mutable_model()->mutable_parameters();
  parameters["norm"] = "batch";
  parameters["stats"] = "running";
  parameters["train_batch"] = "2";
  EXPECT_EQ(Cell(report, "norm"), "batch");
  EXPECT_EQ(Cell(report, "stats"), "running");
  EXPECT_EQ(Cell(report, "train_batch"), "2");
  EXPECT_EQ(Cell(report, "eps"), "");
}

// Whoever adds a field decides whether it is a column.
TEST(ReportToCsv, HasEveryNumberOfACaseButTheseOnes) {
  const std::regex left_out(
      R"(rerun|latency_ok\..*|open_loop\.(latency_sent|send_lag)\.(?!p99\.).*)"
      R"(|.*\.(n_eff|method|ci_scope|source|loop)|find_max\.(text|resolution|cut))"
      R"(|batching\.(baseline|logit_tolerance)|invariance\.norm_case\.threads|invariance_numbers\.all\.equal)"
      R"(|invariance_numbers\.(batch|threads|neighbours|alignment)\..*)"
      R"(|model_accuracy\.(images|planned_images|logit_tolerance|max_abs_logit_difference))");
  std::vector<std::string> paths;
  AddPaths(*v1::CaseResult::descriptor(), "", &paths);
  EXPECT_GT(paths.size(), 100u);
  for (const std::string& path : paths) {
    const bool is_column = ReportToCsv(With(path, true)) != ReportToCsv(With(path, false));
    EXPECT_NE(is_column, std::regex_match(path, left_out)) << path;
  }
}

TEST(ReportToCsv, InvarianceCasesSayHowManyAnswersAreEqual) {
  v1::Report report;
  v1::CaseResult* result = report.add_cases();
  result->mutable_invariance()->add_batch_sizes(1);
  result->mutable_invariance()->add_batch_sizes(33);
  v1::InvarianceNumbers* numbers = result->mutable_invariance_numbers();
  numbers->mutable_all()->set_comparisons(8);
  numbers->mutable_all()->set_equal(6);
  numbers->mutable_all()->set_max_abs(0.5);
  numbers->mutable_all()->set_max_scaled(2);
  numbers->mutable_all()->set_first_failing_n(33);
  numbers->mutable_threads()->set_comparisons(2);
  EXPECT_THAT(ReportToCsv(report), HasSubstr(",1 33,8,0.75,0.5,2,33,,0,,,"));
}

TEST(ReportToCsv, ModelsSayHowManyAnswersInBatchesAreEqual) {
  v1::Report report;
  v1::BatchingAccuracy* batching = report.add_cases()->mutable_batching();
  for (const int equal : {4, 2}) {
    v1::FormedBatch* formed = batching->add_formed();
    formed->set_answers(5);
    formed->set_compared(4);
    formed->set_equal(equal);
    formed->set_max_abs_difference(0.125);
  }
  EXPECT_EQ(Cell(report, "comparisons"), "8");
  EXPECT_EQ(Cell(report, "equal"), "0.75");
  EXPECT_EQ(Cell(report, "max_diff"), "0.125");
}

TEST(ReportToCsv, AQuantileOfFailuresIsInfinite) {
  v1::Report report;
  report.add_cases()->mutable_latency_all()->mutable_p99()->set_is_infinite(true);
  EXPECT_THAT(ReportToCsv(report), HasSubstr(",inf,"));
}

}  // namespace
}  // namespace normbench
