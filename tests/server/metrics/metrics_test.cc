// SPDX-License-Identifier: Apache-2.0
#include "server/metrics/metrics.h"

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"
#include "tests/metrics_table.h"

namespace normbench {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class MetricsTest : public ::testing::Test {
 protected:
  std::string Scrape() {
    return prometheus::TextSerializer().Serialize(metrics_.registry().Collect());
  }

  // Lines of the scrape that start with `prefix`.
  std::vector<std::string> Lines(const std::string& prefix) {
    std::vector<std::string> found;
    std::istringstream text(Scrape());
    for (std::string line; std::getline(text, line);) {
      if (line.rfind(prefix, 0) == 0) found.push_back(line);
    }
    return found;
  }

  // The value of le in each of `lines`.
  static std::vector<std::string> Edges(const std::vector<std::string>& lines) {
    std::vector<std::string> edges;
    for (const std::string& line : lines) {
      const size_t at = line.find("le=\"") + 4;
      edges.push_back(line.substr(at, line.find('"', at) - at));
    }
    return edges;
  }

  ServerMetrics metrics_{{.rpcs = {"Normalize", "ModelInfer"},
                          .impls = {"torch", "reference"},
                          .devices = {"cpu", "cuda:0"},
                          .version = "1.2.3",
                          .sha = "abcdef",
                          .torch = "2.15.0"}};
};

TEST_F(MetricsTest, ReadmeTableIsWhatIsScraped) {
  metrics_.model("plain6_gn", 1);
  metrics_.model_loads("plain6_gn", true);
  metrics_.RunSucceeded("smoke", 1);
  std::ifstream file(NORMBENCH_SERVER_README);
  std::stringstream readme;
  readme << file.rdbuf();
  const std::string table = MarkdownTable(Scrape());
  EXPECT_THAT(readme.str(), HasSubstr("<!-- metrics -->\n" + table + "<!-- end of metrics -->"))
      << "put this table between the two marks of server/README.md:\n"
      << table;
}

TEST_F(MetricsTest, TellsTheLastSuccessOfSoManySweeps) {
  for (size_t i = 0; i <= kMaxSweeps; ++i) metrics_.RunSucceeded("sweep" + std::to_string(i), 1);
  metrics_.RunSucceeded("sweep0", 7);
  const auto lines = Lines("normbench_run_last_success_timestamp_seconds{");
  EXPECT_EQ(lines.size(), kMaxSweeps);
  EXPECT_THAT(lines, Contains("normbench_run_last_success_timestamp_seconds{sweep=\"sweep0\"} 7"));
}

TEST_F(MetricsTest, RequestBuckets) {
  const auto edges =
      Edges(Lines("normbench_server_request_duration_seconds_bucket{rpc=\"Normalize\""));
  EXPECT_THAT(
      edges, ElementsAre("2.5e-05", "3.54e-05", "5e-05", "7.07e-05", "0.0001", "0.000141", "0.0002",
                         "0.000283", "0.0004", "0.000566", "0.0008", "0.00113", "0.0016", "0.00226",
                         "0.0032", "0.00453", "0.0064", "0.009050000000000001", "0.0128", "0.0181",
                         "0.0256", "0.0362", "0.0512", "0.07240000000000001", "0.102", "0.145",
                         "0.205", "0.29", "0.41", "0.579", "0.819", "1.16", "1.64", "2.32", "3.28",
                         "4.63", "6.55", "9.27", "13.1", "18.5", "26.2", "+Inf"));
  EXPECT_EQ(Edges(Lines("normbench_server_queue_duration_seconds_bucket{rpc=\"Normalize\"")),
            edges);
  EXPECT_EQ(Edges(Lines("normbench_server_encode_duration_seconds_bucket{rpc=\"ModelInfer\"")),
            edges);
}

TEST_F(MetricsTest, ComputeBuckets) {
  const auto edges =
      Edges(Lines("normbench_server_compute_duration_seconds_bucket{device=\"cpu\",impl=\"torch\","
                  "norm=\"group\""));
  EXPECT_THAT(edges,
              ElementsAre("1e-06", "2e-06", "4e-06", "8e-06", "1.6e-05", "3.2e-05", "6.4e-05",
                          "0.000128", "0.000256", "0.000512", "0.00102", "0.00205", "0.0041",
                          "0.008189999999999999", "0.0164", "0.0328", "0.0655", "0.131", "0.262",
                          "0.524", "1.05", "2.1", "4.19", "+Inf"));
  metrics_.model("m", 1);
  EXPECT_EQ(Edges(Lines("normbench_model_compute_duration_seconds_bucket")), edges);
  EXPECT_THAT(Edges(Lines("normbench_model_formed_batch_size_bucket")),
              ElementsAre("1", "2", "4", "8", "16", "32", "64", "128", "256", "512", "+Inf"));
}

TEST_F(MetricsTest, EveryCodeIsThereFromTheStart) {
  const auto lines = Lines("normbench_server_requests_total{");
  EXPECT_EQ(lines.size(), 2u * kStatusCodes);
  EXPECT_THAT(lines, Each(::testing::EndsWith(" 0")));
  for (const char* code : {"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED",
                           "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
                           "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
                           "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"}) {
    EXPECT_THAT(lines,
                Contains(HasSubstr(std::string("{code=\"") + code + "\",rpc=\"Normalize\"}")));
  }
}

// The numbers are those of google.rpc.Code, which absl and gRPC share.
TEST_F(MetricsTest, CodesAreIndexedByTheirNumber) {
  const struct {
    int number;
    const char* name;
  } codes[] = {{0, "OK"},
               {3, "INVALID_ARGUMENT"},
               {8, "RESOURCE_EXHAUSTED"},
               {12, "UNIMPLEMENTED"},
               {14, "UNAVAILABLE"},
               {16, "UNAUTHENTICATED"}};
  for (const auto& [number, name] : codes) {
    metrics_.rpc("ModelInfer").requests[static_cast<size_t>(number)]->Increment();
    EXPECT_THAT(Lines("normbench_server_requests_total"),
                Contains(std::string("normbench_server_requests_total{code=\"") + name +
                         "\",rpc=\"ModelInfer\"} 1"));
  }
}

TEST_F(MetricsTest, InFlightIsTheSumOverTheRpcs) {
  EXPECT_EQ(metrics_.in_flight(), 0);
  metrics_.rpc("Normalize").in_flight->Increment(2);
  metrics_.rpc("ModelInfer").in_flight->Increment();
  EXPECT_EQ(metrics_.in_flight(), 3);
  EXPECT_EQ(metrics_.in_flight("ModelInfer"), 2);
}

TEST_F(MetricsTest, DevicesShareTheRequestsOfANorm) {
  EXPECT_EQ(metrics_.norm("rms", "torch", "cpu").requests,
            metrics_.norm("rms", "torch", "cuda:0").requests);
  EXPECT_NE(metrics_.norm("rms", "torch", "cpu").requests,
            metrics_.norm("rms", "reference", "cpu").requests);
  EXPECT_NE(metrics_.norm("rms", "torch", "cpu").compute,
            metrics_.norm("rms", "torch", "cuda:0").compute);
}

TEST_F(MetricsTest, ModelHandlesStayTheSame) {
  const ModelMetrics& first = metrics_.model("m", 1);
  for (int i = 0; i < 100; ++i) {
    metrics_.model("other" + std::to_string(i), 1);
  }
  EXPECT_EQ(&metrics_.model("m", 1), &first);
  EXPECT_NE(metrics_.model("m", 2).compute, first.compute);
  first.compute->Observe(0.003);
  EXPECT_THAT(
      Lines("normbench_model_compute_duration_seconds_count"),
      Contains("normbench_model_compute_duration_seconds_count{model=\"m\",version=\"1\"} 1"));
}

TEST_F(MetricsTest, LoadsBudgetsBytesAndGauges) {
  metrics_.model_loads("m", true).Increment();
  metrics_.model_loads("m", false).Increment(2);
  metrics_.rejections("bytes").Increment();
  metrics_.network_bytes_received().Increment(5);
  metrics_.network_bytes_sent().Increment(7);
  metrics_.queued_requests().Set(3);
  metrics_.admitted_bytes().Set(11);
  metrics_.trace_errors().Increment();
  metrics_.admitted_bytes_limit().Set(13);
  for (const char* line :
       {"normbench_model_loads_total{model=\"m\",result=\"ok\"} 1",
        "normbench_model_loads_total{model=\"m\",result=\"failed\"} 2",
        "normbench_server_rejections_total{budget=\"bytes\"} 1",
        "normbench_server_rejections_total{budget=\"slots\"} 0",
        "normbench_server_network_bytes_total{direction=\"received\"} 5",
        "normbench_server_network_bytes_total{direction=\"sent\"} 7",
        "normbench_server_queued_requests{queue=\"work\"} 3", "normbench_server_admitted_bytes 11",
        "normbench_server_admitted_bytes_limit 13", "normbench_server_trace_errors_total 1",
        "normbench_build_info{sha=\"abcdef\",torch=\"2.15.0\",version=\"1.2.3\"} 1"}) {
    EXPECT_THAT(Lines(""), Contains(line));
  }
}

}  // namespace
}  // namespace normbench
