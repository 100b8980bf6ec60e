// PKCS#12 (RFC 7292): key and certificates together in one protected file, as Windows, Java and
// browsers export them (.p12, .pfx).
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/certificate.hpp"

namespace heliograph::crypto {

// The first private key of the file, its certificate, and those of the file's other certificates
// that lead on from there, leaf first. Protection by passphrase only. Reads no file. The error is
// one sentence that says cause and cure.
Result<KeyPair, std::string> load_pkcs12(Bytes file, std::string_view passphrase);

}  // namespace heliograph::crypto
