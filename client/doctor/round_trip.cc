// SPDX-License-Identifier: Apache-2.0
#include "client/doctor/round_trip.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

using Message = std::array<char, 64>;

absl::Status Failed(const char* what) {
  return absl::UnavailableError(absl::StrCat("loopback TCP: ", what, ": ", std::strerror(errno)));
}

// A descriptor that is closed unless somebody takes it.
class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int get() const { return descriptor_; }
  int Take() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

bool Send(int socket, const Message& message) {
  return send(socket, message.data(), message.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(message.size());
}

bool Receive(int socket, Message* message) {
  size_t got = 0;
  while (got < message->size()) {
    const ssize_t n = recv(socket, message->data() + got, message->size() - got, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    got += static_cast<size_t>(n);
  }
  return true;
}

void Echo(int socket) {
  Message message{};
  while (Receive(socket, &message) && Send(socket, message)) {
  }
}

// As gRPC does it: small messages leave at once.
void SendAtOnce(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

}  // namespace

absl::StatusOr<std::unique_ptr<RoundTrip>> RoundTrip::Open() {
  const Socket listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  Socket near(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (listener.get() < 0 || near.get() < 0) return Failed("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener.get(), generic, size) != 0) return Failed("bind");
  if (listen(listener.get(), 1) != 0) return Failed("listen");
  if (getsockname(listener.get(), generic, &size) != 0) return Failed("getsockname");
  if (connect(near.get(), generic, size) != 0) return Failed("connect");
  Socket far(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (far.get() < 0) return Failed("accept");
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  setsockopt(near.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  SendAtOnce(near.get());
  SendAtOnce(far.get());
  return std::unique_ptr<RoundTrip>(new RoundTrip(near.Take(), far.Take()));
}

RoundTrip::RoundTrip(int near, int far) : near_(near), far_(far), echo_(Echo, far) {}

RoundTrip::~RoundTrip() {
  shutdown(near_, SHUT_RDWR);
  shutdown(far_, SHUT_RDWR);
  echo_.join();
  close(near_);
  close(far_);
}

absl::Status RoundTrip::Once() {
  Message message{};
  if (!Send(near_, message)) return Failed("send");
  if (!Receive(near_, &message)) return Failed("receive");
  return absl::OkStatus();
}

}  // namespace normbench
