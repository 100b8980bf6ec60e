#include "crypto/key_pem.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "crypto/error_queue.hpp"
#include "crypto/pem.hpp"
#include "crypto/sign.hpp"

namespace heliograph::crypto {
namespace {

constexpr std::string_view kEncryptedPkcs8 = "ENCRYPTED PRIVATE KEY";
constexpr std::string_view kPkcs8 = "PRIVATE KEY";
constexpr std::string_view kTraditionalRsa = "RSA PRIVATE KEY";
constexpr std::string_view kTraditionalEc = "EC PRIVATE KEY";
constexpr std::string_view kOpenSsh = "OPENSSH PRIVATE KEY";
constexpr std::string_view kCertificate = "CERTIFICATE";

// libcrypto's own bound for the traditional encryption.
constexpr std::size_t kMaxPassphraseSize = PEM_BUFSIZE;

using Key = Handle<EVP_PKEY>;
using KeyResult = Result<Key, std::string>;

KeyResult refused(const char* sentence) {
  ERR_clear_error();
  return fail(std::string(sentence));
}

bool is_key(const PemBlock& block) {
  return block.label == kPkcs8 || block.label == kEncryptedPkcs8 ||
         block.label == kTraditionalRsa || block.label == kTraditionalEc;
}

bool is_encrypted(const PemBlock& block) {
  return block.label == kEncryptedPkcs8 || block.header.find("ENCRYPTED") != std::string::npos;
}

struct Found {
  std::optional<PemBlock> key;
  bool certificate = false;
  bool open_ssh = false;
};

Result<Found, std::string> find_key(Bytes pem) {
  Found found;
  PemReader reader(pem);
  while (!found.key) {
    auto block = reader.next();
    if (!block) return fail(block.error());
    if (!*block) break;
    found.certificate |= (*block)->label == kCertificate;
    found.open_ssh |= (*block)->label == kOpenSsh;
    if (is_key(**block)) found.key = std::move(**block);
  }
  return found;
}

KeyResult decode_plain(Bytes der) {
  const unsigned char* at = der.data();
  Key key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
  if (key == nullptr) return refused("the private key is damaged, or of a type not supported");
  ERR_clear_error();
  return key;
}

KeyResult not_decrypted() {
  if (algorithm_is_missing()) {
    return refused(
        "the private key is encrypted in a way that is not supported: encrypt it again with "
        "'openssl pkcs8 -topk8 -v2 aes-256-cbc'");
  }
  return refused("the passphrase is wrong");
}

KeyResult decrypt_pkcs8(Bytes der, std::string_view passphrase) {
  const unsigned char* at = der.data();
  const Handle<X509_SIG> sealed(d2i_X509_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (sealed == nullptr) return refused("the private key is damaged");
  const Handle<PKCS8_PRIV_KEY_INFO> info(
      PKCS8_decrypt(sealed.get(), passphrase.data(), static_cast<int>(passphrase.size())));
  if (info == nullptr) return not_decrypted();
  Key key(EVP_PKCS82PKEY(info.get()));
  if (key == nullptr) return refused("the private key is damaged, or of a type not supported");
  return key;
}

// PEM_do_header asks for the passphrase by this function.
int give_passphrase(char* buffer, int size, int /*writing*/, void* context) {
  const auto& passphrase = *static_cast<const std::string_view*>(context);
  if (passphrase.size() > static_cast<std::size_t>(size)) return -1;
  std::ranges::copy(passphrase, buffer);
  return static_cast<int>(passphrase.size());
}

KeyResult decrypt_traditional(PemBlock& block, std::string_view passphrase) {
  EVP_CIPHER_INFO cipher = {};
  if (PEM_get_EVP_CIPHER_INFO(block.header.data(), &cipher) != 1) return not_decrypted();
  auto size = static_cast<long>(block.data.size());
  if (PEM_do_header(&cipher, block.data.data(), &size, give_passphrase, &passphrase) != 1) {
    return not_decrypted();
  }
  auto key = decode_plain(Bytes(block.data).first(static_cast<std::size_t>(size)));
  // A wrong passphrase slips through the check of the padding once in 256 times.
  if (!key) return refused("the passphrase is wrong, or the private key is damaged");
  return key;
}

}  // namespace

KeyResult decode_private_key(Bytes pem, std::string_view passphrase) {
  auto found = find_key(pem);
  if (!found) return fail(found.error());
  if (!found->key) {
    if (found->open_ssh) {
      return refused(
          "the private key is in OpenSSH's own format: convert it with 'ssh-keygen -p -m PKCS8'");
    }
    if (found->certificate) return refused("the key file holds a certificate, not a private key");
    return refused("the file has no PRIVATE KEY block: a key in PEM form is needed");
  }
  PemBlock& block = *found->key;
  if (!is_encrypted(block)) return decode_plain(block.data);
  if (passphrase.empty()) return refused("the private key is encrypted: give its passphrase");
  if (passphrase.size() > kMaxPassphraseSize) {
    return refused("the passphrase is too long: 1024 bytes at most");
  }
  return block.label == kEncryptedPkcs8 ? decrypt_pkcs8(block.data, passphrase)
                                        : decrypt_traditional(block, passphrase);
}

bool is_encrypted_key(Bytes pem) {
  const auto found = find_key(pem);
  return found && found->key && is_encrypted(*found->key);
}

}  // namespace heliograph::crypto
