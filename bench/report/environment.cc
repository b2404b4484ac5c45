// SPDX-License-Identifier: Apache-2.0
#include "bench/report/environment.h"

#include "bench/report/version.h"
#include "google/protobuf/stubs/common.h"

namespace normbench {

v1::Environment MakeEnvironment(const HostFacts& host,
                                const std::map<std::string, std::string>& libraries,
                                const std::string& allocator) {
  v1::Environment environment;
  environment.set_host(host.host);
  environment.set_cpu_model(host.cpu_model);
  environment.set_cpus(host.cpus);
  environment.set_isa(host.isa);
  environment.set_memory_bytes(host.memory_bytes);
  environment.set_os(host.os);
  environment.set_normbench_version(std::string(Version()));
  environment.set_git_sha(std::string(GitSha()));
  environment.set_compiler(host.compiler);
  environment.set_allocator(allocator);
  auto& versions = *environment.mutable_libraries();
  versions["protobuf"] = google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION);
  for (const auto& [name, version] : libraries) versions[name] = version;
  return environment;
}

}  // namespace normbench
