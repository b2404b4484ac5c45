// SPDX-License-Identifier: Apache-2.0
// The only file that sees civetweb; its exceptions end here.
#include "server/http/http_server.h"

#include <dlfcn.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <future>
#include <utility>
#include <vector>

#include "CivetServer.h"
#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

// civetweb asks for stacks of 100 KiB. The thread-local storage of every library that is linked
// lies there too, 75 KiB with LibTorch's CPU half, and what is left does not hold civetweb's own
// frames: they run into the neighbour thread's stack. No option raises it, so the request is raised
// on its way to the C library; this takes precedence in every program that links this file.
extern "C" int pthread_attr_setstacksize(pthread_attr_t* attributes, size_t bytes) noexcept {
  using Function = int (*)(pthread_attr_t*, size_t);
  static const auto next =
      reinterpret_cast<Function>(dlsym(RTLD_NEXT, "pthread_attr_setstacksize"));
  return next(attributes, std::max(bytes, normbench::kMinThreadStack));
}

namespace normbench {
namespace {

const char* ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 404:
      return "Not Found";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

HttpAnswer NotFound(const std::string& path, const std::map<std::string, HttpRoute>& routes) {
  HttpAnswer answer{.status = 404, .body = "no page '" + path + "'; there are"};
  for (const auto& [known, route] : routes) {
    answer.body += " " + known;
  }
  answer.body += "\n";
  return answer;
}

void Send(mg_connection* connection, const HttpAnswer& answer, bool with_body) {
  mg_printf(connection,
            "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
            "Cache-Control: no-store\r\nConnection: close\r\n\r\n",
            answer.status, ReasonPhrase(answer.status), answer.content_type.c_str(),
            answer.body.size());
  if (with_body) {
    mg_write(connection, answer.body.data(), answer.body.size());
  }
}

// Answers every path, so that civetweb's own file serving is never reached.
class Dispatcher : public CivetHandler {
 public:
  explicit Dispatcher(const HttpOptions& options)
      : routes_(options.routes), others_(options.others) {}

  bool handleGet(CivetServer*, mg_connection* connection) override {
    Send(connection, Answer(mg_get_request_info(connection)->local_uri), true);
    return true;
  }

  bool handleHead(CivetServer*, mg_connection* connection) override {
    Send(connection, Answer(mg_get_request_info(connection)->local_uri), false);
    return true;
  }

 private:
  // An exception must not travel through civetweb's C frames.
  HttpAnswer Answer(const std::string& path) const try {
    const auto route = routes_.find(path);
    if (route != routes_.end()) return route->second();
    const auto other = others_ ? others_(path) : std::nullopt;
    return other ? *other : NotFound(path, routes_);
  } catch (const std::exception& error) {
    return {.status = 500, .body = absl::StrCat("internal error: ", error.what(), "\n")};
  }

  const std::map<std::string, HttpRoute> routes_;
  const std::function<std::optional<HttpAnswer>(const std::string&)> others_;
};

// civetweb tells why it cannot start only through its log, from any of its threads.
class FirstMessage {
 public:
  static int Keep(const mg_connection* connection, const char* message) {
    const auto* server = static_cast<CivetServer*>(mg_get_user_context_data(connection));
    if (server != nullptr) {
      auto* self = static_cast<FirstMessage*>(const_cast<void*>(server->getUserContext()));
      absl::MutexLock lock(&self->mutex_);
      if (self->text_.empty()) {
        self->text_ = message;
      }
    }
    return 1;  // handled: nothing is printed
  }

  std::string text() const {
    absl::MutexLock lock(&mutex_);
    return text_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::string text_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

struct HttpServer::State {
  FirstMessage first_message;
  std::unique_ptr<Dispatcher> dispatcher;
  std::unique_ptr<CivetServer> server;
};

HttpServer::HttpServer() : state_(std::make_unique<State>()) {}

// civetweb looks at its stop flag every 2 s, or when somebody connects: so somebody does.
HttpServer::~HttpServer() {
  if (state_->server == nullptr) {
    return;
  }
  std::future<void> closed = std::async(std::launch::async, [this] { state_->server->close(); });
  do {
    char error[128];
    if (mg_connection* wake = mg_connect_client(host_.c_str(), port_, 0, error, sizeof error)) {
      mg_close_connection(wake);
    }
  } while (closed.wait_for(std::chrono::milliseconds(10)) != std::future_status::ready);
}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpOptions& options) {
  std::unique_ptr<HttpServer> server(new HttpServer());
  State& state = *server->state_;
  CivetCallbacks callbacks;
  callbacks.log_message = FirstMessage::Keep;
  try {
    state.server = std::make_unique<CivetServer>(
        std::vector<std::string>{"listening_ports", options.address, "num_threads",
                                 absl::StrCat(options.threads), "request_timeout_ms",
                                 absl::StrCat(options.request_timeout_ms)},
        &callbacks, &state.first_message);
  } catch (const CivetException& error) {
    const std::string why = state.first_message.text();
    return absl::FailedPreconditionError(absl::StrCat("http: cannot listen on ", options.address,
                                                      ": ", why.empty() ? error.what() : why));
  }
  state.dispatcher = std::make_unique<Dispatcher>(options);
  state.server->addHandler("**", state.dispatcher.get());
  server->host_ = options.address.substr(0, options.address.rfind(':'));
  server->port_ = state.server->getListeningPorts().at(0);
  return server;
}

}  // namespace normbench
