// Private keys in PEM text. Private to this room.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/handle.hpp"

namespace heliograph::crypto {

// The first private key of the text, of whatever type. The error is one sentence that says cause
// and cure.
Result<Handle<evp_pkey_st>, std::string> decode_private_key(Bytes pem, std::string_view passphrase);

}  // namespace heliograph::crypto
