// SPDX-License-Identifier: Apache-2.0
#include "client/metrics/exporter.h"

#include <exception>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/files.h"
#include "prometheus/exposer.h"
#include "prometheus/text_serializer.h"

namespace normbench {
namespace {

absl::Status CheckTextfile(const std::string& path) {
  if (!absl::EndsWith(path, ".prom")) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--textfile: '", path, "' does not end in .prom: node_exporter reads no other files"));
  }
  if (auto status = CheckWritable(path); !status.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("--textfile: ", status.message()));
  }
  return absl::OkStatus();
}

}  // namespace

MetricsExporter::MetricsExporter(const MetricsArguments& arguments, const std::string& sweep)
    : arguments_(arguments), sweep_(sweep), metrics_(sweep) {}

MetricsExporter::~MetricsExporter() = default;

absl::StatusOr<std::unique_ptr<MetricsExporter>> MetricsExporter::Open(
    const MetricsArguments& arguments, const std::string& sweep) {
  std::unique_ptr<MetricsExporter> exporter(new MetricsExporter(arguments, sweep));
  if (!arguments.textfile.empty()) {
    if (auto status = CheckTextfile(arguments.textfile); !status.ok()) return status;
  }
  if (!arguments.pushgateway.empty()) {
    auto address = ParsePushgateway(arguments.pushgateway);
    if (!address.ok()) return address.status();
    exporter->pushgateway_ = *std::move(address);
  }
  if (arguments.port) {
    if (auto status = exporter->Listen(); !status.ok()) return status;
  }
  return exporter;
}

absl::Status MetricsExporter::Listen() {
  try {
    exposer_ = std::make_unique<prometheus::Exposer>(absl::StrCat("127.0.0.1:", *arguments_.port));
  } catch (const std::exception&) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--metrics-port: cannot listen on 127.0.0.1:", *arguments_.port, ": is it in use?"));
  }
  exposer_->RegisterCollectable(metrics_.live());
  exposer_->RegisterCollectable(metrics_.results());
  url_ = absl::StrCat("http://127.0.0.1:", exposer_->GetListeningPorts().front(), "/metrics");
  return absl::OkStatus();
}

absl::Status MetricsExporter::Publish() {
  absl::Status status;
  if (!arguments_.textfile.empty()) {
    status = WriteWhole(arguments_.textfile,
                        prometheus::TextSerializer().Serialize(metrics_.results()->Collect()));
  }
  if (!arguments_.pushgateway.empty()) {
    status.Update(PushResults(pushgateway_, sweep_, metrics_.results()));
  }
  return status;
}

}  // namespace normbench
