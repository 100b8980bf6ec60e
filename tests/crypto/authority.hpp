// Certificates of every sort, right and wrong, made on the spot.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "crypto/handle.hpp"

namespace heliograph::crypto {

// 2026-11-22 12:00:00 UTC.
inline constexpr std::int64_t kNow = 1795348800;
inline constexpr std::int64_t kDay = 86400;

struct Wish {
  std::string common_name;
  // As in openssl's configuration files: {"basicConstraints", "critical,CA:TRUE"}.
  std::vector<std::pair<std::string, std::string>> extensions = {};
  // "P-224", "P-256", "P-384", "P-521", "RSA-1024", "RSA-2048", "RSA-PSS", "Ed25519".
  std::string key = "P-256";
  // The hash of the issuer's signature; empty for Ed25519.
  std::string digest = "SHA256";
  std::int64_t not_before = kNow - kDay;
  std::int64_t not_after = kNow + kDay;
};

struct Issued {
  std::vector<std::uint8_t> der;
  Handle<x509_st> certificate;
  Handle<evp_pkey_st> key;

  [[nodiscard]] std::string pem() const;
  [[nodiscard]] std::string key_pem() const;
};

Issued issue(const Wish& wish, const Issued& issuer);
Issued issue_self_signed(const Wish& wish);

// The usual wishes, with more extensions at will.
Wish authority(const std::string& name);
Wish server(const std::string& alternative_names);
Wish client(const std::string& name);

}  // namespace heliograph::crypto
