#include "crypto/sign.hpp"

#include <gtest/gtest.h>

#include "crypto/certificate.hpp"
#include "tests/crypto/fixtures.hpp"
#include "tests/crypto/vectors.hpp"

namespace heliograph::crypto {
namespace {

constexpr SignatureScheme kSchemes[] = {
    SignatureScheme::kEcdsaSecp256r1Sha256, SignatureScheme::kEcdsaSecp384r1Sha384,
    SignatureScheme::kRsaPssRsaeSha256,     SignatureScheme::kRsaPssRsaeSha384,
    SignatureScheme::kRsaPssRsaeSha512,     SignatureScheme::kEd25519};

PrivateKey load(std::string_view pem, std::string_view passphrase = {}) {
  return PrivateKey::from_pem(as_bytes(pem), passphrase).value();
}

std::string error_of(std::string_view pem, std::string_view passphrase = {}) {
  const auto key = PrivateKey::from_pem(as_bytes(pem), passphrase);
  return key ? "no error" : key.error();
}

TEST(PrivateKey, LoadsEveryForm) {
  using namespace fixtures;  // NOLINT(google-build-using-namespace)
  EXPECT_EQ(load(kRsaKey).type(), KeyType::kRsa);
  EXPECT_EQ(load(kRsaKey).bits(), 2048);
  EXPECT_EQ(load(kRsaTraditionalKey).type(), KeyType::kRsa);
  EXPECT_EQ(load(kP256TraditionalKey).type(), KeyType::kEcP256);
  EXPECT_EQ(load(kP256Pkcs8Key).type(), KeyType::kEcP256);
  EXPECT_EQ(load(kP256EncryptedPkcs8Key, kPassphrase).type(), KeyType::kEcP256);
  EXPECT_EQ(load(kP256EncryptedTraditionalKey, kPassphrase).type(), KeyType::kEcP256);
  EXPECT_EQ(load(kP384Key).type(), KeyType::kEcP384);
  EXPECT_EQ(load(kEd25519Key).type(), KeyType::kEd25519);
}

TEST(PrivateKey, EveryFormOfOneKeyBelongsToItsCertificate) {
  const auto chain = CertificateChain::from_pem(as_bytes(fixtures::kP256Certificate)).value();
  EXPECT_TRUE(chain.matches(load(fixtures::kP256TraditionalKey)));
  EXPECT_TRUE(chain.matches(load(fixtures::kP256Pkcs8Key)));
  EXPECT_TRUE(chain.matches(load(fixtures::kP256EncryptedPkcs8Key, fixtures::kPassphrase)));
  EXPECT_TRUE(chain.matches(load(fixtures::kP256EncryptedTraditionalKey, fixtures::kPassphrase)));
}

TEST(PrivateKey, IsFoundBehindACertificateAndAmongOtherText) {
  const std::string file = "Bag Attributes\n  friendlyName: x\n" +
                           std::string(fixtures::kP256Certificate) + "Key Attributes: none\n" +
                           std::string(fixtures::kP256Pkcs8Key);
  EXPECT_EQ(load(file).type(), KeyType::kEcP256);
}

TEST(PrivateKey, LoadsWithCarriageReturns) {
  std::string file;
  for (const char character : fixtures::kP256Pkcs8Key) {
    if (character == '\n') file += '\r';
    file += character;
  }
  EXPECT_EQ(load(file).type(), KeyType::kEcP256);
}

TEST(PrivateKey, PassphraseOfAPlainKeyIsIgnored) {
  EXPECT_EQ(load(fixtures::kP256Pkcs8Key, "anything").type(), KeyType::kEcP256);
}

TEST(PrivateKey, WrongPassphraseIsNamed) {
  EXPECT_EQ(error_of(fixtures::kP256EncryptedPkcs8Key, "wrong horse"), "the passphrase is wrong");
  EXPECT_EQ(error_of(fixtures::kP256EncryptedTraditionalKey, "wrong horse"),
            "the passphrase is wrong");
}

TEST(PrivateKey, MissingPassphraseIsNamed) {
  for (const auto pem :
       {fixtures::kP256EncryptedPkcs8Key, fixtures::kP256EncryptedTraditionalKey}) {
    EXPECT_EQ(error_of(pem), "the private key is encrypted: give its passphrase");
    EXPECT_TRUE(is_encrypted_key(as_bytes(pem)));
  }
  EXPECT_FALSE(is_encrypted_key(as_bytes(fixtures::kP256Pkcs8Key)));
  EXPECT_FALSE(is_encrypted_key(as_bytes(fixtures::kP256Certificate)));
}

TEST(PrivateKey, PassphraseMayHave1024BytesAndNoMore) {
  EXPECT_EQ(error_of(fixtures::kP256EncryptedTraditionalKey, std::string(1024, 'x')),
            "the passphrase is wrong");
  EXPECT_EQ(error_of(fixtures::kP256EncryptedTraditionalKey, std::string(1025, 'x')),
            "the passphrase is too long: 1024 bytes at most");
}

TEST(PrivateKey, OutdatedEncryptionIsNamed) {
  EXPECT_EQ(error_of(fixtures::kP256OutdatedEncryptionKey, fixtures::kPassphrase),
            "the private key is encrypted in a way that is not supported: encrypt it again with "
            "'openssl pkcs8 -topk8 -v2 aes-256-cbc'");
}

TEST(PrivateKey, FileWithoutAKeyIsNamed) {
  EXPECT_EQ(error_of(fixtures::kP256Certificate),
            "the key file holds a certificate, not a private key");
  EXPECT_EQ(error_of(fixtures::kOpenSshKey),
            "the private key is in OpenSSH's own format: convert it with 'ssh-keygen -p -m PKCS8'");
  EXPECT_EQ(error_of(""), "the file has no PRIVATE KEY block: a key in PEM form is needed");
  EXPECT_EQ(error_of("hello"), "the file has no PRIVATE KEY block: a key in PEM form is needed");
}

TEST(PrivateKey, UnsupportedKeysAreNamed) {
  EXPECT_EQ(error_of(fixtures::kRsa1024Key), "RSA key of 1024 bits is too short: 2048 at least");
  EXPECT_EQ(error_of(fixtures::kSecp256k1Key),
            "the key's curve is not supported: use P-256 or P-384");
  EXPECT_EQ(error_of(fixtures::kX25519Key),
            "the key's type is not supported: use RSA, EC or Ed25519");
}

TEST(PrivateKey, DamagedTextIsNamed) {
  std::string cut(fixtures::kP256Pkcs8Key.substr(0, 100));
  EXPECT_EQ(error_of(cut), "a PEM block is damaged: copy the file again");
  EXPECT_EQ(error_of("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
            "the private key is damaged, or of a type not supported");
  EXPECT_EQ(error_of("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n"
                     "-----END ENCRYPTED PRIVATE KEY-----\n",
                     "x"),
            "the private key is damaged");
}

TEST(PrivateKey, FileMayHaveOneMebibyteAndNoMore) {
  const std::string key(fixtures::kP256Pkcs8Key);
  const std::string at_limit = key + std::string((std::size_t{1} << 20U) - key.size(), '\n');
  EXPECT_EQ(load(at_limit).type(), KeyType::kEcP256);
  EXPECT_EQ(error_of(at_limit + "\n"), "the file is too large: 1 MiB at most");
}

PublicKey public_key_of(std::string_view spki_hex) {
  return PublicKey::from_der(from_hex(spki_hex)).value();
}

// RFC 8032 section 7.1, tests 1 and 2, as PKCS#8 and SubjectPublicKeyInfo (RFC 8410).
TEST(Signature, Ed25519GivesTheVectorsOfRfc8032) {
  struct Vector {
    std::string_view seed_base64;
    std::string_view public_hex;
    std::string_view message_hex;
    std::string_view signature_hex;
  };
  constexpr Vector kVectors[] = {
      {"MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
       "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
      {"MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
       "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
  };
  for (const Vector& vector : kVectors) {
    const PrivateKey key = load("-----BEGIN PRIVATE KEY-----\n" + std::string(vector.seed_base64) +
                                "\n-----END PRIVATE KEY-----\n");
    Buffer signature;
    ASSERT_TRUE(key.sign(SignatureScheme::kEd25519, from_hex(vector.message_hex), signature));
    EXPECT_EQ(hex_encode(signature.bytes()), vector.signature_hex);
    const PublicKey public_key =
        public_key_of("302a300506032b6570032100" + std::string(vector.public_hex));
    EXPECT_TRUE(public_key.verify(SignatureScheme::kEd25519, from_hex(vector.message_hex),
                                  from_hex(vector.signature_hex)));
  }
}

// RFC 6979 appendix A.2.5, P-256 with SHA-256 and the message "sample"; r and s in DER.
TEST(Signature, EcdsaVerifiesAVectorOfRfc6979) {
  const PublicKey key = public_key_of(
      "3059301306072a8648ce3d020106082a8648ce3d030107034200"
      "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
      "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
  const auto signature = from_hex(
      "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
      "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
  EXPECT_EQ(key.type(), KeyType::kEcP256);
  EXPECT_TRUE(key.verify(SignatureScheme::kEcdsaSecp256r1Sha256, as_bytes("sample"), signature));
  EXPECT_FALSE(key.verify(SignatureScheme::kEcdsaSecp256r1Sha256, as_bytes("samplf"), signature));
}

std::vector<PrivateKey> one_key_of_each_type() {
  std::vector<PrivateKey> keys;
  for (const auto pem :
       {fixtures::kRsaKey, fixtures::kP256Pkcs8Key, fixtures::kP384Key, fixtures::kEd25519Key}) {
    keys.push_back(load(pem));
  }
  return keys;
}

TEST(Signature, EveryKeySignsByItsSchemesAndByNoOther) {
  for (const PrivateKey& key : one_key_of_each_type()) {
    for (const SignatureScheme scheme : kSchemes) {
      Buffer out;
      out.append("before");
      const bool did_sign = key.sign(scheme, as_bytes("message"), out);
      EXPECT_EQ(did_sign, fits(key.type(), scheme));
      EXPECT_TRUE(out.text().starts_with("before"));
      EXPECT_EQ(out.size() > 6, did_sign);
      EXPECT_EQ(key.public_key().verify(scheme, as_bytes("message"), out.bytes().subspan(6)),
                did_sign);
    }
  }
}

TEST(Signature, EveryTypeOfKeyHasASchemeAndAName) {
  for (const PrivateKey& key : one_key_of_each_type()) {
    EXPECT_FALSE(schemes_of(key.type()).empty());
    EXPECT_FALSE(name(key.type()).empty());
    EXPECT_EQ(key.public_key().type(), key.type());
    EXPECT_EQ(key.public_key().bits(), key.bits());
  }
}

TEST(Signature, IsRefusedForAnotherMessageKeySchemeOrBit) {
  const auto others = one_key_of_each_type();
  for (const PrivateKey& key : one_key_of_each_type()) {
    for (const SignatureScheme scheme : schemes_of(key.type())) {
      Buffer out;
      ASSERT_TRUE(key.sign(scheme, as_bytes("message"), out));
      const PublicKey public_key = key.public_key();
      EXPECT_FALSE(public_key.verify(scheme, as_bytes("massage"), out.bytes()));
      EXPECT_FALSE(public_key.verify(scheme, as_bytes("message"), {}));
      EXPECT_FALSE(
          public_key.verify(scheme, as_bytes("message"), out.bytes().first(out.size() - 1)));
      for (const SignatureScheme other : kSchemes) {
        if (other != scheme) {
          EXPECT_FALSE(public_key.verify(other, as_bytes("message"), out.bytes()));
        }
      }
      for (const PrivateKey& other : others) {
        if (other.type() != key.type()) {
          EXPECT_FALSE(other.public_key().verify(scheme, as_bytes("message"), out.bytes()));
        }
      }
      out.mutable_bytes().back() ^= 1;
      EXPECT_FALSE(public_key.verify(scheme, as_bytes("message"), out.bytes()));
    }
  }
}

// "The length of the Salt MUST be equal to the length of the output of the digest algorithm"
// (RFC 9846 section 4.3.3): the signature of a 2048-bit key is as long as the key, and two of one
// message differ by their salts.
TEST(Signature, RsaPssIsSaltedAndAsLongAsTheKey) {
  const PrivateKey key = load(fixtures::kRsaKey);
  for (const SignatureScheme scheme : schemes_of(KeyType::kRsa)) {
    Buffer first;
    Buffer second;
    ASSERT_TRUE(key.sign(scheme, as_bytes("message"), first));
    ASSERT_TRUE(key.sign(scheme, as_bytes("message"), second));
    EXPECT_EQ(first.size(), 256U);
    EXPECT_FALSE(equal(first.bytes(), second.bytes()));
  }
}

TEST(PublicKey, RefusesDerThatIsDamagedOrFollowedByMore) {
  auto der = from_hex(
      "302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  EXPECT_TRUE(PublicKey::from_der(der).has_value());
  der.push_back(0);
  EXPECT_EQ(PublicKey::from_der(der).error(), "the public key is damaged");
  EXPECT_EQ(PublicKey::from_der(Bytes(der).first(20)).error(), "the public key is damaged");
  EXPECT_EQ(PublicKey::from_der({}).error(), "the public key is damaged");
}

}  // namespace
}  // namespace heliograph::crypto
