// SPDX-License-Identifier: Apache-2.0
// What a real Pushgateway makes of it is in tests/e2e/metrics_test.py.
#include "client/metrics/pushgateway.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>

namespace normbench {
namespace {

using ::testing::HasSubstr;

// host and port, or "" for a refusal.
std::string Parsed(const std::string& url) {
  const auto address = ParsePushgateway(url);
  return address.ok() ? address->host + " " + address->port : "";
}

TEST(PushgatewayTest, ParsesAddresses) {
  EXPECT_EQ(Parsed("http://gateway:9091"), "http://gateway 9091");
  EXPECT_EQ(Parsed("https://gateway/"), "https://gateway 9091");
  EXPECT_EQ(Parsed("10.0.0.1:80"), "http://10.0.0.1 80");
  EXPECT_EQ(Parsed("[::1]:9091"), "http://[::1] 9091");
  EXPECT_EQ(Parsed("http://[::1]"), "http://[::1] 9091");
}

TEST(PushgatewayTest, RefusesWhatIsNone) {
  for (const char* url : {"", "http://", ":9091", "http://h:0", "http://h:65536", "http://h:port",
                          "http://h/metrics/job/x", "ftp://h:1", "http://user@h"}) {
    EXPECT_EQ(Parsed(url), "") << url;
  }
  EXPECT_THAT(std::string(ParsePushgateway("http://h/x").status().message()),
              HasSubstr("--pushgateway: 'http://h/x' is not [http[s]://]HOST[:PORT]"));
}

// A port that is taken, so nobody else gets it. Nobody listens there, or somebody does and never
// answers: the kernel accepts the connection.
class SilentPort {
 public:
  explicit SilentPort(bool accepts = false) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* name = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(socket_, name, size), 0);
    EXPECT_EQ(getsockname(socket_, name, &size), 0);
    port = std::to_string(ntohs(address.sin_port));
    if (accepts) {
      EXPECT_EQ(listen(socket_, 1), 0);
    }
  }
  ~SilentPort() { close(socket_); }
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;

  std::string port;

 private:
  const int socket_;
};

TEST(PushgatewayTest, SaysThatNobodyAnswers) {
  const SilentPort silent;
  const absl::Status status = PushResults({"http://127.0.0.1", silent.port}, "smoke",
                                          std::make_shared<prometheus::Registry>());
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("http://127.0.0.1:" + silent.port), HasSubstr("are kept")));
}

// Without a bound of its own this would wait for ever.
TEST(PushgatewayTest, DoesNotWaitForWhoNeverAnswers) {
  const SilentPort silent(/*accepts=*/true);
  const absl::Status status = PushResults({"http://127.0.0.1", silent.port}, "smoke",
                                          std::make_shared<prometheus::Registry>(), 0.05);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("does not answer within 0.05 s"), HasSubstr("are kept")));
}

}  // namespace
}  // namespace normbench
