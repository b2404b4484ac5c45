// SPDX-License-Identifier: Apache-2.0
#include "server/http/http_server.h"

#include <pthread.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/http/http_client.h"

namespace normbench {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::unique_ptr<HttpServer> StartWith(std::map<std::string, HttpRoute> routes) {
  HttpOptions options;
  options.address = "127.0.0.1:0";
  options.routes = std::move(routes);
  auto server = HttpServer::Start(options);
  EXPECT_TRUE(server.ok()) << server.status();
  return server.ok() ? std::move(*server) : nullptr;
}

TEST(HttpServer, AnswersItsRoutes) {
  auto server = StartWith(
      {{"/a", [] { return HttpAnswer{.body = "one"}; }},
       {"/b", [] { return HttpAnswer{.status = 503, .content_type = "x/y", .body = "two"}; }}});
  const std::string a = Request(server->port(), "GET /a");
  EXPECT_THAT(a, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(a, HasSubstr("\r\nContent-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_THAT(a, HasSubstr("\r\nContent-Length: 3\r\n"));
  EXPECT_THAT(a, EndsWith("\r\n\r\none"));
  const std::string b = Request(server->port(), "GET /b?x=1");
  EXPECT_THAT(b, StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_THAT(b, HasSubstr("\r\nContent-Type: x/y\r\n"));
}

TEST(HttpServer, HeadHasNoBody) {
  auto server = StartWith({{"/a", [] { return HttpAnswer{.body = "one"}; }}});
  const std::string head = Request(server->port(), "HEAD /a");
  EXPECT_THAT(head, HasSubstr("Content-Length: 3"));
  EXPECT_THAT(head, EndsWith("\r\n\r\n"));
}

TEST(HttpServer, UnknownPathsAndMethodsAreRefused) {
  auto server = StartWith({{"/a", [] { return HttpAnswer{}; }}});
  for (const char* line : {"GET /", "GET /a/b", "GET /aa", "GET /etc/passwd"}) {
    EXPECT_THAT(Request(server->port(), line), StartsWith("HTTP/1.1 404 ")) << line;
  }
  EXPECT_THAT(Request(server->port(), "GET /nope"), HasSubstr("no page '/nope'; there are /a"));
  for (const char* line : {"POST /a", "PUT /a", "DELETE /a", "OPTIONS /a", "PATCH /a"}) {
    EXPECT_THAT(Request(server->port(), line), Not(StartsWith("HTTP/1.1 200"))) << line;
  }
}

TEST(HttpServer, ThrowingRouteIsAnInternalError) {
  auto server = StartWith({{"/a", []() -> HttpAnswer { throw std::runtime_error("no luck"); }}});
  EXPECT_THAT(Request(server->port(), "GET /a"), StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(Request(server->port(), "GET /a"), EndsWith("internal error: no luck\n"));
}

// With the 100 KiB that civetweb asks for, LibTorch in the process leaves 25 KiB: too few.
TEST(HttpServer, RoutesHaveStacksToRunOn) {
  std::atomic<size_t> stack_bytes = 0;
  auto server = StartWith({{"/a", [&stack_bytes] {
                              pthread_attr_t attributes;
                              size_t bytes = 0;
                              pthread_getattr_np(pthread_self(), &attributes);
                              pthread_attr_getstacksize(&attributes, &bytes);
                              pthread_attr_destroy(&attributes);
                              stack_bytes = bytes;
                              return HttpAnswer{};
                            }}});
  EXPECT_THAT(Request(server->port(), "GET /a"), StartsWith("HTTP/1.1 200 "));
  EXPECT_GE(stack_bytes.load(), 900'000u);
}

TEST(HttpServer, BodiesLargerThanTheThreadStack) {
  const std::string large(3 << 20, 'x');
  auto server = StartWith({{"/a", [&large] { return HttpAnswer{.body = large}; }}});
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      EXPECT_THAT(Request(server->port(), "GET /a").size(), ::testing::Gt(large.size()));
    });
  }
  for (std::thread& client : clients) {
    client.join();
  }
}

TEST(HttpServer, PortInUse) {
  auto first = StartWith({});
  HttpOptions options;
  options.address = "127.0.0.1:" + std::to_string(first->port());
  const auto second = HttpServer::Start(options);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()),
              StartsWith("http: cannot listen on " + options.address + ": "));
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("in use"));
}

TEST(HttpServer, AddressesThatAreNone) {
  for (const char* address : {"", "nonsense", "127.0.0.1:99999", "1.2.3:80:90", "8.8.8.8:80"}) {
    HttpOptions options;
    options.address = address;
    const auto server = HttpServer::Start(options);
    ASSERT_FALSE(server.ok()) << address;
    EXPECT_EQ(server.status().code(), absl::StatusCode::kFailedPrecondition) << address;
  }
}

TEST(HttpServer, DestructionFreesThePort) {
  auto server = StartWith({});
  HttpOptions options;
  options.address = "127.0.0.1:" + std::to_string(server->port());
  server.reset();
  EXPECT_TRUE(HttpServer::Start(options).ok());
}

}  // namespace
}  // namespace normbench
