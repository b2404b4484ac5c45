// SPDX-License-Identifier: Apache-2.0
// The composition root: the engine, the services in front of it and the two ports, constructed in
// order, owned here, passed on by reference. Nothing of the server lives outside of one of these.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/host/host.h"
#include "server/options.h"
#include "server/ports_file.h"

namespace normbench {

struct ServerStart {
  ServerOptions options;
  HostFacts host;         // goes into every report made with this server
  std::string allocator;  // what KeepLargeBlocks() returned
};

// Not thread-safe: main owns it.
class Server {
 public:
  // Opens the device, loads the models, listens; serving when it returns. While models load, HTTP
  // says live and not ready. REQUIRES: Validate(options) holds; signals are blocked, so that the
  // threads made here inherit that. Returns one sentence for what is missing: a device, a folder, a
  // port.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerStart& start);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  BoundAddresses addresses() const;

  // What was started, for people: a few plain lines.
  std::vector<std::string> Summary() const;

  // Says not ready, waits the readiness gap, refuses new work, lets admitted work end until
  // drain_seconds have passed, cancels the rest. Call once.
  void Drain();

 private:
  struct Parts;

  explicit Server(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace normbench
