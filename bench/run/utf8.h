// SPDX-License-Identifier: Apache-2.0
// Texts of a foreign server that come as bytes. Those in parsed messages are UTF-8, since protobuf
// refuses the message otherwise; the text of a gRPC status, and a field that is taken from the
// bytes of an answer, are not checked by anybody.
#pragma once

#include <string>
#include <string_view>

namespace normbench {

// `text` with '?' for each byte that is not part of a character of UTF-8 (RFC 3629): neither a
// reader of CSV nor of XML gets over one. Pure.
std::string ValidUtf8(std::string_view text);

}  // namespace normbench
