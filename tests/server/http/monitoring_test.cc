// SPDX-License-Identifier: Apache-2.0
#include "server/http/monitoring.h"

#include <atomic>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/gauge.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::UnorderedElementsAre;

class MonitoringTest : public ::testing::Test {
 protected:
  HttpAnswer Get(const std::string& path) { return routes_.at(path)(); }

  prometheus::Registry registry_;
  prometheus::Gauge& gauge_ =
      prometheus::BuildGauge().Name("depth").Help("Depth").Register(registry_).Add({});
  std::atomic<bool> ready_{false};
  std::map<std::string, HttpRoute> routes_ =
      MonitoringRoutes({.registry = &registry_,
                        .before_scrape = [this] { gauge_.Increment(); },
                        .ready = [this] { return ready_.load(); }});
};

TEST_F(MonitoringTest, Paths) {
  EXPECT_THAT(routes_, UnorderedElementsAre(Key("/metrics"), Key("/v2/health/live"),
                                            Key("/v2/health/ready")));
}

TEST_F(MonitoringTest, GaugesAreRefreshedBeforeEachScrape) {
  EXPECT_THAT(Get("/metrics").body, HasSubstr("\ndepth 1\n"));
  const HttpAnswer second = Get("/metrics");
  EXPECT_THAT(second.body, HasSubstr("\ndepth 2\n"));
  EXPECT_EQ(second.content_type, "text/plain; version=0.0.4; charset=utf-8");
}

TEST(ModelPage, AsksForTheModelOfThePath) {
  const auto ready = [](const std::string& name, const std::string& version) {
    return name == "gn" && (version.empty() || version == "2");
  };
  const auto status = [&](const std::string& path) {
    const auto page = ModelPage(path, ready);
    return page ? page->status : 0;
  };
  EXPECT_EQ(status("/v2/models/gn/ready"), 200);
  EXPECT_EQ(status("/v2/models/gm/ready"), 503);
  EXPECT_EQ(status("/v2/models/gn/versions/2/ready"), 200);
  EXPECT_EQ(status("/v2/models/gn/versions/3/ready"), 503);
  EXPECT_EQ(status("/v2/models//ready"), 503);
  for (const char* other :
       {"/", "", "/v2/models/ready", "/v2/models/gn", "/v2/models/gn/config",
        "/v2/models/gn/versions//ready", "/v3/models/gn/ready", "v2/models/gn/ready",
        "/v2/models/a/b/ready", "/v2/models/gn/versions/2/ready/"}) {
    EXPECT_EQ(status(other), 0) << other;
  }
}

TEST_F(MonitoringTest, ReadyFollowsItsSourceLiveDoesNot) {
  EXPECT_EQ(Get("/v2/health/ready").status, 503);
  EXPECT_EQ(Get("/v2/health/live").status, 200);
  ready_ = true;
  EXPECT_EQ(Get("/v2/health/ready").status, 200);
}

}  // namespace
}  // namespace normbench
