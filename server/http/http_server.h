// SPDX-License-Identifier: Apache-2.0
// A small HTTP server for what people and probes read: a fixed set of paths, GET and HEAD only,
// answers made by callables. Traffic of clients goes through gRPC, not here.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace normbench {

// What a route can count on; also of every other thread in the process that asks for less.
inline constexpr size_t kMinThreadStack = size_t{1} << 20;

struct HttpAnswer {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

// Called on a thread of the HTTP server, several at once.
using HttpRoute = std::function<HttpAnswer()>;

struct HttpOptions {
  std::string address = "127.0.0.1:8002";   // HOST:PORT; port 0 takes a free one
  std::map<std::string, HttpRoute> routes;  // by exact path, for example /metrics
  // Of every other path; nothing: 404, as where it is not set.
  std::function<std::optional<HttpAnswer>(const std::string& path)> others = nullptr;
  int threads = 4;
  int request_timeout_ms = 10000;  // of a client that does not finish its request
};

// Thread-safe. Serves from Start until destroyed; the destructor waits for answers being made.
class HttpServer {
 public:
  // Returns FAILED_PRECONDITION with one sentence where the address cannot be listened on.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const HttpOptions& options);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const { return port_; }  // the one in use, also where 0 was asked for

 private:
  struct State;

  HttpServer();

  std::unique_ptr<State> state_;
  std::string host_;
  int port_ = 0;
};

}  // namespace normbench
