// What the command's TLS clients are made of: whom they trust, and who they are.
#pragma once

#include <memory>
#include <string>

#include "crypto/secret_bytes.hpp"
#include "crypto/trust_store.hpp"
#include "tls/credential.hpp"

namespace heliograph::app {

// A secret that must not stand on the command line: the first line of `file` if one is named, else
// the environment variable, else empty. Throws Failure if the file cannot be read.
crypto::SecretBytes secret_option(const std::string& file, const char* variable, const char* what);

// The authorities in the PEM file; the system's if none is named. Throws Failure.
crypto::TrustStore load_trusted(const std::string& file);

// From PEM files. Throws Failure.
std::shared_ptr<const tls::Credential> load_client_credential(
    const std::string& certificate_file, const std::string& key_file,
    const crypto::SecretBytes& passphrase);

}  // namespace heliograph::app
