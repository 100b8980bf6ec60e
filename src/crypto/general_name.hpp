// What stands in subjectAltName (RFC 5280 section 4.2.1.6). Private to this room.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "crypto/handle.hpp"

namespace heliograph::crypto {

// Each text is a DNS name or an IP address; at least one. The error is one sentence.
Result<Handle<stack_st_GENERAL_NAME>, std::string> host_names(std::span<const std::string> texts);

// An address with "@" as rfc822Name, anything else as the URI "heliograph:user:<name>", with
// everything that RFC 3986 does not call unreserved in percent-encoding.
Handle<stack_st_GENERAL_NAME> user_name(std::string_view name);

}  // namespace heliograph::crypto
