// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/environment_change.h"

#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

std::string Text(const std::string& value) {
  return value.empty() ? "unknown" : value;
}

std::string Text(int value) {
  return value == 0 ? "unknown" : absl::StrCat(value);
}

std::string Library(const v1::Environment& environment, const std::string& name) {
  const auto found = environment.libraries().find(name);
  return found == environment.libraries().end() ? "none" : found->second;
}

std::string Transport(const v1::Report& report) {
  return report.conditions().has_transport() ? report.conditions().transport() : "connection";
}

class Differences {
 public:
  void Add(const char* name, const std::string& a, const std::string& b) {
    if (a != b) names_.push_back(absl::StrCat(name, " ", a, " | ", b));
  }

  void AddServers(const v1::Environment& a, const v1::Environment& b) {
    Add("cpu model", Text(a.cpu_model()), Text(b.cpu_model()));
    Add("cpus", Text(a.cpus()), Text(b.cpus()));
    Add("isa", Text(a.isa()), Text(b.isa()));
    Add("os", Text(a.os()), Text(b.os()));
    Add("compiler", Text(a.compiler()), Text(b.compiler()));
    Add("allocator", Text(a.allocator()), Text(b.allocator()));
    Add("workers", Text(a.workers()), Text(b.workers()));
    Add("threads per worker", Text(a.threads_per_worker()), Text(b.threads_per_worker()));
    for (const char* library : {"torch", "grpc"}) {
      Add(library, Library(a, library), Library(b, library));
    }
  }

  void AddClients(const v1::Environment& a, const v1::Environment& b) {
    Add("client's cpu model", Text(a.cpu_model()), Text(b.cpu_model()));
    Add("client's cpus", Text(a.cpus()), Text(b.cpus()));
  }

  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
};

}  // namespace

std::vector<std::string> DifferencesOf(const v1::Report& a, const v1::Report& b, bool of_requests) {
  Differences differences;
  differences.AddServers(a.server(), b.server());
  differences.Add("transport", Transport(a), Transport(b));
  // Of a run of the server's own there is no other machine that could be the same or not.
  if (a.conditions().has_transport() || b.conditions().has_transport()) return differences.names();
  const auto shared = [](const v1::Report& report) {
    return report.conditions().co_located() ? "yes" : "no";
  };
  differences.Add("co-located", shared(a), shared(b));
  if (of_requests) differences.AddClients(a.client(), b.client());
  return differences.names();
}

}  // namespace normbench
