// SPDX-License-Identifier: Apache-2.0
#include "bench/run/channel.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <chrono>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "inference/grpc_service.grpc.pb.h"

namespace normbench {
namespace {

using std::chrono::milliseconds;
using Deadline = std::chrono::system_clock::time_point;

constexpr milliseconds kPoll(100);

absl::Status CheckAddress(const std::string& address) {
  const size_t colon = address.rfind(':');
  int port = 0;
  const bool ok = colon != std::string::npos && colon > 0 &&
                  absl::SimpleAtoi(address.substr(colon + 1), &port) && port >= 1 && port <= 65535;
  if (ok || absl::StartsWith(address, "unix:")) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("server address '", address, "'; expected host:port with a port of 1 .. 65535"));
}

// Channels with equal arguments share their connections: `number` makes them differ.
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& address, int number) {
  grpc::ChannelArguments arguments;
  arguments.SetInt("normbench.channel", number);
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetMaxSendMessageSize(-1);
  // A proxy of the environment would be what is measured.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

// Why the server is not ready; nothing if it is. `known` is what it said before: an answer that
// does not come in time says less.
std::optional<std::string> NotReady(inference::GRPCInferenceService::Stub& stub, Deadline deadline,
                                    const std::string& known) {
  grpc::ClientContext context;
  context.set_deadline(deadline);
  inference::ServerReadyResponse response;
  const grpc::Status status = stub.ServerReady(&context, {}, &response);
  if (status.error_code() == grpc::UNIMPLEMENTED) return std::nullopt;
  if (status.ok() && response.ready()) return std::nullopt;
  if (status.error_code() == grpc::DEADLINE_EXCEEDED && !known.empty()) return known;
  return status.ok() ? "it answers, but says it is not ready" : status.error_message();
}

}  // namespace

std::shared_ptr<grpc::Channel> OpenChannel(const std::string& address) {
  return MakeChannel(address, 0);
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const ConnectOptions& options,
                                                       const std::function<bool()>& stop) {
  if (absl::Status status = CheckAddress(options.address); !status.ok()) return status;
  const auto channel = MakeChannel(options.address, 0);
  const auto stub = inference::GRPCInferenceService::NewStub(channel);
  const auto now = [] { return std::chrono::system_clock::now(); };
  const auto end = now() + std::chrono::duration_cast<milliseconds>(
                               std::chrono::duration<double>(options.timeout_seconds));
  std::string why;
  do {
    if (stop()) return absl::CancelledError("interrupted while connecting");
    if (!channel->WaitForConnected(std::min(end, now() + kPoll))) continue;
    const auto reason = NotReady(*stub, std::min(end, now() + 10 * kPoll), why);
    if (!reason) return channel;
    why = *reason;
    // A connected server that is not ready yet answers at once: wait for a change of state that
    // does not come instead of asking without pause.
    channel->WaitForStateChange(GRPC_CHANNEL_READY, std::min(end, now() + kPoll));
  } while (now() < end);
  return absl::UnavailableError(absl::StrFormat(
      "no server at %s after %g s (%s); start normbench-server, or name another "
      "one with --server, or "
      "wait longer with --connect-timeout",
      options.address, options.timeout_seconds, why.empty() ? "nothing answers there" : why));
}

absl::StatusOr<std::vector<std::shared_ptr<grpc::Channel>>> MoreChannels(
    const std::shared_ptr<grpc::Channel>& first, const std::string& address, int count) {
  constexpr std::chrono::seconds kPatience(10);
  std::vector<std::shared_ptr<grpc::Channel>> channels = {first};
  while (static_cast<int>(channels.size()) < count) {
    channels.push_back(MakeChannel(address, static_cast<int>(channels.size())));
    channels.back()->GetState(/*try_to_connect=*/true);
  }
  const Deadline end = std::chrono::system_clock::now() + kPatience;
  for (size_t i = 1; i < channels.size(); ++i) {
    if (channels[i]->WaitForConnected(end)) continue;
    return absl::UnavailableError(absl::StrCat("channels: only ", i, " of ", count,
                                               " connections to ", address, " within 10 s"));
  }
  return channels;
}

bool IsLoopback(const std::string& peer) {
  return absl::StartsWith(peer, "ipv4:127.") || absl::StartsWith(peer, "ipv6:[::1]") ||
         absl::StartsWith(peer, "ipv6:%5B::1%5D") || absl::StartsWith(peer, "unix:");
}

}  // namespace normbench
