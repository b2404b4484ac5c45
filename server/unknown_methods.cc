// SPDX-License-Identifier: Apache-2.0
#include "server/unknown_methods.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

constexpr size_t kMaxName = 200;  // bytes

class Refusal final : public grpc::ServerGenericBidiReactor {
 public:
  explicit Refusal(const std::string& method) {
    Finish({grpc::StatusCode::UNIMPLEMENTED,
            absl::StrCat("no method '", absl::CHexEscape(method.substr(0, kMaxName)),
                         "' here; reflection lists what there is")});
  }
  void OnDone() override { delete this; }
};

}  // namespace

grpc::ServerGenericBidiReactor* UnknownMethods::CreateReactor(
    grpc::GenericCallbackServerContext* context) {
  return new Refusal(context->method());
}

}  // namespace normbench
