#include "crypto/general_name.hpp"

#include <algorithm>
#include <memory>

#include <openssl/asn1.h>
#include <openssl/x509v3.h>

#include "base/bytes.hpp"
#include "crypto/algorithms.hpp"
#include "crypto/host_name.hpp"

namespace heliograph::crypto {
namespace {

constexpr std::string_view kUserScheme = "heliograph:user:";

Handle<GENERAL_NAMES> no_names() {
  Handle<GENERAL_NAMES> names(GENERAL_NAMES_new());
  must(names != nullptr);
  return names;
}

// `type`: GEN_DNS, GEN_EMAIL, GEN_URI or GEN_IPADD.
void add_name(GENERAL_NAMES* names, int type, Bytes value) {
  ASN1_STRING* string =
      ASN1_STRING_type_new(type == GEN_IPADD ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);
  GENERAL_NAME* name = GENERAL_NAME_new();
  must(string != nullptr && name != nullptr &&
       ASN1_STRING_set(string, value.data(), static_cast<int>(value.size())) == 1);
  GENERAL_NAME_set0_value(name, type, string);
  must(sk_GENERAL_NAME_push(names, name) > 0);
}

bool is_unreserved(char character) {
  constexpr std::string_view kUnreserved =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  return kUnreserved.find(character) != std::string_view::npos;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char character : text) {
    if (is_unreserved(character)) {
      encoded += character;
      continue;
    }
    const auto byte = static_cast<unsigned char>(character);
    encoded += {'%', kDigits[byte >> 4U], kDigits[byte & 0xfU]};
  }
  return encoded;
}

bool is_mail_address(std::string_view name) {
  return name.find('@') != std::string_view::npos && std::ranges::all_of(name, [](char character) {
           return character > ' ' && character < 0x7f;
         });
}

}  // namespace

Result<Handle<GENERAL_NAMES>, std::string> host_names(std::span<const std::string> texts) {
  if (texts.empty()) return fail(std::string("a certificate needs at least one name"));
  Handle<GENERAL_NAMES> names = no_names();
  for (const std::string& text : texts) {
    if (const auto address = ip_from_text(text); !address.empty()) {
      add_name(names.get(), GEN_IPADD, address);
    } else if (is_dns_name(text)) {
      add_name(names.get(), GEN_DNS, as_bytes(text));
    } else {
      return fail("'" + text + "' is neither a DNS name nor an IP address");
    }
  }
  return names;
}

Handle<GENERAL_NAMES> user_name(std::string_view name) {
  Handle<GENERAL_NAMES> names = no_names();
  if (is_mail_address(name)) {
    add_name(names.get(), GEN_EMAIL, as_bytes(name));
  } else {
    add_name(names.get(), GEN_URI, as_bytes(std::string(kUserScheme) + percent_encode(name)));
  }
  return names;
}

}  // namespace heliograph::crypto
