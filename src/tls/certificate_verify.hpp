// CertificateVerify (RFC 9846 section 4.5.2): the proof that the sender holds the private key.
//
//      struct {
//          SignatureScheme algorithm;
//          opaque signature<0..2^16-1>;
//      } CertificateVerify;
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "tls/error.hpp"
#include "tls/parameters.hpp"

namespace heliograph::tls {

struct CertificateVerify {
  SignatureScheme algorithm;
  Bytes signature;
};

// RSA-8192 makes the longest signatures that are verified here.
inline constexpr std::size_t kMaxCertificateVerify = 2 + 2 + 1024;

// What `signer` signs: 64 spaces, a context string, a zero, and the transcript hash up to and
// including its Certificate.
Buffer signature_content(Role signer, Bytes transcript_hash);

// Appends the whole handshake message.
void write_certificate_verify(const CertificateVerify& verify, Buffer& out);

Result<CertificateVerify, Error> parse_certificate_verify(Bytes body);

}  // namespace heliograph::tls
